"""Why a customer is in a segment or not: clause by clause, and until when it stays so.

Every verdict is the SQL's own: the conditions of the compiler, asked of the one customer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Case, Q, Value, When

from customers.models import Customer
from segments.compiling.compiler import compiled, dates_of, every_clause
from segments.compiling.sources import Question, source_of
from segments.language.clock import Clock, shifted
from segments.language.tree import And, Clause, DateValue, Named, Node, Offset, clauses_of

YEARS_AHEAD = 5
DAYS_AT_ONCE = 40  # verdicts of one statement
SLACK = 4  # days by which the end of a month can move a date


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """One clause: whether it is true of the customer, and what decided that."""

    clause: Clause
    holds: bool
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """All (`and`) or any (`or`) of the parts."""

    joined: str
    holds: bool
    parts: tuple["Verdict", ...]


Verdict = ClauseVerdict | GroupVerdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the query finds the customer, why, and the store's first day on which that is
    otherwise if nothing else happens; None: not within five years."""

    holds: bool
    verdict: Verdict
    changes_on: date | None


def explain(
    node: Node, *, customer: Customer, clock: Clock, path: Sequence[int] = ()
) -> Explanation:
    """Why the query finds the customer at the clock's moment, or does not."""
    asked = Question(clock, (customer.pk,), tuple(path))
    clauses = list(clauses_of(node))
    *answers, whole = answered([compiled(each, asked) for each in [*clauses, node]], customer)
    facts = [source_of(clause).facts(clause, asked) for clause in clauses]
    verdicts = map(ClauseVerdict, clauses, answers, facts)
    return Explanation(whole, built(node, verdicts), changes_on(node, customer, asked, now=whole))


def answered(conditions: Sequence[Q], customer: Customer) -> list[bool]:
    """Whether each condition is true of the customer, in one statement."""
    columns = {
        f"holds_{number}": Case(When(condition, then=Value(True)), default=Value(False))
        for number, condition in enumerate(conditions)
    }
    found = Customer.objects.filter(pk=customer.pk).annotate(**columns).values_list(*columns)
    return list(found.get())


def built(node: Node, verdicts: Iterator[ClauseVerdict]) -> Verdict:
    """The tree again, with the verdicts of its clauses in the order of the text."""
    if isinstance(node, Clause):
        return next(verdicts)
    parts = tuple(built(part, verdicts) for part in node.parts)
    if isinstance(node, And):
        return GroupVerdict("and", all(part.holds for part in parts), parts)
    return GroupVerdict("or", any(part.holds for part in parts), parts)


# --- The day on which it changes ----------------------------------------------------------------


def changes_on(node: Node, customer: Customer, asked: Question, *, now: bool) -> date | None:
    """The first of the store's coming days on which the answer is another than `now`.

    It can change only where a date of the query, on its way, meets a date of the customer.
    """
    coming = sorted(turning_days(node, asked))
    for start in range(0, len(coming), DAYS_AT_ONCE):
        days = coming[start : start + DAYS_AT_ONCE]
        conditions = [compiled(node, on_day(asked, day)) for day in days]
        for day, holds in zip(days, answered(conditions, customer), strict=True):
            if holds is not now:
                return day
    return None


def on_day(asked: Question, day: date) -> Question:
    """The same question at the first moment of another day."""
    return replace(asked, clock=replace(asked.clock, now=asked.clock.start_of(day)))


def turning_days(node: Node, asked: Question) -> set[date]:
    """The coming days on which some date of the query meets, or leaves, one of the customer's."""
    last = shifted(asked.clock.today, YEARS_AHEAD, "y")
    found = set[date]()
    for clause, inner in every_clause(node, asked):
        moving = {value for value in dates_of(clause) if isinstance(value, Offset | Named)}
        if moving:
            days = days_of(source_of(clause).moments(clause, inner), asked.clock)
            found.update(meeting for value in moving for meeting in meetings(value, days))
    return {day for day in found if asked.clock.today < day <= last}


def days_of(moments: Iterable[datetime], clock: Clock) -> set[date]:
    """The store's day of each moment: the last that has begun by then."""
    return {day_of(moment, clock) for moment in moments}


def day_of(moment: datetime, clock: Clock) -> date:
    """The last day that has begun at the moment, though the clock may show another again."""
    shown = moment.astimezone(clock.zone).date()
    begun = (day for day in (shifted(shown, 1, "d"), shown) if clock.start_of(day) <= moment)
    return next(begun, shifted(shown, -1, "d"))


def meetings(value: DateValue, days: Iterable[date]) -> Iterator[date]:
    """The days on which the query's date first reaches one of these, and first leaves it."""
    for day in days:
        yield reached_on(value, day)
        yield reached_on(value, shifted(day, 1, "d"))


def reached_on(value: DateValue, goal: date) -> date:
    """The first day from which on the query's date is the goal or later."""
    count, unit = (value.count, value.unit) if isinstance(value, Offset) else (0, "d")
    if isinstance(value, Named) and value.name == "yesterday":
        count = -1
    guess = shifted(goal, -count, unit)
    days = (shifted(guess, number, "d") for number in range(-SLACK, SLACK + 1))
    return next((day for day in days if shifted(day, count, unit) >= goal), guess)
