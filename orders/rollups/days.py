"""Recounting days from their orders: two statements for as many days as are asked for.

They write only the rows that differ, and take away those that are no more.
"""

from collections.abc import Collection
from datetime import date

from orders.counting import COUNTED, LINE_REVENUE, REVENUE
from orders.numbers.periods import DAY, start_of
from tenants.models import Tenant
from xeno.lib.upsert import array, run

DAYS = """
    days AS MATERIALIZED (
        SELECT * FROM unnest(%(days)s::date[], %(begins)s::timestamptz[], %(ends)s::timestamptz[])
            AS days(day, begins, ends)
    )
"""
PLACED = f"""
    placed AS MATERIALIZED (
        SELECT d.day, d.begins, o.id, o.customer_id, o.currency, {REVENUE} AS revenue
        FROM days d
        JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.processed_at >= d.begins
            AND o.processed_at < d.ends AND {COUNTED}
    )
"""
# Of each customer of a day, how many of their orders came before it (two say enough), and when.
# The two are found by the index of a customer's orders: LATERAL, however large the day.
BUYERS = f"""
    buyers AS MATERIALIZED (
        SELECT p.day, p.customer_id, p.orders, earlier.orders AS orders_before,
            (earlier.last_at AT TIME ZONE %(zone)s)::date AS previous
        FROM (
            SELECT day, begins, customer_id, count(*) AS orders FROM placed
            WHERE customer_id IS NOT NULL GROUP BY day, begins, customer_id
        ) AS p
        CROSS JOIN LATERAL (
            SELECT count(*) AS orders, max(two.processed_at) AS last_at FROM (
                SELECT o.processed_at FROM orders_order o
                WHERE o.tenant_id = %(tenant)s AND o.customer_id = p.customer_id
                    AND o.processed_at < p.begins AND {COUNTED}
                ORDER BY o.processed_at DESC LIMIT 2
            ) AS two
        ) AS earlier
    )
"""
COUNT_BUYERS = """
    SELECT day, count(*) AS buyers, count(*) FILTER (WHERE orders_before = 0) AS newcomers,
        count(*) FILTER (WHERE orders_before = 0 AND orders > 1) AS newcomers_again
    FROM buyers GROUP BY day
"""
COUNT_RETURNS = """
    SELECT day, previous, count(*) AS customers,
        count(*) FILTER (WHERE orders_before = 1) AS second
    FROM buyers WHERE orders_before > 0 GROUP BY day, previous
"""
COUNT_SALES = """
    SELECT p.day, p.currency, count(*) AS orders, sum(p.revenue)::bigint AS revenue,
        count(b.customer_id) AS new_orders,
        COALESCE(sum(p.revenue) FILTER (WHERE b.customer_id IS NOT NULL), 0)::bigint AS new_revenue
    FROM placed p
    LEFT JOIN buyers b
        ON b.day = p.day AND b.customer_id = p.customer_id AND b.orders_before = 0
    GROUP BY p.day, p.currency
"""
# OFFSET: of how many orders a day has, the planner knows nothing, and would read every line.
COUNT_PRODUCTS = f"""
    SELECT p.day, sold.product_shopify_id, p.currency, count(DISTINCT p.id) AS orders,
        sum(sold.quantity)::bigint AS quantity, sum(sold.revenue)::bigint AS revenue
    FROM placed p
    CROSS JOIN LATERAL (
        SELECT l.product_shopify_id, l.current_quantity AS quantity, {LINE_REVENUE} AS revenue
        FROM orders_lineitem l
        WHERE l.tenant_id = %(tenant)s AND l.order_id = p.id AND l.product_shopify_id IS NOT NULL
        OFFSET 0
    ) AS sold
    GROUP BY p.day, sold.product_shopify_id, p.currency
"""


def replacing(table: str, key: tuple[str, ...], values: tuple[str, ...], counted: str) -> str:
    """The parts of WITH that bring the days' rows of a table to what is counted."""
    columns, name = (*key, *values), table.removeprefix("orders_")
    same = " AND ".join(f"c.{column} = old.{column}" for column in key)
    return f"""
        counted_{name} AS MATERIALIZED ({counted}), gone_of_{name} AS (
            DELETE FROM {table} old
            WHERE old.tenant_id = %(tenant)s AND old.day = ANY(%(days)s::date[])
                AND NOT EXISTS (SELECT FROM counted_{name} c WHERE {same})
        ), written_{name} AS (
            INSERT INTO {table} AS old (tenant_id, {", ".join(columns)})
            SELECT %(tenant)s, {", ".join(columns)} FROM counted_{name}
            ON CONFLICT (tenant_id, {", ".join(key)}) DO UPDATE
            SET {", ".join(f"{value} = EXCLUDED.{value}" for value in values)}
            WHERE ({", ".join(f"old.{value}" for value in values)})
                IS DISTINCT FROM ({", ".join(f"EXCLUDED.{value}" for value in values)})
        )
    """


SALES = ("orders", "revenue", "new_orders", "new_revenue")
NEWCOMERS = ("buyers", "newcomers", "newcomers_again")
SOLD = ("orders", "quantity", "revenue")
PARTS_OF_ORDERS = (
    replacing("orders_buyersday", ("day",), NEWCOMERS, COUNT_BUYERS),
    replacing("orders_returnday", ("day", "previous"), ("customers", "second"), COUNT_RETURNS),
    replacing("orders_salesday", ("day", "currency"), SALES, COUNT_SALES),
)
RECOUNT_ORDERS = f"WITH {', '.join((DAYS, PLACED, BUYERS, *PARTS_OF_ORDERS))} SELECT 1"
OF_PRODUCTS = replacing(
    "orders_productday", ("day", "product_shopify_id", "currency"), SOLD, COUNT_PRODUCTS
)
RECOUNT_PRODUCTS = f"WITH {DAYS}, {PLACED}, {OF_PRODUCTS} SELECT 1"


def recount_days(*, tenant: Tenant, days: Collection[date]) -> None:
    """Bring these days in step with the orders, within the caller's transaction."""
    if not days:
        return
    wanted, zone = sorted(days), tenant.zone
    params = {
        "tenant": tenant.pk,
        "zone": tenant.timezone,
        "days": array(wanted),
        "begins": array([start_of(day, zone) for day in wanted]),
        "ends": array([start_of(day + DAY, zone) for day in wanted]),
    }
    run(RECOUNT_ORDERS, params)
    run(RECOUNT_PRODUCTS, params)
