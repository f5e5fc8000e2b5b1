"""Taking up what was noted: from whose orders changed, which days, weeks and months are stale."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime

from orders.counting import COUNTED
from orders.numbers.periods import DAY, Interval, begin_of, day_of, start_of
from orders.rollups.models import SalesChange, Unit
from tenants.models import Tenant
from xeno.lib.upsert import array, arrays, run, unnest

MOST_ROWS = 100  # of the queue, in one step

CHANGED_COLUMNS = {"customer_id": "bigint", "begins": "timestamptz", "ends": "timestamptz"}
# Who ordered next has come back after another day than before, or for the second time only now:
# that concerns the next two orders. Whose first order came, went or moved has changed cohort,
# and with it all of their later weeks and months.
FOLLOWING = f"""
    SELECT 'day', following.processed_at
    FROM {unnest(CHANGED_COLUMNS)}
    CROSS JOIN LATERAL (
        SELECT o.processed_at FROM orders_order o
        WHERE o.tenant_id = %s AND o.customer_id = new.customer_id
            AND o.processed_at >= new.ends AND {COUNTED}
        ORDER BY o.processed_at LIMIT 2
    ) AS following
    UNION
    SELECT 'cohort', o.processed_at
    FROM {unnest(CHANGED_COLUMNS)}
    JOIN customers_customer c ON c.tenant_id = %s AND c.id = new.customer_id
        AND c.first_order_at >= new.begins
    JOIN orders_order o ON o.tenant_id = c.tenant_id AND o.customer_id = c.id
        AND o.processed_at >= new.ends AND {COUNTED}
"""
STALE_COLUMNS = {"unit": "text", "begins": "date"}
MARK = f"""
    INSERT INTO orders_stalestretch (tenant_id, unit, begins, stale_since)
    SELECT %s, new.unit, new.begins, statement_timestamp() FROM {unnest(STALE_COLUMNS)}
    ON CONFLICT (tenant_id, unit, begins) DO NOTHING
"""


def take_up(*, tenant: Tenant) -> bool:
    """Turn the oldest notes into stale stretches, within the caller's transaction.

    False when nothing was noted.
    """
    rows = list(SalesChange.objects.order_by("pk").values_list("pk", "touched")[:MOST_ROWS])
    if not rows:
        return False
    days = defaultdict[date, set[int]](set)
    for _, touched in rows:
        for customer, seconds in touched:
            days[day_of(moment_of(seconds), tenant.zone)].add(customer)
    mark_stale(tenant=tenant, stale=stale_of(tenant, days))
    run(
        "DELETE FROM orders_saleschange WHERE tenant_id = %s AND id = ANY(%s::bigint[])",
        [tenant.pk, array([pk for pk, _ in rows])],
    )
    return True


def moment_of(seconds: int) -> datetime:
    """The moment, so many seconds after the epoch began."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)


def stale_of(tenant: Tenant, days: dict[date, set[int]]) -> set[tuple[Unit, date]]:
    """What must be recounted when orders of these customers on these days have changed."""
    zone = tenant.zone
    stale = {each for day in days for each in every_unit(day)}
    rows = [
        (customer, start_of(day, zone), start_of(day + DAY, zone))
        for day, customers in sorted(days.items())
        for customer in sorted(customers)
        if customer
    ]
    if not rows:
        return stale
    sent = arrays(CHANGED_COLUMNS, rows)
    for kind, at in run(FOLLOWING, [*sent, tenant.pk, *sent, tenant.pk]):
        day = day_of(at, zone)
        stale |= {(Unit.DAY, day)} if kind == "day" else set(cohort_units(day))
    return stale


def every_unit(day: date) -> Iterable[tuple[Unit, date]]:
    """The day, its week and its month."""
    return [(Unit.DAY, day), *cohort_units(day)]


def cohort_units(day: date) -> Iterable[tuple[Unit, date]]:
    """The week and the month of the day."""
    return [(Unit.WEEK, begin_of(day, Interval.WEEK)), (Unit.MONTH, begin_of(day, Interval.MONTH))]


def mark_stale(*, tenant: Tenant, stale: Iterable[tuple[Unit, date]]) -> None:
    """Have these recounted; what was stale before keeps its place."""
    rows = sorted({(unit.value, begins) for unit, begins in stale})
    if rows:
        run(MARK, [tenant.pk, *arrays(STALE_COLUMNS, rows)])
