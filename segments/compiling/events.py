"""Functions: what happened to a customer, chosen by parameters and tested together.

Parameters that are no aggregates choose rows, all of the same row; `count` and sums test the
chosen rows of a customer together, who has 0 of each without any.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Count, Exists, Max, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from segments.compiling.among import Among
from segments.compiling.sources import Facts, Question, Source
from segments.compiling.spans import EVERYBODY, INT4, INT8, NOBODY, Span, dates, equal, numbers
from segments.language.tree import (
    Between,
    Clause,
    Compare,
    IsNull,
    Matches,
    Number,
    OneOf,
    Operator,
    Parameter,
    Value,
)

Asked = Compare | Between | OneOf
Chooser = Callable[[Asked, Question], Q]
SOME: Span[int] = Span(1, None)
NONE: Span[int] = Span(0, 1)


@dataclass(frozen=True, slots=True)
class Total:
    """One aggregate: what is added up, in `scale` times the literal's unit."""

    made: Callable[[Question], Aggregate]
    scale: int = 1
    stored: Callable[[int], Any] = int
    largest: int = INT8
    nullable: bool = True  # a sum of nothing is null, which here is 0

    def expression(self, asked: Question) -> Any:
        """The aggregate, never null."""
        made = self.made(asked)
        if not self.nullable:
            return made
        return Coalesce(made, self.stored(0), output_field=made.output_field)


@dataclass(frozen=True)
class Events(Source):
    """Rows of one model, each of one customer."""

    model: type[Model]
    kinds: frozenset[str]
    choosers: Mapping[str, Chooser]
    totals: Mapping[str, Total]
    at: str = ""  # the column of the date
    base: Q = field(default_factory=Q)  # which rows count at all
    customer: str = "customer"
    kinds_of: Mapping[str, str] = field(default_factory=dict)  # what a parameter reads besides

    def reads(self, clause: Clause) -> frozenset[str]:
        return self.kinds | {
            self.kinds_of[each.name] for each in parameters(clause) if each.name in self.kinds_of
        }

    def rows(self, asked: Question, *, by_policy: bool = True) -> QuerySet[Any]:
        """The rows that count, of everybody who is asked of."""
        return asked.rows(self.model, self.customer, by_policy=by_policy).filter(self.base)

    def chosen(self, clause: Clause, asked: Question) -> QuerySet[Any]:
        """The rows that the parameters choose.

        Where these join another table no index of customers is probed: decision 0019.
        """
        joining = any(each.name in self.kinds_of for each in parameters(clause))
        found = self.rows(asked, by_policy=not joining)
        choosing = [each for each in parameters(clause) if each.name in self.choosers]
        conditions = [self.choosers[each.name](each.test, asked) for each in choosing]
        return found.filter(*conditions) if conditions else found

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=negated):
                some = self.some(self.rows(asked))
                return some if negated else ~some
            case Matches(negated=negated):
                found = self.found(clause, asked)
                return ~found if negated else found
        raise TypeError(f"{clause.name} cannot be asked so")

    def found(self, clause: Clause, asked: Question) -> Q:
        """Whom MATCHES finds."""
        chosen = self.chosen(clause, asked)
        spans = self.spans(clause)
        if all(name == "count" and span == SOME for name, span in spans.items()):
            return self.some(chosen)
        if spans == {"count": NONE}:
            return ~self.some(chosen)
        holds = Q(*(self.tested(name, span) for name, span in spans.items()))
        # Whoever has no chosen row is in no group: they are asked for as the complement.
        none_too = all(span.holds(0) for span in spans.values())
        groups = chosen.filter(**{f"{self.customer}__isnull": False}).order_by()
        annotations = {f"the_{name}": self.totals[name].expression(asked) for name in spans}
        groups = groups.values(self.customer_id).annotate(**annotations)
        groups = groups.filter(~holds if none_too else holds).values(self.customer_id)
        found = Q(Among(groups))
        return ~found if none_too else found

    @property
    def customer_id(self) -> str:
        """The column of the customer."""
        return f"{self.customer}_id"

    def some(self, rows: QuerySet[Any]) -> Q:
        """That the customer has one of these rows."""
        return Q(Exists(rows.filter(**{self.customer: OuterRef("pk")})))

    def spans(self, clause: Clause) -> dict[str, Span[int]]:
        """What is asked of each aggregate."""
        found = {}
        for each in parameters(clause):
            if each.name in self.totals:
                if isinstance(each.test, OneOf):
                    raise TypeError(f"{each.name} takes no list")
                total = self.totals[each.name]
                span = numbers(each.test, scale=total.scale, largest=total.largest)
                found[each.name] = plain(span)
        return found

    def tested(self, name: str, span: Span[int]) -> Q:
        """The condition on the aggregate's annotation."""
        return span.condition(f"the_{name}", nullable=False, stored=self.totals[name].stored)

    def facts(self, clause: Clause, asked: Question) -> Facts:
        wanted = {name: self.totals[name].expression(asked) for name in self.spans(clause)}
        wanted.setdefault("count", self.totals["count"].expression(asked))
        if self.at:
            wanted["newest"] = Max(self.at)
        return dict(self.chosen(clause, asked).aggregate(**wanted))

    def moments(self, clause: Clause, asked: Question) -> Iterable[datetime]:
        return self.rows(asked).values_list(self.at, flat=True).distinct() if self.at else ()


def parameters(clause: Clause) -> tuple[Parameter, ...]:
    """The parameters of MATCHES."""
    return clause.test.parameters if isinstance(clause.test, Matches) else ()


def plain(span: Span[int]) -> Span[int]:
    """The span over numbers that are never negative, in the one form that it is known by."""
    if span == Span(None, 1):
        return NONE
    if span == Span(0, 1, outside=True):
        return SOME
    return span


def count_rows(asked: Question) -> Aggregate:
    """How many rows."""
    return Count("*")


COUNT = Total(count_rows, largest=INT4, nullable=False)


def by_id(column: str, *, nullable: bool = True) -> Chooser:
    """A parameter of 64-bit ids."""

    def chooser(test: Asked, asked: Question) -> Q:
        if isinstance(test, Between):
            raise TypeError("ids have no order")
        values: tuple[Value, ...]
        if isinstance(test, Compare):
            values, negated = (test.value,), test.operator is Operator.NOT_EQUAL
        else:
            values, negated = test.values, test.negated
        ids = sorted({number for value in values if (number := whole(value)) is not None})
        if not ids:
            return EVERYBODY if negated else NOBODY
        if len(ids) == 1:
            return equal(column, ids[0], nullable=nullable, negated=negated)
        among = Q(**{f"{column}__any_of": ids})
        return ~among if negated else among

    return chooser


def whole(value: Value) -> int | None:
    """The 64-bit id of a literal; None: no row can have it."""
    if not isinstance(value, Number):
        raise TypeError(f"{value} is no id")
    span = numbers(Compare(Operator.EQUAL, value))
    return None if span.empty else span.low


def by_number(column: str, *, largest: int, nullable: bool = False) -> Chooser:
    """A parameter of whole numbers."""

    def chooser(test: Asked, asked: Question) -> Q:
        if isinstance(test, OneOf):
            raise TypeError("takes no list")
        return numbers(test, largest=largest).condition(column, nullable=nullable)

    return chooser


def by_date(column: str) -> Chooser:
    """A parameter of the store's days, of a moment that every row has."""

    def chooser(test: Asked, asked: Question) -> Q:
        if isinstance(test, OneOf):
            raise TypeError("takes no list")
        return dates(test, asked.clock).condition(column, nullable=False)

    return chooser
