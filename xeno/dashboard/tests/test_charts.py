"""Charts of the home page: what is not a whole week is not drawn as if it were one."""

import json
from datetime import date
from decimal import Decimal

import pytest

from orders.numbers.glance import Stretch
from orders.numbers.periods import Interval, Period
from xeno.dashboard.home.charts import charts_of

TODAY = date(2026, 3, 18)  # a Wednesday


def drawn_of(first, last, interval, *, today=TODAY):
    """Revenue and new customers of the period, which had one order more in each stretch."""
    course = [
        Stretch(period, number, Decimal(number), number, number)
        for number, period in enumerate(Period(first, last).stretches(interval), start=1)
    ]
    found = charts_of(course, [], interval, currency="GBP", today=today)
    return found[0], found[-1], json.loads(found[0].data)["datasets"]


def test_a_week_that_is_not_over_is_dotted_and_said():
    chart, _, (whole, part, _) = drawn_of(date(2026, 3, 2), TODAY, Interval.WEEK)

    assert whole["data"] == [1.0, 2.0, None]
    assert (part["data"], part["borderDash"]) == ([None, 2.0, 3.0], [2, 3])
    assert part["pointRadius"] == [0, 0, 3]
    assert chart.part == "part of a week"
    assert "6 GBP in all" in chart.words
    assert "part of a week" in chart.words


def test_a_week_whose_begin_is_cut_off_is_dotted_too():
    _, bars, (whole, part, _) = drawn_of(date(2026, 2, 25), date(2026, 3, 15), Interval.WEEK)

    assert (whole["data"], part["data"]) == ([None, 2.0, 3.0], [1.0, 2.0, None])
    (drawn,) = json.loads(bars.data)["datasets"]
    first, *others = drawn["backgroundColor"]
    assert first not in others


@pytest.mark.parametrize(
    ("first", "last", "interval"),
    [
        (date(2026, 3, 2), date(2026, 3, 15), Interval.WEEK),
        (date(2026, 3, 14), date(2026, 3, 17), Interval.DAY),
        (date(2026, 1, 1), date(2026, 2, 28), Interval.MONTH),
    ],
)
def test_whole_stretches_are_one_line_and_nothing_is_said(first, last, interval):
    chart, _, sets = drawn_of(first, last, interval)

    assert len(sets) == 2  # theirs, and the period before
    assert None not in sets[0]["data"]
    assert chart.part == ""


def test_today_is_not_over():
    chart, _, (whole, part, _) = drawn_of(date(2026, 3, 16), TODAY, Interval.DAY)

    assert (whole["data"], part["data"]) == ([1.0, 2.0, None], [None, 2.0, 3.0])
    assert chart.part == "not over yet"
