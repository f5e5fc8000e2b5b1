"""What a test asks of a number or a date, as one stretch of them: `low <= x < high`.

Amounts are whole thousandths and dates microseconds, so every comparison is such a stretch; its
ends have the column's own type, as a leakproof operator needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, Generic, TypeVar

from django.db.models import BooleanField, Q, Value

from segments.language.clock import Clock
from segments.language.tree import Between, Compare, DateValue, Moment, Number, Operator
from segments.language.tree import Value as Literal

T = TypeVar("T", int, datetime)

EVERYBODY = Q(Value(True, output_field=BooleanField()))
NOBODY = Q(Value(False, output_field=BooleanField()))
INT4, INT8 = 2**31 - 1, 2**63 - 1
EXACT = Context(prec=10_000)  # longer than any number of a query
SMALLEST_STEP, SECOND = timedelta(microseconds=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span(Generic[T]):
    """`low <= x < high`; None is no end. With `outside`, all else, and what is not known."""

    low: T | None
    high: T | None
    outside: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing lies between the ends."""
        return self.low is not None and self.high is not None and self.low >= self.high

    def holds(self, value: T) -> bool:
        """Whether the value is as asked."""
        within = (self.low is None or self.low <= value) and (
            self.high is None or value < self.high
        )
        return within != self.outside

    def condition(
        self,
        column: str,
        *,
        nullable: bool = True,
        stored: Callable[[T], Any] = lambda value: value,
    ) -> Q:
        """The condition on a column, or on an annotation; `stored` gives what its field takes."""
        if self.empty:
            return EVERYBODY if self.outside else NOBODY
        if isinstance(self.low, int) and self.high == self.low + 1:
            return equal(column, stored(self.low), nullable=nullable, negated=self.outside)
        ends = [
            (within, beyond, stored(end))
            for within, beyond, end in (("gte", "lt", self.low), ("lt", "gte", self.high))
            if end is not None
        ]
        if self.outside:
            parts = [Q(**{f"{column}__{beyond}": end}) for _, beyond, end in ends]
            parts += [Q(**{f"{column}__isnull": True})] if nullable else []
            return Q(*parts, _connector=Q.OR) if parts else NOBODY
        if ends:
            return Q(*(Q(**{f"{column}__{within}": end}) for within, _, end in ends))
        return Q(**{f"{column}__isnull": False}) if nullable else EVERYBODY


def equal(column: str, value: Any, *, nullable: bool = True, negated: bool = False) -> Q:
    """That the column has the value, or the exact complement of it."""
    if not negated:
        return Q(**{column: value})
    return Q(**{f"{column}__differs": value}) if nullable else ~Q(**{column: value})


def numbers(test: Compare | Between, *, scale: int = 1, largest: int = INT8) -> Span[int]:
    """The whole numbers that are as asked, of a column that holds `scale` times the literal."""
    if isinstance(test, Between):
        low, high = first(test.low, scale), after(test.high, scale)
        return within(Span(low, high), largest)
    at, beyond = first(test.value, scale), after(test.value, scale)
    return within(Span(*placed(test.operator, at, beyond, beyond)), largest)


def first(literal: Literal, scale: int) -> int:
    """The smallest whole number that is not below the literal."""
    return int(scaled(literal, scale).to_integral_value(ROUND_CEILING, EXACT))


def after(literal: Literal, scale: int) -> int:
    """The smallest whole number above the literal."""
    return int(scaled(literal, scale).to_integral_value(ROUND_FLOOR, EXACT)) + 1


def scaled(literal: Literal, scale: int) -> Decimal:
    """The literal in the column's unit; beyond all that it can hold, something beyond that."""
    if not isinstance(literal, Number):
        raise TypeError(f"{literal} is no number")
    value = min(max(literal.value, Decimal(-INT8 - 2)), Decimal(INT8 + 2))
    return EXACT.multiply(value, Decimal(scale))


def within(span: Span[int], largest: int) -> Span[int]:
    """The same stretch with ends that the column's type can hold."""
    low, high = span.low, span.high
    if (low is not None and low > largest) or (high is not None and high <= -largest - 1):
        return Span(0, 0, outside=span.outside)
    low = None if low is not None and low <= -largest - 1 else low
    high = None if high is not None and high > largest else high
    return Span(low, high, outside=span.outside)


def dates(test: Compare | Between, clock: Clock) -> Span[datetime]:
    """The moments that are as asked: whole days of the store, or exact times of its clock."""
    if isinstance(test, Between):
        low, high = ends_of(test.low, clock), ends_of(test.high, clock)
        return Span(low[0], high[2])
    start, beyond, last = ends_of(test.value, clock)
    if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL) and beyond != last:
        start = start.replace(microsecond=0)
        last = start + SECOND
    return Span(*placed(test.operator, start, beyond, last))


def ends_of(literal: Literal, clock: Clock) -> tuple[datetime, datetime, datetime]:
    """When it begins, the first moment that is after it, and where what belongs to it ends.

    A day is over where the next one begins; a time is a moment, to which its second belongs.
    """
    if isinstance(literal, Moment):
        at = clock.moment_of(literal)
        return at, at + SMALLEST_STEP, at + SECOND
    if not isinstance(literal, DateValue):
        raise TypeError(f"{literal} is no date")
    day = clock.day_of(literal)
    end = clock.end_of(day)
    return clock.start_of(day), end, end


def placed(operator: Operator, at: T, beyond: T, last: T) -> tuple[T | None, T | None, bool]:
    """The ends that an operator gives: `at` is the value, `beyond` the first after it."""
    match operator:
        case Operator.EQUAL | Operator.NOT_EQUAL:
            return at, last, operator is Operator.NOT_EQUAL
        case Operator.GREATER:
            return beyond, None, False
        case Operator.AT_LEAST:
            return at, None, False
        case Operator.LESS:
            return None, at, False
        case Operator.AT_MOST:
            return None, beyond, False
