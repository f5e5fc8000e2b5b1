"""A period's figures: revenue, orders, customers, and how often they come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from orders.numbers.periods import Period
from tenants.models import Tenant
from xeno.lib.money import DECIMALS, THOUSANDTHS
from xeno.lib.upsert import run

# Whoever ordered in the period is counted on each day, and left out where they had last ordered
# within it too. `again` is who has ordered twice or more by the period's end.
BUYERS = """
    SELECT b.buyers - r.returns, b.newcomers, b.buyers - r.returns - b.newcomers
        + b.newcomers_again + r.second
    FROM (
        SELECT COALESCE(sum(buyers), 0)::bigint AS buyers,
            COALESCE(sum(newcomers), 0)::bigint AS newcomers,
            COALESCE(sum(newcomers_again), 0)::bigint AS newcomers_again
        FROM orders_buyersday
        WHERE tenant_id = %(tenant)s AND day >= %(first)s AND day <= %(last)s
    ) AS b, (
        SELECT COALESCE(sum(customers), 0)::bigint AS returns,
            COALESCE(sum(second), 0)::bigint AS second
        FROM orders_returnday
        WHERE tenant_id = %(tenant)s AND previous >= %(first)s AND day <= %(last)s
    ) AS r
"""
SALES = """
    SELECT currency, sum(orders)::bigint, sum(revenue)::bigint, sum(new_orders)::bigint,
        sum(new_revenue)::bigint
    FROM orders_salesday
    WHERE tenant_id = %(tenant)s AND day >= %(first)s AND day <= %(last)s
    GROUP BY currency ORDER BY sum(orders) DESC, currency
"""
GAPS = """
    SELECT day - previous, sum(customers)::bigint FROM orders_returnday
    WHERE tenant_id = %(tenant)s AND day >= %(first)s AND day <= %(last)s
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Sales:
    """What orders of one currency brought; nothing of another is in it."""

    currency: str
    orders: int = 0
    revenue: Decimal = Decimal(0)
    new_orders: int = 0  # of customers on the day of their first order
    new_revenue: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal | None:
        """Revenue per order; None without an order."""
        return per_order(self.revenue, self.orders, self.currency)


def per_order(revenue: Decimal, orders: int, currency: str) -> Decimal | None:
    """The average, rounded as the currency is; None without an order."""
    return round(revenue / orders, DECIMALS.get(currency, 2)) if orders else None


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures. Customers are those who placed a counted order, of any currency."""

    period: Period
    sales: Sales  # in the store's currency
    others: list[Sales]  # in each other one
    customers: int
    new_customers: int  # whose first order lies in the period
    repeat_customers: int  # who had ordered twice or more by the period's end

    @property
    def returning_customers(self) -> int:
        """Who ordered in the period and had ordered before it."""
        return self.customers - self.new_customers

    @property
    def repeat_rate(self) -> float | None:
        """The share of the period's customers who had ordered twice or more by its end."""
        return self.repeat_customers / self.customers if self.customers else None


def find_figures(*, tenant: Tenant, period: Period) -> Figures:
    """The period's figures, in two queries."""
    params = params_of(tenant, period)
    ((customers, new, again),) = run(BUYERS, params)
    found = {row[0]: sales_of(row) for row in run(SALES, params)}
    own = found.pop(tenant.currency, Sales(tenant.currency))
    return Figures(period, own, list(found.values()), customers, new, again)


def params_of(tenant: Tenant, period: Period) -> dict[str, object]:
    """What the statements are given."""
    return {"tenant": tenant.pk, "first": period.first, "last": period.last}


def sales_of(row: Sequence[Any]) -> Sales:
    """A row of SALES."""
    currency, orders, revenue, new_orders, new_revenue = row
    return Sales(currency, orders, as_money(revenue), new_orders, as_money(new_revenue))


def as_money(thousandths: int) -> Decimal:
    """The amount of a sum of stored amounts."""
    return Decimal(thousandths) / THOUSANDTHS


def change_of(now: Decimal | float | None, before: Decimal | float | None) -> float | None:
    """By which share it grew, -0.25 for a quarter less; None where there was nothing before."""
    if now is None or not before:
        return None
    return float(now) / float(before) - 1


@dataclass(frozen=True, slots=True)
class Gaps:
    """How long customers took to come back, who did so in a period: in days."""

    returns: int  # how often somebody ordered on a later day than before
    mean: float | None
    median: int | None


def find_gaps(*, tenant: Tenant, period: Period) -> Gaps:
    """The days between two days on which the same customer ordered, the later one in the period.

    The orders of one day are one: nobody comes back on the day on which they came. Of an even
    number of returns the median is the lower of the two in the middle.
    """
    rows = run(GAPS, params_of(tenant, period))
    returns = sum(times for _, times in rows)
    if not returns:
        return Gaps(0, None, None)
    passed = accumulate(times for _, times in rows)
    median = next(
        days for (days, _), so_far in zip(rows, passed, strict=True) if so_far * 2 >= returns
    )
    return Gaps(returns, sum(days * times for days, times in rows) / returns, median)
