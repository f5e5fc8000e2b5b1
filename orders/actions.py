"""Writes of orders, products and checkouts: set-based, idempotent, newest wins.

All run within the scope of `tenant` and inside the caller's transaction; the order of calls
for different payloads does not matter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from orders import product_tags
from orders.data import CheckoutData, OrderData, ProductData
from orders.lines import CARRIED, replace_lines
from orders.models import Order
from orders.rollups.noting import Touched, note_orders_of, note_sales
from tenants.models import Tenant
from xeno.lib.money import to_thousandths
from xeno.lib.upsert import Row, newest, run, upsert

ORDER_COLUMNS = {
    "shopify_id": "bigint",
    "customer_id": "bigint",
    "name": "text",
    "email": "text",
    "amount": "bigint",
    "reported_amount": "bigint",
    "current_amount": "bigint",
    "currency": "text",
    "financial_status": "text",
    "fulfillment_status": "text",
    "processed_at": "timestamptz",
    "cancelled_at": "timestamptz",
    "test": "boolean",
    "source": "text",
    "discount_codes": "jsonb",
    "landing_site": "text",
    "app_id": "bigint",
    "location_id": "bigint",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "triggered_at": "timestamptz",
}
PRODUCT_COLUMNS = {
    "shopify_id": "bigint",
    "title": "text",
    "vendor": "text",
    "product_type": "text",
    "status": "text",
    "tags": "jsonb",
    "category_id": "text",
    "category": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "triggered_at": "timestamptz",
}
CHECKOUT_COLUMNS = {
    "shopify_id": "bigint",
    "customer_id": "bigint",
    "email": "text",
    "amount": "bigint",
    "currency": "text",
    "recovery_url": "text",
    "completed_at": "timestamptz",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "triggered_at": "timestamptz",
}
VERSION = ("{row}.updated_at", "{row}.triggered_at")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class SavedOrders:
    """What a write of orders touched: our ids."""

    order_ids: list[int]
    refreshed_ids: list[int]  # those of them that were held before
    customer_ids: set[int]


def row_of(item: Any, columns: Iterable[str], **instead: Any) -> list[Any]:
    """One row of the columns; amounts in thousandths, lists as JSON, `instead` as given."""
    row = {name: instead[name] if name in instead else getattr(item, name) for name in columns}
    for name, stored in STORED.items():
        if row.get(name) is not None:
            row[name] = stored(row[name])
    return list(row.values())


def to_json(value: tuple[str, ...]) -> str:
    """A list as jsonb takes it."""
    return msgspec.json.encode(value).decode()


# The columns that do not take a value as it is.
STORED: dict[str, Callable[[Any], Any]] = {
    "amount": to_thousandths,
    "tags": to_json,
}


def order_row(order: OrderData, owner: int | None) -> Row:
    """One row of `ORDER_COLUMNS`, of an order without gaps."""
    codes = order.discount_codes
    reported = to_thousandths(order.reported_amount or NOTHING)
    return (
        order.shopify_id,
        owner,
        order.name,
        order.email,
        to_thousandths(order.amount),
        reported,
        reported,
        order.currency,
        order.financial_status,
        order.fulfillment_status,
        order.processed_at,
        order.cancelled_at,
        order.test,
        order.source,
        None if codes is None else to_json(codes),
        order.landing_site,
        order.app_id,
        order.location_id,
        order.created_at,
        order.updated_at,
        order.triggered_at,
    )


def order_version(order: OrderData) -> tuple[Any, ...]:
    """Newest by Shopify's clock; of a full tie, the one from which more was taken back."""
    left = order.amount if order.reported_amount is None else order.reported_amount
    return order.updated_at, order.triggered_at, -left


GAPS = ("name", "test", "created_at", "processed_at", "reported_amount")


def fill_gaps(orders: list[OrderData]) -> list[OrderData]:
    """Orders of which every needed value is known: told, else as held here, else the next best."""
    partial = [o.shopify_id for o in orders if any(getattr(o, name) is None for name in GAPS)]
    if not partial:
        return orders
    held = Order.objects.filter(shopify_id__in=partial).values("shopify_id", *GAPS)
    known = {row.pop("shopify_id"): row for row in held}
    return [filled(order, known.get(order.shopify_id, {})) for order in orders]


def filled(order: OrderData, held: dict[str, Any]) -> OrderData:
    """One order without gaps."""
    made = order.created_at or order.processed_at or order.updated_at
    otherwise = {
        "name": f"#{order.shopify_id}",
        "test": False,
        "created_at": made,
        "processed_at": order.created_at or made,
        "reported_amount": order.amount,
    }
    missing = [name for name in GAPS if getattr(order, name) is None]
    return replace(order, **{name: held.get(name, otherwise[name]) for name in missing})


def save_orders(
    *, tenant: Tenant, orders: Iterable[OrderData], customers: dict[int, int]
) -> SavedOrders:
    """Create or refresh orders with their lines; an older payload never overwrites a newer one.

    `customers` gives our id for each Shopify id of a customer. Refunds are saved by
    `save_refunds`; totals are recomputed by the caller for the touched customers.
    """
    items = fill_gaps(newest(orders, attrgetter("shopify_id"), order_version))
    if not items:
        return SavedOrders([], [], set())
    before = placed(shopify_ids=[order.shopify_id for order in items])
    owners = [customers.get(order.customer_id or 0) for order in items]
    written = upsert(
        table="orders_order",
        columns=ORDER_COLUMNS,
        rows=map(order_row, items, owners),
        tenant_id=tenant.pk,
        version=[*VERSION, "-{row}.reported_amount"],
        at_insert={"refunded_amount": "0"},
        reading=CARRIED,
    )
    refreshed = [row.id for row in written if not row.inserted]
    replace_lines(tenant=tenant, orders=items, written=written)
    note_sales(tenant=tenant, touched=[*before, *((row.read[0], row.read[1]) for row in written)])
    touched = buyers(before) | {owner for owner in owners if owner}
    return SavedOrders([row.id for row in written], refreshed, touched)


