"""What a test asks of a date, as one stretch of moments, over all time zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from segments.compiling.spans import dates
from segments.language.clock import Clock
from segments.language.tree import Between, Compare, Day, Moment, Named, Offset, Operator
from tests.segments.days import span_of

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
NOWS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.dates(date(1990, 1, 1), date(2037, 1, 1))
OFFSETS = st.builds(Offset, st.integers(-800, 400), st.sampled_from("dwmy"))
VALUES = st.one_of(
    OFFSETS, DAYS.map(Day), st.sampled_from(("today", "yesterday")).map(Named),
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001
        lambda moment: Moment(moment.replace(microsecond=0))
    ),
)  # fmt: skip
AROUND = st.sampled_from([timedelta(microseconds=n) for n in (-1, 0, 1, 999_999, 1_000_000)])


def expected(operator, value, moment, clock):
    """By the decision's own words, with days worked out apart from the product."""
    start, end = span_of(value, clock.today, clock.zone)
    exact = isinstance(value, Moment)
    return {
        Operator.EQUAL: start <= moment < end,
        Operator.NOT_EQUAL: not start <= moment < end,
        Operator.GREATER: moment > start if exact else moment >= end,
        Operator.AT_LEAST: moment >= start,
        Operator.LESS: moment < start,
        Operator.AT_MOST: moment <= start if exact else moment < end,
    }[operator]


@given(ZONES, NOWS, VALUES, st.sampled_from(Operator), st.booleans(), AROUND)
def test_f047_days_are_whole_ones_of_the_stores_clock(zone, now, value, operator, at_end, around):
    clock = Clock(now, zone)
    moment = span_of(value, clock.today, zone)[at_end] + around

    span = dates(Compare(operator, value), clock)

    assert span.holds(moment) is expected(operator, value, moment, clock)


@given(ZONES, NOWS, VALUES, VALUES, st.booleans(), AROUND)
def test_f047_both_ends_of_a_range_belong_to_it(zone, now, low, high, at_end, around):
    clock = Clock(now, zone)
    start, end = span_of(low, clock.today, zone)[0], span_of(high, clock.today, zone)[1]
    moment = (end if at_end else start) + around

    span = dates(Between(low, high), clock)

    assert span.holds(moment) is (start <= moment < end)
