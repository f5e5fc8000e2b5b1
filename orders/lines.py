"""The lines of orders: an order's newest word replaces them as a whole."""

from collections.abc import Iterable, Mapping, Sequence

from orders.data import LineData, OrderData
from tenants.models import Tenant
from xeno.lib.money import to_thousandths
from xeno.lib.upsert import Row, Written, array, arrays, run, unnest

LINE_COLUMNS = {
    "order_id": "bigint",
    "customer_id": "bigint",
    "ordered_at": "timestamptz",
    "counted": "boolean",
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
# What a line carries of its order, as the order is stored.
CARRIED = ("customer_id", "processed_at", "counted")
KEY = ("order_id", "shopify_id")
OWN = list(LINE_COLUMNS)[list(LINE_COLUMNS).index("shopify_id") + 1 :]


def line_row(order: Written, line: LineData) -> Row:
    """One row of `LINE_COLUMNS`."""
    return (
        order.id,
        *order.read,
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


def line_rows(written: Iterable[Written], told: Mapping[int, OrderData]) -> list[Row]:
    """The rows of these orders' lines; of two words on one line, the later in its order."""
    rows = {
        (order.id, line.shopify_id): line_row(order, line)
        for order in written
        for line in told[order.shopify_id].lines or ()
    }
    return [rows[key] for key in sorted(rows)]


def replace_lines(
    *, tenant: Tenant, orders: Iterable[OrderData], written: Sequence[Written]
) -> None:
    """Write the lines of orders that were just written, each read with `CARRIED`.

    Lines that an order no longer has go; an order whose lines were not told keeps them.
    """
    told = {order.shopify_id: order for order in orders if order.lines is not None}
    refreshed = [row.id for row in written if not row.inserted]
    if refreshed:
        follow_order(tenant=tenant, order_ids=refreshed)
    telling = [row for row in written if row.shopify_id in told]
    known = [row for row in telling if not row.inserted]
    if known:
        replace_known(
            tenant=tenant, order_ids=[row.id for row in known], rows=line_rows(known, told)
        )
    # An order that this transaction has made has no line yet: nothing to look for.
    rows = line_rows((row for row in telling if row.inserted), told)
    if rows:
        run(INSERT_LINES, [tenant.pk, *arrays(LINE_COLUMNS, rows)])


def replace_known(*, tenant: Tenant, order_ids: Sequence[int], rows: Sequence[Row]) -> None:
    """Bring the lines of orders that were held before to these rows."""
    columns = arrays(LINE_COLUMNS, rows)
    kept = [columns[list(LINE_COLUMNS).index(name)] for name in KEY]
    run(DROP_MISSING, [*kept, tenant.pk, array(order_ids)])
    run(UPSERT_LINES, [tenant.pk, *columns])


def follow_order(*, tenant: Tenant, order_ids: Sequence[int]) -> None:
    """Let lines carry their order's customer, day and whether it counts."""
    run(
        "UPDATE orders_lineitem l"
        " SET customer_id = o.customer_id, ordered_at = o.processed_at, counted = o.counted"
        " FROM orders_order o WHERE o.tenant_id = %s AND l.tenant_id = o.tenant_id"
        " AND l.order_id = o.id AND o.id = ANY(%s)"
        " AND (l.customer_id, l.ordered_at, l.counted)"
        " IS DISTINCT FROM (o.customer_id, o.processed_at, o.counted)",
        [tenant.pk, list(order_ids)],
    )


DROP_MISSING = """
    WITH kept AS MATERIALIZED (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS kept(order_id, shopify_id)
    )
    DELETE FROM orders_lineitem l
    WHERE l.tenant_id = %s AND l.order_id = ANY(%s::bigint[])
        AND NOT EXISTS (
            SELECT FROM kept
            WHERE kept.order_id = l.order_id AND kept.shopify_id = l.shopify_id
        )
"""
INSERT_LINES = f"""
    INSERT INTO orders_lineitem (tenant_id, {", ".join(LINE_COLUMNS)})
    SELECT %s, new.* FROM {unnest(LINE_COLUMNS)}
"""
UPSERT_LINES = f"""{INSERT_LINES}
    ON CONFLICT (tenant_id, order_id, shopify_id) DO UPDATE SET
        {", ".join(f"{n} = excluded.{n}" for n in OWN)}
"""
