"""Recounting weeks and months by cohort: who of the customers of then ordered in them."""

from datetime import date

from orders.counting import COUNTED, REVENUE
from orders.numbers.periods import DAY, Interval, end_of, start_of
from orders.rollups.models import Unit
from tenants.models import Tenant
from xeno.lib.upsert import run

# The customer's first order is the one of their totals, by which it is of the same transaction.
RECOUNT = f"""
    WITH counted AS MATERIALIZED (
        SELECT date_trunc(
                %(unit)s, LEAST(c.first_order_at, o.processed_at) AT TIME ZONE %(zone)s
            )::date AS cohort,
            count(DISTINCT o.customer_id) AS customers, count(*) AS orders,
            COALESCE(sum({REVENUE}) FILTER (WHERE o.currency = %(currency)s), 0)::bigint AS revenue
        FROM orders_order o
        JOIN customers_customer c ON c.tenant_id = o.tenant_id AND c.id = o.customer_id
        WHERE o.tenant_id = %(tenant)s AND o.processed_at >= %(begins)s
            AND o.processed_at < %(ends)s AND {COUNTED}
        GROUP BY 1
    ), gone AS (
        DELETE FROM orders_cohortcell old
        WHERE old.tenant_id = %(tenant)s AND old.unit = %(unit)s AND old.period = %(period)s
            AND NOT EXISTS (SELECT FROM counted c WHERE c.cohort = old.cohort)
    )
    INSERT INTO orders_cohortcell AS old
        (tenant_id, unit, period, cohort, customers, orders, revenue)
    SELECT %(tenant)s, %(unit)s, %(period)s, cohort, customers, orders, revenue FROM counted
    ON CONFLICT (tenant_id, unit, period, cohort) DO UPDATE
    SET customers = EXCLUDED.customers, orders = EXCLUDED.orders, revenue = EXCLUDED.revenue
    WHERE (old.customers, old.orders, old.revenue)
        IS DISTINCT FROM (EXCLUDED.customers, EXCLUDED.orders, EXCLUDED.revenue)
"""


def recount_period(*, tenant: Tenant, unit: Unit, begins: date) -> None:
    """Bring one week or month in step with the orders, within the caller's transaction."""
    last = end_of(begins, Interval(unit.value))
    params = {
        "tenant": tenant.pk,
        "unit": unit.value,
        "zone": tenant.timezone,
        "currency": tenant.currency,
        "period": begins,
        "begins": start_of(begins, tenant.zone),
        "ends": start_of(last + DAY, tenant.zone),
    }
    run(RECOUNT, params)
