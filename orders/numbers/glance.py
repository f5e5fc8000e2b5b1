"""Periods beside each other, for a page that is opened each morning: few queries, from rollups."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.numbers.figures import Figures, Sales, as_money, sales_of
from orders.numbers.periods import DAY, Period
from tenants.models import Tenant
from xeno.lib.upsert import arrays, run, unnest

PERIODS = {"first": "date", "last": "date"}
# As in `figures`, of several periods at once.
BUYERS = f"""
    SELECT new.first, b.buyers - r.returns, b.newcomers, b.buyers - r.returns - b.newcomers
        + b.newcomers_again + r.second
    FROM {unnest(PERIODS)}
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(buyers), 0)::bigint AS buyers,
            COALESCE(sum(newcomers), 0)::bigint AS newcomers,
            COALESCE(sum(newcomers_again), 0)::bigint AS newcomers_again
        FROM orders_buyersday
        WHERE tenant_id = %s AND day >= new.first AND day <= new.last
    ) AS b
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(customers), 0)::bigint AS returns,
            COALESCE(sum(second), 0)::bigint AS second
        FROM orders_returnday
        WHERE tenant_id = %s AND day >= new.first AND day <= new.last AND previous >= new.first
    ) AS r
"""
SALES = f"""
    SELECT new.first, s.currency, sum(s.orders)::bigint, sum(s.revenue)::bigint,
        sum(s.new_orders)::bigint, sum(s.new_revenue)::bigint
    FROM {unnest(PERIODS)}
    JOIN orders_salesday s ON s.tenant_id = %s AND s.day >= new.first AND s.day <= new.last
    GROUP BY new.first, s.currency ORDER BY sum(s.orders) DESC, s.currency
"""
STRETCHES = PERIODS | {"since": "date"}
# What a chart draws of each stretch; who came since the one before it, for a year lies between
# some; and how many had ever ordered before the first of them.
COURSE = f"""
    SELECT new.first, COALESCE(s.orders, 0), COALESCE(s.revenue, 0), COALESCE(b.newcomers, 0),
        COALESCE(b.since, 0), (
        SELECT COALESCE(sum(newcomers), 0)::bigint FROM orders_buyersday
        WHERE tenant_id = %s AND day < %s
    )
    FROM {unnest(STRETCHES)}
    LEFT JOIN LATERAL (
        SELECT sum(orders)::bigint AS orders, sum(revenue)::bigint AS revenue FROM orders_salesday
        WHERE tenant_id = %s AND currency = %s AND day >= new.first AND day <= new.last
    ) AS s ON true
    LEFT JOIN LATERAL (
        SELECT sum(newcomers) FILTER (WHERE day >= new.first)::bigint AS newcomers,
            sum(newcomers)::bigint AS since
        FROM orders_buyersday
        WHERE tenant_id = %s AND day >= new.since AND day <= new.last
    ) AS b ON true
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One day, week or month of a chart; money in the store's currency, as are the orders."""

    period: Period
    orders: int
    revenue: Decimal
    new_customers: int  # of whatever currency
    customers: int  # who had ever ordered by its end


def find_figures_of(*, tenant: Tenant, periods: Sequence[Period]) -> list[Figures]:
    """What `find_figures` gives of each period, in two queries; no two begin on one day."""
    sent = arrays(PERIODS, [(each.first, each.last) for each in periods])
    buyers = {first: counts for first, *counts in run(BUYERS, [*sent, tenant.pk, tenant.pk])}
    found: dict[object, dict[str, Sales]] = {each.first: {} for each in periods}
    for first, *row in run(SALES, [*sent, tenant.pk]):
        found[first][row[0]] = sales_of((row[0], row[1], row[2], row[3], row[4]))
    figures = []
    for each in periods:
        sales = found[each.first]
        own = sales.pop(tenant.currency, Sales(tenant.currency))
        figures.append(Figures(each, own, list(sales.values()), *buyers[each.first]))
    return figures


def find_course(*, tenant: Tenant, stretches: Sequence[Period]) -> list[Stretch]:
    """Sales and new customers of stretches in their order, in one query; none overlaps another."""
    begins = stretches[0].first
    since = [begins, *(each.last + DAY for each in stretches[:-1])]
    rows_sent = [(each.first, each.last, day) for each, day in zip(stretches, since, strict=True)]
    sent = arrays(STRETCHES, rows_sent)
    params = [tenant.pk, begins, *sent, tenant.pk, tenant.currency, tenant.pk]
    rows = {row[0]: row[1:] for row in run(COURSE, params)}
    course, ever = list[Stretch](), None
    for each in stretches:
        orders, revenue, new, joined, before = rows[each.first]
        ever = (before if ever is None else ever) + joined
        course.append(Stretch(each, orders, as_money(revenue), new, ever))
    return course
