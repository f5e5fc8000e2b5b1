"""Refunds, and what they leave of their orders."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from orders.data import RefundData
from orders.models import Order
from tenants.models import Tenant
from xeno.lib.money import to_thousandths
from xeno.lib.upsert import arrays, newest, run, unnest

REFUND_COLUMNS = {
    "order_shopify_id": "bigint",
    "shopify_id": "bigint",
    "amount": "bigint",
    "refunded_at": "timestamptz",
    "note": "text",
}


def find_orders(*, shopify_ids: Iterable[int]) -> dict[int, int]:
    """Our id of each of these orders that is held here."""
    wanted = set(shopify_ids)
    if not wanted:
        return {}
    found = Order.objects.filter(shopify_id__any_of=wanted)
    return dict(found.values_list("shopify_id", "pk"))


def save_refunds(*, tenant: Tenant, refunds: Iterable[RefundData]) -> None:
    """Write refunds whose orders are held here; of two words on one, the larger amount stands."""
    items = newest(refunds, attrgetter("shopify_id"), attrgetter("amount"))
    if not items:
        return
    rows = [
        (r.order_id, r.shopify_id, to_thousandths(r.amount), r.refunded_at, r.note) for r in items
    ]
    run(
        "INSERT INTO orders_refund AS old"
        " (tenant_id, order_id, shopify_id, amount, refunded_at, note)"
        " SELECT o.tenant_id, o.id, new.shopify_id, new.amount, new.refunded_at, new.note"
        f" FROM {unnest(REFUND_COLUMNS)}"
        " JOIN orders_order o ON o.tenant_id = %s AND o.shopify_id = new.order_shopify_id"
        " ON CONFLICT (tenant_id, shopify_id) DO UPDATE SET amount = excluded.amount"
        " WHERE old.amount < excluded.amount",
        [*arrays(REFUND_COLUMNS, rows), tenant.pk],
    )


# A refund newer than Shopify's last word on the order is not in `reported_amount` yet. It is
# taken off, but never below what all refunds leave of the whole order.
SETTLE = """
    UPDATE orders_order o
    SET refunded_amount = r.whole,
        current_amount = CASE WHEN r.unreported = 0 THEN o.reported_amount ELSE
            LEAST(o.reported_amount,
                GREATEST(o.amount - r.whole, o.reported_amount - r.unreported)) END,
        synced_at = statement_timestamp()
    FROM (
        SELECT r.order_id, sum(r.amount)::bigint AS whole,
            COALESCE(sum(r.amount) FILTER (WHERE r.refunded_at > o.updated_at), 0)::bigint
                AS unreported
        FROM orders_refund r
        JOIN orders_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id
        WHERE r.tenant_id = %(tenant)s AND r.order_id = ANY(%(ids)s)
        GROUP BY r.order_id
    ) AS r
    WHERE o.tenant_id = %(tenant)s AND o.id = r.order_id
"""


def settle_refunds(*, tenant: Tenant, order_ids: Sequence[int]) -> None:
    """Bring refunded and current amounts of these orders in step with their refunds."""
    if order_ids:
        run(SETTLE, {"tenant": tenant.pk, "ids": list(order_ids)})
