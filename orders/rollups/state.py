"""What a store's rollups are true of, what of them waits, and how fresh they are."""

from dataclasses import dataclass
from datetime import datetime

from orders.numbers.periods import FIRST_DAY, LAST_DAY, start_of
from orders.rollups.models import Unit
from tenants.models import Tenant
from xeno.lib.upsert import run

COHORTS_AFTER = 60  # seconds that a stale week or month waits, so that many orders are one recount

MAKE = """
    INSERT INTO orders_rollupstate (tenant_id, timezone, currency, version)
    VALUES (%s, '', '', 1) ON CONFLICT (tenant_id) DO NOTHING
"""
TAKE = """
    SELECT timezone, currency FROM orders_rollupstate WHERE tenant_id = %s
    FOR UPDATE SKIP LOCKED
"""
SETTLE = """
    UPDATE orders_rollupstate SET version = version + 1, counted_at = clock_timestamp()
    WHERE tenant_id = %s
"""
# Or noted before the clock stepped back: nothing waits for it to come there again.
WAITED = """
    (stale_since <= clock_timestamp() - %(wait)s * interval '1 second'
        OR stale_since > clock_timestamp())
"""
DUE = f"""
    SELECT EXISTS (SELECT FROM orders_saleschange WHERE tenant_id = %(tenant)s)
        OR EXISTS (SELECT FROM orders_stalestretch WHERE tenant_id = %(tenant)s AND unit = 'day')
        OR EXISTS (
            SELECT FROM orders_stalestretch
            WHERE tenant_id = %(tenant)s AND unit IN ('week', 'month')
                AND {WAITED}
        )
        OR EXISTS (SELECT FROM orders_order WHERE tenant_id = %(tenant)s)
            AND NOT EXISTS (
                SELECT FROM orders_rollupstate WHERE tenant_id = %(tenant)s
                    AND timezone = %(timezone)s AND currency = %(currency)s
            )
"""
# Everything that there is, and every day of which there was something; the oldest note, because
# nothing of it is right until it is recounted.
REBUILD = """
    WITH days AS (
        SELECT DISTINCT (processed_at AT TIME ZONE %(timezone)s)::date AS day FROM orders_order
        WHERE tenant_id = %(tenant)s AND processed_at >= %(begins)s AND processed_at < %(ends)s
        UNION SELECT day FROM orders_buyersday WHERE tenant_id = %(tenant)s
        UNION SELECT day FROM orders_salesday WHERE tenant_id = %(tenant)s
        UNION SELECT day FROM orders_productday WHERE tenant_id = %(tenant)s
    )
    INSERT INTO orders_stalestretch (tenant_id, unit, begins, stale_since)
    SELECT %(tenant)s, 'day', day, to_timestamp(0) FROM days WHERE %(of_days)s
    UNION
    SELECT %(tenant)s, unit, date_trunc(unit, day)::date, to_timestamp(0)
    FROM days, unnest(ARRAY['week', 'month']) AS unit
    UNION
    SELECT tenant_id, unit, period, to_timestamp(0) FROM orders_cohortcell
    WHERE tenant_id = %(tenant)s
    ON CONFLICT (tenant_id, unit, begins) DO NOTHING
"""
TRUE_OF = "UPDATE orders_rollupstate SET timezone = %s, currency = %s WHERE tenant_id = %s"
# One row in any store: without a state there is no recount yet.
FRESHNESS = """
    SELECT COALESCE(max(s.version), 0), max(s.counted_at), (
        SELECT min(stale_since) FROM (
            SELECT min(changed_at) AS stale_since FROM orders_saleschange
            WHERE tenant_id = %(tenant)s
            UNION ALL
            SELECT min(stale_since) FROM orders_stalestretch
            WHERE tenant_id = %(tenant)s AND unit = %(unit)s
        ) AS waiting
    ), (SELECT count(*) FROM orders_stalestretch WHERE tenant_id = %(tenant)s AND unit = 'day')
    FROM orders_rollupstate s WHERE s.tenant_id = %(tenant)s
"""


def is_due(*, tenant: Tenant, patient: bool = True) -> bool:
    """Whether anything of the store's rollups waits for a worker."""
    params = {
        "tenant": tenant.pk,
        "wait": COHORTS_AFTER if patient else 0,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
    }
    return bool(run(DUE, params)[0][0])


def take(*, tenant: Tenant) -> bool:
    """Be who recounts, until the caller's transaction ends; False when somebody else is.

    Where the store's zone or currency is another than before, everything becomes stale.
    """
    run(MAKE, [tenant.pk])
    held = run(TAKE, [tenant.pk])
    if not held:
        return False
    tenant.refresh_from_db(fields=["timezone", "currency"])
    ((timezone, currency),) = held
    if (timezone, currency) != (tenant.timezone, tenant.currency):
        ask_for_rebuild(tenant=tenant, of_days=timezone != tenant.timezone)
        run(TRUE_OF, [tenant.timezone, tenant.currency, tenant.pk])
    return True


def ask_for_rebuild(*, tenant: Tenant, of_days: bool = True) -> None:
    """Have all of the store recounted; without `of_days` its cohorts alone."""
    params = {
        "tenant": tenant.pk,
        "timezone": tenant.timezone,
        "begins": start_of(FIRST_DAY, tenant.zone),
        "ends": start_of(LAST_DAY, tenant.zone),
        "of_days": of_days,
    }
    run(REBUILD, params)


def settle(*, tenant: Tenant) -> None:
    """Say that something was recounted."""
    run(SETTLE, [tenant.pk])


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the numbers are behind the orders."""

    version: int  # moves with every recount
    counted_at: datetime | None  # when the last recount ended
    waiting_since: datetime | None  # the oldest order that is not in the numbers; None: all are
    stale_days: int  # that wait for their recount, as after a change of the time zone


def find_freshness(*, tenant: Tenant, unit: Unit = Unit.DAY) -> Freshness:
    """How fresh the store's numbers are: those of days, or cohorts by week or month."""
    return Freshness(*run(FRESHNESS, {"tenant": tenant.pk, "unit": unit.value})[0])
