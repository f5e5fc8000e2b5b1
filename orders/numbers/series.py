"""A period cut into days, weeks or months: revenue, orders and customers of each."""

from dataclasses import dataclass

from orders.numbers.figures import Sales, sales_of
from orders.numbers.periods import Interval, Period
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.upsert import arrays, run, unnest

MOST_POINTS = 1_000

STRETCH_COLUMNS = {"first": "date", "last": "date"}
SALES = f"""
    SELECT new.first, sum(s.orders)::bigint, sum(s.revenue)::bigint, sum(s.new_orders)::bigint,
        sum(s.new_revenue)::bigint
    FROM {unnest(STRETCH_COLUMNS)}
    JOIN orders_salesday s ON s.tenant_id = %s AND s.currency = %s
        AND s.day >= new.first AND s.day <= new.last
    GROUP BY new.first
"""
BUYERS = f"""
    SELECT new.first, sum(b.buyers)::bigint, sum(b.newcomers)::bigint
    FROM {unnest(STRETCH_COLUMNS)}
    JOIN orders_buyersday b ON b.tenant_id = %s AND b.day >= new.first AND b.day <= new.last
    GROUP BY new.first
"""
# Who was counted on an earlier day of the same stretch.
COUNTED_BEFORE = f"""
    SELECT new.first, sum(r.customers)::bigint
    FROM {unnest(STRETCH_COLUMNS)}
    JOIN orders_returnday r ON r.tenant_id = %s
        AND r.previous >= new.first AND r.previous <= new.last AND r.day <= new.last
    GROUP BY new.first
"""
BEFORE = """
    SELECT COALESCE(sum(newcomers), 0)::bigint FROM orders_buyersday
    WHERE tenant_id = %s AND day < %s
"""


class PeriodTooLong(Mistake):
    """The period has too many stretches for one answer."""

    code = "period_too_long"
    message = f"Ask for at most {MOST_POINTS:,} points: a shorter period or a longer interval."


@dataclass(frozen=True, slots=True)
class Point:
    """One stretch of a chart, in the store's currency."""

    stretch: Period
    sales: Sales


@dataclass(frozen=True, slots=True)
class Growth:
    """One stretch's customers, of whatever currency."""

    stretch: Period
    customers: int  # who ordered in it
    new: int  # who ordered for the first time
    total: int  # who had ever ordered by its end

    @property
    def returning(self) -> int:
        """Who ordered in it and had ordered before it."""
        return self.customers - self.new


def find_series(*, tenant: Tenant, period: Period, interval: Interval) -> list[Point]:
    """Sales of each stretch, also of those without any, in one query; raises PeriodTooLong."""
    stretches = cut(period, interval)
    sent = arrays(STRETCH_COLUMNS, [(each.first, each.last) for each in stretches])
    found = {first: row for first, *row in run(SALES, [*sent, tenant.pk, tenant.currency])}
    nothing = [0, 0, 0, 0]
    return [
        Point(each, sales_of((tenant.currency, *found.get(each.first, nothing))))
        for each in stretches
    ]


def find_growth(*, tenant: Tenant, period: Period, interval: Interval) -> list[Growth]:
    """Customers of each stretch, in three queries; raises PeriodTooLong."""
    stretches = cut(period, interval)
    sent = arrays(STRETCH_COLUMNS, [(each.first, each.last) for each in stretches])
    ((total,),) = run(BEFORE, [tenant.pk, period.first])
    buyers = {first: tuple(row) for first, *row in run(BUYERS, [*sent, tenant.pk])}
    # Within a day nobody is counted twice.
    twice = {} if interval == Interval.DAY else dict(run(COUNTED_BEFORE, [*sent, tenant.pk]))
    points = []
    for each in stretches:
        seen, new = buyers.get(each.first, (0, 0))
        total += new
        points.append(Growth(each, seen - twice.get(each.first, 0), new, total))
    return points


def cut(period: Period, interval: Interval) -> list[Period]:
    """The stretches of the period; raises PeriodTooLong."""
    if period.days > MOST_POINTS * {"day": 1, "week": 7, "month": 31}[interval.value]:
        raise PeriodTooLong(field="interval")
    return list(period.stretches(interval))