def placed(*, shopify_ids: Sequence[int]) -> list[Touched]:
    """By whom (our ids) and when these orders were placed, as it stands so far."""
    if not shopify_ids:
        return []
    orders = Order.objects.filter(shopify_id__any_of=shopify_ids)
    return list(orders.values_list("customer_id", "processed_at"))


def note_refunded(*, tenant: Tenant, shopify_ids: Sequence[int]) -> set[int]:
    """Note that money went back for these orders; gives our ids of their customers."""
    touched = placed(shopify_ids=shopify_ids)
    note_sales(tenant=tenant, touched=touched)
    return buyers(touched)


def buyers(orders: Iterable[Touched]) -> set[int]:
    """The customers of these."""
    return {customer for customer, _ in orders if customer}


def save_products(*, tenant: Tenant, products: Iterable[ProductData]) -> None:
    """Create or refresh products with their tags."""
    items = newest(products, attrgetter("shopify_id"), attrgetter("updated_at", "triggered_at"))
    if items:
        written = upsert(
            table="orders_product",
            columns=PRODUCT_COLUMNS,
            rows=[row_of(item, PRODUCT_COLUMNS) for item in items],
            tenant_id=tenant.pk,
            version=VERSION,
            reading=["tags"],
        )
        product_tags.follow_products(tenant=tenant, products=written)


def save_checkouts(
    *, tenant: Tenant, checkouts: Iterable[CheckoutData], customers: dict[int, int]
) -> None:
    """Create or refresh checkouts."""
    items = newest(checkouts, attrgetter("shopify_id"), attrgetter("updated_at", "triggered_at"))
    if items:
        upsert(
            table="orders_checkout",
            columns=CHECKOUT_COLUMNS,
            rows=[
                row_of(item, CHECKOUT_COLUMNS, customer_id=customers.get(item.customer_id or 0))
                for item in items
            ],
            tenant_id=tenant.pk,
            version=VERSION,
        )


def remove_orders(*, tenant: Tenant, shopify_ids: Iterable[int]) -> set[int]:
    """Delete orders with their lines and refunds; gives our ids of their customers."""
    numbers = sorted(set(shopify_ids))
    gone = placed(shopify_ids=numbers)
    note_sales(tenant=tenant, touched=gone)
    ids = list(Order.objects.filter(shopify_id__in=numbers).values_list("pk", flat=True))
    for table in ("orders_lineitem", "orders_refund"):
        run(f"DELETE FROM {table} WHERE tenant_id = %s AND order_id = ANY(%s)", [tenant.pk, ids])
    run("DELETE FROM orders_order WHERE tenant_id = %s AND id = ANY(%s)", [tenant.pk, ids])
    return buyers(gone)


def remove_products(*, tenant: Tenant, shopify_ids: Iterable[int]) -> None:
    """Delete products with their tags; the lines that sold them stay."""
    product_tags.remove_tags(tenant=tenant, product_shopify_ids=shopify_ids)
    remove(tenant, "orders_product", shopify_ids)


def remove_checkouts(*, tenant: Tenant, shopify_ids: Iterable[int]) -> None:
    """Delete checkouts."""
    remove(tenant, "orders_checkout", shopify_ids)


def remove(tenant: Tenant, table: str, shopify_ids: Iterable[int]) -> None:
    """Delete rows by Shopify's ids."""
    run(
        f"DELETE FROM {table} WHERE tenant_id = %s AND shopify_id = ANY(%s)",
        [tenant.pk, sorted(set(shopify_ids))],
    )


def hand_over_orders(*, tenant: Tenant, owners: dict[int, int | None]) -> set[int]:
    """Let orders and checkouts of one customer belong to another, or (None) to nobody.

    `owners` gives for Shopify's id of a leaving customer that of the next one. Gives our ids
    of the customers who gained orders.
    """
    found = dict(
        run(
            "SELECT shopify_id, id FROM customers_customer"
            " WHERE tenant_id = %s AND shopify_id = ANY(%s)",
            [tenant.pk, sorted({*owners, *(next_ for next_ in owners.values() if next_)})],
        )
    )
    moves = [(found[old], found.get(new or 0)) for old, new in owners.items() if old in found]
    if not moves:
        return set()
    for old, new in moves:
        note_orders_of(tenant=tenant, customer_ids=[old], going_to=new)
    leaving, gaining = map(list, zip(*moves, strict=True))
    for table in ("orders_order", "orders_lineitem", "orders_checkout"):
        run(
            f"UPDATE {table} t SET customer_id = move.gaining"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS move(leaving, gaining)"
            " WHERE t.tenant_id = %s AND t.customer_id = move.leaving",
            [leaving, gaining, tenant.pk],
        )
    for table in ("orders_customerscore", "orders_prediction"):
        run(
            f"DELETE FROM {table} WHERE tenant_id = %s AND customer_id = ANY(%s)",
            [tenant.pk, leaving],
        )
    return {gained for gained in gaining if gained}
