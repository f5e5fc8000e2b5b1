"""Which values a comparison leaves, as spans on axes along which values can be compared.

Days of the calendar are one axis, days counted from today another, months a third: how two axes
lie to each other depends on the day of the question, so ends on different axes prove nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from segments.language.clock import within
from segments.language.registry import Kind, find_attribute
from segments.language.tree import (
    Between,
    Clause,
    Compare,
    Day,
    Moment,
    Named,
    Number,
    Offset,
    OneOf,
    Operator,
    Test,
    Value,
)

# A bound is a value and how far beyond it the span begins or ends: 1 just above, -1 just below.
Bound = tuple[Decimal, int]
SHORTEST_MONTH = 28
SLACK = 1  # days by which a time of the clock may lie beyond its day, where a clock jumps
LOWER = {Operator.GREATER: 1, Operator.AT_LEAST: 0, Operator.EQUAL: 0}
UPPER = {Operator.LESS: -1, Operator.AT_MOST: 0, Operator.EQUAL: 0}
# What can be at all; the rest may be anything.
BASES: dict[str, tuple[Bound, Bound | None]] = {
    "number_of_orders": ((Decimal(0), 0), None),
    **{
        f"rfm_{score}": ((Decimal(1), 0), (Decimal(5), 0))
        for score in ("recency", "frequency", "monetary")
    },
}


@dataclass(frozen=True, slots=True)
class Span:
    """All that lies between two bounds of one axis; None is no bound."""

    axis: str
    low: Bound | None = None
    high: Bound | None = None

    def misses(self, other: "Span") -> bool:
        """Whether the two certainly have no value in common."""
        return self.axis == other.axis and (
            beyond(self.low, other.high) or beyond(other.low, self.high)
        )


COUNTS = Span("number", low=(Decimal(0), 0))


def beyond(low: Bound | None, high: Bound | None) -> bool:
    """Whether what begins at one bound begins after what ends at the other."""
    return low is not None and high is not None and low > high


def never(clause: Clause) -> bool:
    """Whether no value at all fulfils the clause."""
    if clause.name not in BASES:
        return False
    base = Span("number", *BASES[clause.name])
    return any(span.misses(base) for span in spans_of(clause))


def no_count(test: Test | OneOf) -> bool:
    """Whether how often something happened can never be as the test asks."""
    return any(span.misses(COUNTS) for span in ends_of(test, whole=True))


def cover(tests: Iterable[Test | OneOf], lowest: Bound | None, *, whole: bool) -> bool:
    """Whether every number, from the lowest that can be, fulfils one of the tests."""
    every = (stretch for test in tests for stretch in stretches(test, whole=whole))
    reached = lowest
    for low, high in sorted(every, key=lambda stretch: stretch[0] or (-Decimal("inf"), 0)):
        if low is not None and (reached is None or low > reached):
            return False
        if high is None:
            return True
        behind = (high[0] + 1, 0) if whole else (high[0], high[1] + 1)
        reached = behind if reached is None else max(reached, behind)
    return False


def stretches(test: Test | OneOf, *, whole: bool) -> Iterator[tuple[Bound | None, Bound | None]]:
    """From where to where the test is true of a number."""
    if isinstance(test, Compare) and test.operator == Operator.NOT_EQUAL:
        yield None, upper(test.value, -1, whole=whole).high
        yield lower(test.value, 1, whole=whole).low, None
    elif ends := tuple(ends_of(test, whole=whole)):
        lows, highs = [end.low for end in ends], [end.high for end in ends]
        yield next(filter(None, lows), None), next(filter(None, highs), None)


def disjoint(one: Clause, other: Clause) -> bool:
    """Whether no value fulfils both."""
    others = spans_of(other)
    return any(span.misses(each) for span in spans_of(one) for each in others)


def backwards(test: Between) -> bool:
    """Whether the upper end certainly lies before the lower one."""
    (axis, low, unsure), (other, high, unsurer) = position(test.low), position(test.high)
    return axis == other != "" and low > high + unsure + unsurer


def spans_of(clause: Clause) -> tuple[Span, ...]:
    """What the clause leaves; nothing known is no span."""
    attribute = find_attribute(clause.name)
    whole = attribute is not None and attribute.kind in {Kind.INTEGER, Kind.DATE}
    return tuple(span for span in ends_of(clause.test, whole=whole) if span.axis)


def ends_of(test: Test | OneOf, *, whole: bool) -> Iterator[Span]:
    """Each end of the comparison on its own axis."""
    match test:
        case Compare():
            if test.operator in LOWER:
                yield lower(test.value, LOWER[test.operator], whole=whole)
            if test.operator in UPPER:
                yield upper(test.value, UPPER[test.operator], whole=whole)
        case Between():
            yield lower(test.low, 0, whole=whole)
            yield upper(test.high, 0, whole=whole)


def lower(value: Value, step: int, *, whole: bool) -> Span:
    """From the value on, or from behind it."""
    axis, at, slack = position(value)
    if slack:
        return Span(axis, low=(at - slack, 0))
    return Span(axis, low=(at + step, 0) if whole else (at, step))


def upper(value: Value, step: int, *, whole: bool) -> Span:
    """Up to the value, or to before it."""
    axis, at, slack = position(value)
    if slack:
        return Span(axis, high=(at + slack, 0))
    return Span(axis, high=(at + step, 0) if whole else (at, step))


def position(value: Value) -> tuple[str, Decimal, int]:
    """The axis of the value ('' where it has none), its place there, and how sure that is."""
    match value:
        case Number():
            return "number", value.value, 0
        case Day():
            return "calendar", Decimal(within(value.value).toordinal()), 0
        case Moment():
            return "calendar", Decimal(within(value.value.date()).toordinal()), SLACK
        case Named():
            return "days", Decimal(0 if value.name == "today" else -1), 0
        case Offset(unit="d" | "w"):
            return "days", Decimal(value.count * (7 if value.unit == "w" else 1)), 0
        case Offset():
            months = value.count * (12 if value.unit == "y" else 1)
            return "months", Decimal(months * SHORTEST_MONTH), 0  # later months, later days
    return "", Decimal(0), 0
