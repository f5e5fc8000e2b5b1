"""The charts of the home page, as the data that django-unfold's Chart.js takes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from orders.numbers.glance import Stretch
from orders.numbers.periods import Interval, Period, begin_of, end_of

NOW, BEFORE, PART = "var(--color-primary-600)", "var(--color-base-400)", "var(--color-primary-300)"
FORMATS = {Interval.DAY: "j M", Interval.WEEK: "j M", Interval.MONTH: "M Y"}
MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart, and what it says in words for who cannot see it."""

    title: str
    kind: str
    data: str
    words: str
    shows_before: bool = False
    part: str = ""  # of a stretch that is not whole, for the legend


def charts_of(
    now: Sequence[Stretch],
    before: Sequence[Stretch],
    interval: Interval,
    *,
    currency: str,
    today: date,
) -> list[Chart]:
    """Revenue, orders, and customers over the stretches; what is not whole is drawn as such."""
    labels = [date_format(each.period.first, FORMATS[interval]) for each in now]
    whole = [is_whole(each.period, interval, today) for each in now]
    part = "" if all(whole) else part_of(interval)
    revenue = [float(each.revenue) for each in now]
    orders = [each.orders for each in now]
    new = [each.new_customers for each in now]
    was_revenue = [float(each.revenue) for each in before][: len(now)]
    was_orders = [each.orders for each in before][: len(now)]
    ever = [each.customers for each in now]
    by = f"by {interval.label.lower()}"
    return [
        Chart(
            f"Revenue {by}, {currency}",
            "line",
            drawn(labels, *lines("Revenue", revenue, whole), earlier(was_revenue)),
            spoken(labels, revenue, currency, part),
            shows_before=True,
            part=part,
        ),
        Chart(
            f"Orders {by}",
            "line",
            drawn(labels, *lines("Orders", orders, whole), earlier(was_orders)),
            spoken(labels, orders, "orders", part),
            shows_before=True,
            part=part,
        ),
        Chart(
            "Customers who have ever ordered",
            "line",
            drawn(labels, line("Customers", ever) | {"fill": False}),
            f"From {ever[0]:,} to {ever[-1]:,} customers.",
        ),
        Chart(
            f"New customers {by}",
            "bar",
            drawn(labels, bars("New customers", new, whole)),
            spoken(labels, new, "new customers", part),
            part=part,
        ),
    ]


def is_whole(period: Period, interval: Interval, today: date) -> bool:
    """Whether it is a day, week or month from its begin to its end, and over."""
    begins, ends = begin_of(period.first, interval), end_of(period.first, interval)
    return (period.first, period.last) == (begins, ends) and ends < today


def part_of(interval: Interval) -> str:
    """What a stretch is that is not whole: a day always is, once it is over."""
    return "not over yet" if interval is Interval.DAY else f"part of a {interval.value}"


def drawn(labels: list[str], *sets: dict[str, Any]) -> str:
    """What Chart.js reads."""
    return json.dumps({"labels": labels, "datasets": sets})


def line(label: str, values: Sequence[float | None]) -> dict[str, Any]:
    """The period's own line."""
    return {
        "label": label, "data": list(values), "borderColor": NOW, "backgroundColor": NOW,
        "tension": 0.25, "displayYAxis": True, "maxTicksXLimit": MOST_TICKS,
    }  # fmt: skip


def lines(label: str, values: Sequence[float], whole: Sequence[bool]) -> list[dict[str, Any]]:
    """The line of whole stretches; dotted and with a dot what leads to the others."""
    if all(whole):
        return [line(label, values)]
    near = [not all(whole[max(at - 1, 0) : at + 2]) for at in range(len(whole))]
    solid = [value if is_so else None for value, is_so in zip(values, whole, strict=True)]
    dotted = [value if is_so else None for value, is_so in zip(values, near, strict=True)]
    marked = {
        "borderDash": [2, 3],
        "pointStyle": "circle",
        "pointRadius": [0 if is_so else 3 for is_so in whole],
    }
    return [line(label, solid), line(f"{label}, not whole", dotted) | marked]


def bars(label: str, values: Sequence[float], whole: Sequence[bool]) -> dict[str, Any]:
    """The period's own bars, paler where a stretch is not whole."""
    colours = [NOW if is_so else PART for is_so in whole]
    shape = {"maxBarThickness": 14, "borderRadius": 2, "backgroundColor": colours}
    return line(label, values) | shape


def earlier(values: Sequence[float]) -> dict[str, Any]:
    """The line of the period before, thin and broken, under the same labels."""
    return {
        "label": "The period before", "data": list(values), "borderColor": BEFORE,
        "backgroundColor": BEFORE, "borderDash": [4, 4], "borderWidth": 1.5, "tension": 0.25,
    }  # fmt: skip


def spoken(labels: list[str], values: Sequence[float], unit: str, part: str) -> str:
    """The sum, where it was highest, and whether a stretch is not whole."""
    best = max(range(len(values)), key=lambda at: values[at])
    told = f"{sum(values):,.0f} {unit} in all, most at {labels[best]}: {values[best]:,.0f}."
    return f"{told} Drawn with dots: {part}." if part else told
