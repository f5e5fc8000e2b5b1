"""The lines of orders: an order's newest word replaces them as a whole."""

from collections.abc import Iterable, Sequence

from orders.data import LineData, OrderData
from tenants.models import Tenant
from xeno.lib.money import to_thousandths
from xeno.lib.upsert import arrays, run, unnest

LINE_COLUMNS = {
    "order_shopify_id": "bigint",
    "shopify_id": "bigint",
    "product_shopify_id": "bigint",
    "variant_shopify_id": "bigint",
    "title": "text",
    "sku": "text",
    "quantity": "integer",
    "current_quantity": "integer",
    "price": "bigint",
    "discount": "bigint",
}
OWN = [name for name in LINE_COLUMNS if name != "order_shopify_id"]


def line_row(order_id: int, line: LineData) -> tuple[object, ...]:
    """One row of `LINE_COLUMNS`."""
    return (
        order_id,
        line.shopify_id,
        line.product_id,
        line.variant_id,
        line.title,
        line.sku,
        line.quantity,
        line.current_quantity,
        to_thousandths(line.price),
        to_thousandths(line.discount),
    )


def replace_lines(
    *, tenant: Tenant, orders: Iterable[OrderData], changed_ids: Sequence[int]
) -> None:
    """Write the lines of orders that were just saved; `changed_ids` existed before.

    Lines that an order no longer has go; an order whose lines were not told keeps them.
    """
    told = [order for order in orders if order.lines is not None]
    rows = {
        (order.shopify_id, line.shopify_id): line_row(order.shopify_id, line)
        for order in told
        for line in order.lines or ()
    }
    columns = arrays(LINE_COLUMNS, (rows[key] for key in sorted(rows)))
    if changed_ids:
        follow_order(tenant=tenant, order_ids=changed_ids)
        run(
            DROP_MISSING,
            [columns[0], columns[1], tenant.pk, list(changed_ids), [o.shopify_id for o in told]],
        )
    if rows:
        run(UPSERT_LINES, [*columns, tenant.pk])


def follow_order(*, tenant: Tenant, order_ids: Sequence[int]) -> None:
    """Let lines carry their order's customer and day."""
    run(
        "UPDATE orders_lineitem l SET customer_id = o.customer_id, ordered_at = o.processed_at"
        " FROM orders_order o WHERE o.tenant_id = %s AND l.tenant_id = o.tenant_id"
        " AND l.order_id = o.id AND o.id = ANY(%s)"
        " AND (l.customer_id, l.ordered_at) IS DISTINCT FROM (o.customer_id, o.processed_at)",
        [tenant.pk, list(order_ids)],
    )


DROP_MISSING = """
    WITH kept AS MATERIALIZED (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS kept(order_shopify_id, shopify_id)
    )
    DELETE FROM orders_lineitem l
    USING orders_order o
    WHERE o.tenant_id = %s AND l.tenant_id = o.tenant_id AND l.order_id = o.id
        AND o.id = ANY(%s) AND o.shopify_id = ANY(%s)
        AND NOT EXISTS (
            SELECT FROM kept
            WHERE kept.order_shopify_id = o.shopify_id AND kept.shopify_id = l.shopify_id
        )
"""
UPSERT_LINES = f"""
    INSERT INTO orders_lineitem (tenant_id, order_id, customer_id, ordered_at, {", ".join(OWN)})
    SELECT o.tenant_id, o.id, o.customer_id, o.processed_at, {", ".join(f"new.{n}" for n in OWN)}
    FROM {unnest(LINE_COLUMNS)}
    JOIN orders_order o ON o.tenant_id = %s AND o.shopify_id = new.order_shopify_id
    ON CONFLICT (tenant_id, order_id, shopify_id) DO UPDATE SET
        {", ".join(f"{n} = excluded.{n}" for n in OWN if n != "shopify_id")}
"""
