"""Totals of customers, recomputed from their orders; never incremented."""

from collections.abc import Callable, Iterable, Iterator

from django.db import transaction

from customers.models import Customer
from orders.counting import COUNTED, REVENUE
from tenants.models import Tenant
from xeno.lib.upsert import array, run

# What counts, `orders.counting` says. An order in another currency than the store's counts, but its
# amount is never added. LATERAL: customer by
# customer by the index that holds all of it, however large the planner thinks the store.
COMPUTED = f"""
    SELECT mine.id, of_orders.*
    FROM unnest(%(ids)s::bigint[]) AS mine(id)
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE {COUNTED}) AS orders_count,
            COALESCE(
                sum({REVENUE}) FILTER (WHERE {COUNTED} AND o.currency = %(currency)s), 0
            ) AS total_spent,
            min(o.processed_at) FILTER (WHERE {COUNTED}) AS first_order_at,
            max(o.processed_at) FILTER (WHERE {COUNTED}) AS last_order_at
        FROM orders_order o
        WHERE o.tenant_id = %(tenant)s AND o.customer_id = mine.id
    ) AS of_orders
"""
# Shopify's own figures win while older orders than ours may exist; an amount only in the store's
# currency of today.
CHOSEN = f"""
    SELECT c.id,
        CASE WHEN remote_count THEN c.remote_orders_count ELSE computed.orders_count END AS n,
        CASE WHEN remote_count THEN 'shopify' ELSE 'computed' END AS n_source,
        CASE WHEN remote_spent THEN c.remote_total_spent ELSE computed.total_spent END AS spent,
        CASE WHEN remote_spent THEN 'shopify' ELSE 'computed' END AS spent_source,
        computed.first_order_at, computed.last_order_at
    FROM ({COMPUTED}) AS computed
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = computed.id
    CROSS JOIN LATERAL (
        SELECT NOT %(complete)s AND c.remote_orders_count IS NOT NULL AS remote_count,
            NOT %(complete)s AND c.remote_total_spent IS NOT NULL
                AND c.remote_currency = %(currency)s AS remote_spent
    ) AS source
"""
RECOMPUTE = f"""
    UPDATE customers_customer c
    SET orders_count = n, orders_count_source = n_source,
        total_spent = spent, total_spent_source = spent_source,
        first_order_at = chosen.first_order_at, last_order_at = chosen.last_order_at,
        synced_at = statement_timestamp()
    FROM ({CHOSEN}) AS chosen
    WHERE c.tenant_id = %(tenant)s AND c.id = chosen.id
        AND (c.orders_count, c.orders_count_source, c.total_spent, c.total_spent_source,
            c.first_order_at, c.last_order_at)
        IS DISTINCT FROM (n, n_source, spent, spent_source,
            chosen.first_order_at, chosen.last_order_at)
    RETURNING c.id
"""
LOCK = """
    SELECT id FROM customers_customer WHERE tenant_id = %s AND id = ANY(%s::bigint[]) ORDER BY id
    FOR NO KEY UPDATE
"""
CHUNK = 5_000


@transaction.atomic
def recompute_totals(*, tenant: Tenant, customer_ids: Iterable[int]) -> list[int]:
    """Bring these customers' totals in step with their orders; gives those that changed."""
    ids = sorted(set(customer_ids))
    if not ids:
        return []
    # Locked in one order first, so that two writers of the same customers wait. NO KEY: each has
    # a key share on the customers of its new orders, and for FOR UPDATE they would deadlock.
    sent = array(ids)
    run(LOCK, [tenant.pk, sent])
    params = {
        "ids": sent,
        "tenant": tenant.pk,
        "currency": tenant.currency,
        "complete": tenant.history_complete,
    }
    return [pk for (pk,) in run(RECOMPUTE, params)]


def next_customers(*, after: int, chunk: int = CHUNK) -> list[int]:
    """The ids of the open store's customers that follow this one, in their order."""
    ids = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    return list(ids[:chunk])


def every_customer(chunk: int = CHUNK) -> Iterator[list[int]]:
    """The ids of all customers of the open store, in chunks by id."""
    last = 0
    while ids := next_customers(after=last, chunk=chunk):
        yield ids
        last = ids[-1]


def recompute_every_total(
    *, tenant: Tenant, on_progress: Callable[[int], object] = lambda done: None
) -> int:
    """Recompute the whole store in chunks, each its own transaction; gives how many changed."""
    changed = 0
    for ids in every_customer():
        changed += len(recompute_totals(tenant=tenant, customer_ids=ids))
        on_progress(len(ids))
    return changed
