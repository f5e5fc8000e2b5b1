"""Who and what brought most of a period's revenue."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.counting import COUNTED, REVENUE
from orders.numbers.figures import as_money, params_of
from orders.numbers.periods import Period, bounds_of
from tenants.models import Tenant
from xeno.lib.upsert import array, run

MOST = 100  # of a list


@dataclass(frozen=True, slots=True)
class TopCustomer:
    """A customer's part of a period; whose name it is, `name_customers` tells."""

    customer_id: int
    orders: int  # in the store's currency
    revenue: Decimal
    share: float | None  # of the period's revenue in the store's currency


@dataclass(frozen=True, slots=True)
class TopProduct:
    """A product's part of a period, at its lines' prices: without shipping, and not taxed on."""

    product_shopify_id: int
    product_id: int | None  # ours, while the store has it
    title: str
    orders: int
    quantity: int
    revenue: Decimal


ORDERS_OF_PERIOD = """
    SELECT COALESCE(sum(orders), 0)::bigint, COALESCE(sum(revenue), 0)::bigint
    FROM orders_salesday WHERE tenant_id = %(tenant)s AND currency = %(currency)s
        AND day >= %(first)s AND day <= %(last)s
"""
OF_CUSTOMER = f"""
    o.tenant_id = %(tenant)s AND {COUNTED} AND o.currency = %(currency)s
    AND o.processed_at >= %(begins)s AND o.processed_at < %(ends)s
"""
SCAN = f"""
    SELECT o.customer_id, count(*), sum({REVENUE})::bigint FROM orders_order o
    WHERE {OF_CUSTOMER} AND o.customer_id IS NOT NULL
    GROUP BY o.customer_id ORDER BY 3 DESC, 1 LIMIT %(limit)s
"""
# The customers by all that they ever spent, the next so many: nobody spends more in a period.
NEXT = f"""
    WITH candidates AS MATERIALIZED (
        SELECT id, total_spent FROM customers_customer
        WHERE tenant_id = %(tenant)s AND (total_spent, id) < (%(spent)s::bigint, %(id)s::bigint)
        ORDER BY total_spent DESC, id DESC LIMIT %(chunk)s
    )
    SELECT c.id, c.total_spent, found.orders, found.revenue
    FROM candidates c
    CROSS JOIN LATERAL (
        SELECT count(*) AS orders, COALESCE(sum({REVENUE}), 0)::bigint AS revenue
        FROM orders_order o WHERE {OF_CUSTOMER} AND o.customer_id = c.id
    ) AS found
    ORDER BY c.total_spent DESC, c.id DESC
"""
SCANNED = 5_000  # orders of a period that are read faster than customers are looked through
CHUNK = 500
MOST_LOOKED_THROUGH = 20_000  # customers; from here on the orders are read after all
BEYOND = 2**63 - 1


def find_top_customers(*, tenant: Tenant, period: Period, limit: int = 10) -> list[TopCustomer]:
    """The customers with most revenue in the period, in the store's currency; exact.

    Of equals the one whom we have known for longer.
    """
    begins, ends = bounds_of(period, tenant.zone)
    params = {
        **params_of(tenant, period),
        "currency": tenant.currency,
        "begins": begins,
        "ends": ends,
        "limit": min(limit, MOST),
        "chunk": CHUNK,
    }
    ((orders, revenue),) = run(ORDERS_OF_PERIOD, params)
    found = None
    # Where a total is Shopify's word, or in a currency of before, it says nothing of our sums.
    if orders > SCANNED and tenant.history_complete:
        found = look_through(params)
    rows = run(SCAN, params) if found is None else found
    return [
        TopCustomer(pk, count, as_money(amount), amount / revenue if revenue else None)
        for pk, count, amount in rows
    ]


def look_through(params: dict[str, object]) -> Sequence[tuple[int, int, int]] | None:
    """The best, from the largest spender of all time on, until nobody left can be among them.

    None when that takes too long.
    """
    best: list[tuple[int, int, int]] = []
    after: dict[str, object] = {"spent": BEYOND, "id": BEYOND}
    limit = int(str(params["limit"]))
    for _ in range(MOST_LOOKED_THROUGH // CHUNK):
        rows = run(NEXT, params | after)
        best += [(pk, orders, revenue) for pk, _, orders, revenue in rows if orders]
        best = sorted(best, key=lambda each: (-each[2], each[0]))[:limit]
        if len(rows) < CHUNK:
            return best
        # Of equals the lower id would win: an equal total is looked at too.
        if len(best) == limit and best[-1][2] > rows[-1][1]:
            return best
        after = {"spent": rows[-1][1], "id": rows[-1][0]}
    return None


PRODUCTS = """
    SELECT product_shopify_id, sum(orders)::bigint, sum(quantity)::bigint, sum(revenue)::bigint
    FROM orders_productday
    WHERE tenant_id = %(tenant)s AND currency = %(currency)s
        AND day >= %(first)s AND day <= %(last)s
    GROUP BY product_shopify_id ORDER BY 4 DESC, 1 LIMIT %(limit)s
"""
# A line outlives its product; the title of whichever line of it the index gives last.
TITLES = """
    SELECT wanted.id, p.id, COALESCE(NULLIF(p.title, ''), line.title, '')
    FROM unnest(%(ids)s::bigint[]) AS wanted(id)
    LEFT JOIN orders_product p ON p.tenant_id = %(tenant)s AND p.shopify_id = wanted.id
    LEFT JOIN LATERAL (
        SELECT l.title FROM orders_lineitem l
        WHERE l.tenant_id = %(tenant)s AND l.product_shopify_id = wanted.id AND l.counted
            AND p.id IS NULL
        ORDER BY l.ordered_at DESC LIMIT 1
    ) AS line ON true
"""


def find_top_products(*, tenant: Tenant, period: Period, limit: int = 10) -> list[TopProduct]:
    """The products with most revenue in the period, in the store's currency."""
    params = {
        **params_of(tenant, period),
        "currency": tenant.currency,
        "limit": min(limit, MOST),
    }
    rows = run(PRODUCTS, params)
    ids = array([row[0] for row in rows])
    named = run(TITLES, {"tenant": tenant.pk, "ids": ids}) if rows else []
    names = {number: (pk, title) for number, pk, title in named}
    return [
        TopProduct(number, *names[number], orders, quantity, as_money(revenue))
        for number, orders, quantity, revenue in rows
    ]
