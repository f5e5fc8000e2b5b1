"""The charts of the home page, as the data that django-unfold's Chart.js takes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format

from orders.numbers.glance import Stretch
from orders.numbers.periods import Interval

NOW, BEFORE = "var(--color-primary-600)", "var(--color-base-400)"
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


def charts_of(
    now: Sequence[Stretch], before: Sequence[Stretch], interval: Interval, currency: str
) -> list[Chart]:
    """Revenue, orders, and customers over the stretches."""
    labels = [date_format(each.period.first, FORMATS[interval]) for each in now]
    revenue = [float(each.revenue) for each in now]
    orders = [each.orders for each in now]
    was_revenue = [float(each.revenue) for each in before][: len(now)]
    was_orders = [each.orders for each in before][: len(now)]
    ever = [each.customers for each in now]
    by = f"by {interval.label.lower()}"
    return [
        Chart(
            f"Revenue {by}, {currency}",
            "line",
            drawn(labels, line("Revenue", revenue), earlier(was_revenue)),
            spoken(labels, revenue, currency),
            shows_before=True,
        ),
        Chart(
            f"Orders {by}",
            "line",
            drawn(labels, line("Orders", orders), earlier(was_orders)),
            spoken(labels, orders, "orders"),
            shows_before=True,
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
            drawn(labels, bars("New customers", [each.new_customers for each in now])),
            spoken(labels, [each.new_customers for each in now], "new customers"),
        ),
    ]


def drawn(labels: list[str], *sets: dict[str, Any]) -> str:
    """What Chart.js reads."""
    return json.dumps({"labels": labels, "datasets": sets})


def line(label: str, values: Sequence[float]) -> dict[str, Any]:
    """The period's own line."""
    return {
        "label": label, "data": list(values), "borderColor": NOW, "backgroundColor": NOW,
        "tension": 0.25, "displayYAxis": True, "maxTicksXLimit": MOST_TICKS,
    }  # fmt: skip


def bars(label: str, values: Sequence[float]) -> dict[str, Any]:
    """The period's own bars."""
    return line(label, values) | {"maxBarThickness": 14, "borderRadius": 2}


def earlier(values: Sequence[float]) -> dict[str, Any]:
    """The line of the period before, thin and broken, under the same labels."""
    return {
        "label": "The period before", "data": list(values), "borderColor": BEFORE,
        "backgroundColor": BEFORE, "borderDash": [4, 4], "borderWidth": 1.5, "tension": 0.25,
    }  # fmt: skip


def spoken(labels: list[str], values: Sequence[float], unit: str) -> str:
    """The sum, and where it was highest."""
    best = max(range(len(values)), key=lambda at: values[at])
    return f"{sum(values):,.0f} {unit} in all, most at {labels[best]}: {values[best]:,.0f}."
