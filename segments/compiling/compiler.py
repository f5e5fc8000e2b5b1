"""The tree as one condition on customers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Subquery

from customers.models import Customer
from segments.compiling.sources import Question, source_of
from segments.language.clock import Clock
from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    DateValue,
    Matches,
    Named,
    Node,
    Offset,
    OneOf,
    Operator,
    Or,
    Value,
    clauses_of,
)

# For what does not depend on when it is asked.
NO_MOMENT = Question(Clock(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC")))


def matching(
    node: Node, *, clock: Clock, among: Sequence[int] | None = None, path: Sequence[int] = ()
) -> QuerySet[Any]:
    """The customers of the open store whom the query finds at the clock's moment.

    With `among`, only these of our ids are asked of, and little more than their rows is read.
    `path` are the ids of the segments whose query this is, to which it must not lead back.
    """
    found = condition(node, clock=clock, among=among, path=path)
    joined = reads_other_tables(found)
    rows = Customer.objects.by_policy() if joined else Customer.objects.all()
    if among is not None:
        rows = rows.filter(pk__any_of=among)
    return rows.order_by().filter(found)


def reads_other_tables(found: Q) -> bool:
    """Whether customers are joined: alone, an id is compared faster than the policy's words."""
    return any(
        reads_other_tables(part) if isinstance(part, Q) else isinstance(part, Subquery)
        for part in found.children
    )


def condition(
    node: Node, *, clock: Clock, among: Sequence[int] | None = None, path: Sequence[int] = ()
) -> Q:
    """The condition on a row of customers; see `matching`."""
    only = None if among is None else tuple(among)
    return compiled(node, Question(clock, only, tuple(path)))


def reads_of(node: Node, *, path: Sequence[int] = ()) -> frozenset[str]:
    """The kinds of data whose change may change who is found.

    Of a segment that the query names, `segment:<id>` and what that one reads.
    """
    every = every_clause(node, replace(NO_MOMENT, path=tuple(path)))
    return frozenset[str]().union(*(source_of(clause).reads(clause) for clause, _ in every))


def compiled(node: Node, asked: Question) -> Q:
    """The condition of a tree or a part of it."""
    if isinstance(node, Clause):
        return source_of(node).condition(node, asked)
    joined = Q.AND if isinstance(node, And) else Q.OR
    return Q(*conditions(node, asked), _connector=joined)


def conditions(node: And | Or, asked: Question) -> Iterator[Q]:
    """The conditions of the parts; equalities of one attribute are asked at once.

    `a OR b` of two tags is one of both; so is the complement, neither `a AND b`.
    """
    together: dict[tuple[str, str], list[Clause]] = {}
    for part in node.parts:
        if isinstance(part, Clause) and equality_of(part, negated=isinstance(node, And)):
            together.setdefault((part.name, part.argument), []).append(part)
    merged = {
        id(clause): clauses
        for clauses in together.values()
        if len(clauses) > 1
        for clause in clauses
    }
    done = set[int]()
    for part in node.parts:
        clauses = merged.get(id(part))
        if clauses is None:
            yield compiled(part, asked)
        elif id(clauses) not in done:
            done.add(id(clauses))
            yield from merged_condition(clauses, asked, negated=isinstance(node, And))


def merged_condition(clauses: list[Clause], asked: Question, *, negated: bool) -> Iterator[Q]:
    """One condition of several equalities, or each by itself where the source has no such."""
    values = [equality_of(clause, negated=negated) for clause in clauses]
    source = source_of(clauses[0])
    found = source.any_of([value for value in values if value is not None], asked)
    if found is None:
        yield from (source.condition(clause, asked) for clause in clauses)
    else:
        yield ~found if negated else found


def equality_of(clause: Clause, *, negated: bool) -> Value | None:
    """The value that the clause asks for, or with `negated` asks not to be there; dates apart."""
    wanted = Operator.NOT_EQUAL if negated else Operator.EQUAL
    match clause.test:
        case Compare(operator=operator, value=value) if operator is wanted:
            return None if isinstance(value, DateValue) else value
        case Contains(value=value, negated=is_negated) if is_negated is negated:
            return value
    return None


def every_clause(node: Node, asked: Question) -> Iterator[tuple[Clause, Question]]:
    """The clauses, and for those that stand for another query also its clauses."""
    for clause in clauses_of(node):
        yield clause, asked
        inner = source_of(clause).inner(clause, asked)
        if inner is not None:
            yield from every_clause(*inner)


def follows_the_day(node: Node, *, path: Sequence[int] = ()) -> bool:
    """Whether the answer may change at the store's midnight though no data does."""
    return any(
        isinstance(value, Offset | Named)
        for clause, _ in every_clause(node, replace(NO_MOMENT, path=tuple(path)))
        for value in dates_of(clause)
    )


def dates_of(clause: Clause) -> Iterator[DateValue]:
    """The dates that the clause is about, also those of its parameters."""
    tests: list[Any] = [clause.test]
    if isinstance(clause.test, Matches):
        tests = [each.test for each in clause.test.parameters]
    for test in tests:
        values: tuple[object, ...] = ()
        match test:
            case Compare(value=value):
                values = (value,)
            case Between(low=low, high=high):
                values = (low, high)
            case OneOf(values=values):
                pass
        yield from (value for value in values if isinstance(value, DateValue))
