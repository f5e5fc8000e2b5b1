"""What Shopify tells beside what is held here, a batch in a few statements.

Of two words the newer one is right, so what is newer here is never off. What is not told is not
compared, nor Shopify's own totals: those are told now and then, and ours count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from customers.actions import CUSTOMER_COLUMNS
from customers.addresses import CODES
from customers.data import NO_ADDRESS, UNDATED, CustomerData
from customers.models import CustomerAddress, CustomerTag
from orders.actions import (
    CHECKOUT_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    fill_gaps,
    order_row,
    row_of,
)
from orders.data import OrderData
from tenants.models import Tenant
from webhooks.backfill.models import SyncPart
from webhooks.news import News
from webhooks.reconciliation.models import Finding
from xeno.lib.money import to_thousandths
from xeno.lib.upsert import Row, array, arrays, run, unnest

Trouble = Finding.Trouble


class Off(NamedTuple):
    """Something that is not here as Shopify has it: names of fields, no values."""

    shopify_id: int
    trouble: Finding.Trouble
    fields: tuple[str, ...] = ()


class Held(NamedTuple):
    """How what is held stands beside what is told."""

    standing: str  # missing, late, same or newer
    fields: tuple[str, ...]


# Never compared: keys, clocks, what is computed here, and what webhooks tell differently (a
# language comes with orders only, a guest's checkout has an address in webhooks only, whether opens
# may be counted is told in bulk only).
APART = {
    "shopify_id", "updated_at", "triggered_at", "version_order_id", "customer_id",
    "current_amount", "language", "discount_codes", "tags", "email_open_tracking",
}  # fmt: skip
CHECKOUTS_APART = APART | {"email"}
TEXT = "text"
NO_CODES = {NO_ADDRESS.codes}


def compare(*, tenant: Tenant, kind: str, news: News, read_at: datetime) -> list[Off]:
    """What of the batch is missing here, older here, or as old and yet different."""
    held, extras = COMPARISONS[kind](tenant, news, read_at)
    found = []
    for number, (standing, fields) in held.items():
        names = (*fields, *sorted(extras.get(number, ())))
        if standing == "missing":
            found.append(Off(number, Trouble.MISSING))
        elif standing != "newer" and names:
            trouble = Trouble.LATE if standing == "late" else Trouble.DIFFERENT
            found.append(Off(number, trouble, names))
    return found


Extras = Mapping[int, set[str]]
Comparison = Callable[[Tenant, News, datetime], tuple[dict[int, Held], Extras]]


def compare_customers(
    tenant: Tenant, news: News, read_at: datetime
) -> tuple[dict[int, Held], Extras]:
    """Customers with their addresses, tags and consents."""
    told = [c for c in news.customers if c.updated_at]
    rows = [[getattr(c, name) for name in CUSTOMER_COLUMNS] for c in told]
    held = look(tenant, "customers_customer", CUSTOMER_COLUMNS, rows, APART)
    extras: dict[int, set[str]] = defaultdict(set)
    for number in differing_addresses(told):
        extras[number].add("addresses")
    for number in differing_tags(news, read_at):
        extras[number].add("tags")
    for number, channel in differing_consents(tenant, news):
        extras[number].add(f"{channel}_consent")
    return held, extras


def compare_orders(tenant: Tenant, news: News, read_at: datetime) -> tuple[dict[int, Held], Extras]:
    """Orders with their lines and refunds."""
    orders = fill_gaps(news.orders)
    rows = [order_row(order, None) for order in orders]
    held = look(tenant, "orders_order", ORDER_COLUMNS, rows, APART)
    extras: dict[int, set[str]] = defaultdict(set)
    for number in differing_lines(tenant, orders):
        extras[number].add("lines")
    for number in differing_refunds(tenant, orders):
        extras[number].add("refunds")
    return held, extras


def compare_products(
    tenant: Tenant, news: News, read_at: datetime
) -> tuple[dict[int, Held], Extras]:
    """Products."""
    rows = [row_of(item, PRODUCT_COLUMNS) for item in news.products]
    return look(tenant, "orders_product", PRODUCT_COLUMNS, rows, APART), {}


def compare_checkouts(
    tenant: Tenant, news: News, read_at: datetime
) -> tuple[dict[int, Held], Extras]:
    """Abandoned checkouts."""
    rows = [row_of(item, CHECKOUT_COLUMNS, customer_id=None) for item in news.checkouts]
    return look(tenant, "orders_checkout", CHECKOUT_COLUMNS, rows, CHECKOUTS_APART), {}


COMPARISONS: dict[str, Comparison] = {
    SyncPart.Kind.CUSTOMERS: compare_customers,
    SyncPart.Kind.ORDERS: compare_orders,
    SyncPart.Kind.PRODUCTS: compare_products,
    SyncPart.Kind.CHECKOUTS: compare_checkouts,
}


def look(
    tenant: Tenant, table: str, columns: Mapping[str, str], rows: Sequence[Row], apart: set[str]
) -> dict[int, Held]:
    """Each told row beside the held one, by Shopify's id."""
    if not rows:
        return {}
    names = [name for name in columns if name not in apart]
    tests = ", ".join(
        f"CASE WHEN {differs(name, columns[name])} THEN '{name}' END" for name in names
    )
    sql = (
        "SELECT new.shopify_id, CASE WHEN old.id IS NULL OR old.updated_at IS NULL THEN 'missing'"
        " WHEN old.updated_at < new.updated_at THEN 'late'"
        " WHEN old.updated_at = new.updated_at THEN 'same' ELSE 'newer' END,"
        f" array_remove(ARRAY[{tests}]::text[], NULL) FROM {unnest(columns)}"
        f" LEFT JOIN {table} old ON old.tenant_id = %s AND old.shopify_id = new.shopify_id"
    )
    found = run(sql, [*arrays(columns, rows), tenant.pk])
    return {number: Held(standing, tuple(fields)) for number, standing, fields in found}


def differs(name: str, kind: str) -> str:
    """SQL: whether a told value is not the held one; an empty text and none at all are one."""
    if kind == TEXT:
        return f"new.{name} IS NOT NULL AND COALESCE(old.{name}, '') <> new.{name}"
    return f"new.{name} IS NOT NULL AND old.{name} IS DISTINCT FROM new.{name}"


def differing_addresses(customers: Iterable[CustomerData]) -> set[int]:
    """Customers whose addresses, as far as all of them are told, are others here."""
    told = {
        customer.shopify_id: {
            each.codes for each in (customer.address, *customer.addresses) if each
        }
        for customer in customers
        if customer.addresses is not None
    }
    held: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    rows = CustomerAddress.objects.filter(customer__shopify_id__any_of=set(told))
    for number, *codes in rows.values_list("customer__shopify_id", *CODES):
        held[number].add(tuple(codes))
    # One of which no code is told is none to whoever asks by codes.
    return {n for n, codes in told.items() if codes - NO_CODES != held[n] - NO_CODES}


def differing_tags(news: News, read_at: datetime) -> set[int]:
    """Customers whose tags are not those that are told, words after `read_at` left aside."""
    told = {word.customer_id: {tag.lower() for tag in word.tags} for word in news.tags}
    held: dict[int, set[str]] = defaultdict(set)
    newer: dict[int, set[str]] = defaultdict(set)
    rows = CustomerTag.objects.filter(customer__shopify_id__in=list(told))
    for number, tag, present, at in rows.values_list(
        "customer__shopify_id", "tag_key", "present", "changed_at"
    ):
        if at > read_at:
            newer[number].add(tag)
        elif present:
            held[number].add(tag)
    return {number for number, tags in told.items() if tags - newer[number] != held[number]}


CONSENT_COLUMNS = {
    "shopify_id": "bigint",
    "channel": "text",
    "state": "text",
    "changed_at": "timestamptz",
}
CONSENTS = f"""
    SELECT new.shopify_id, new.channel FROM {unnest(CONSENT_COLUMNS)}
    JOIN customers_customer c ON c.tenant_id = %s AND c.shopify_id = new.shopify_id
    WHERE CASE new.channel WHEN 'email' THEN c.email_consent_at ELSE c.sms_consent_at END
            IS DISTINCT FROM new.changed_at
        AND COALESCE(CASE new.channel WHEN 'email' THEN c.email_consent_at
            ELSE c.sms_consent_at END, '-infinity') < new.changed_at
        OR CASE new.channel WHEN 'email' THEN c.email_consent_at ELSE c.sms_consent_at END
            = new.changed_at
        AND CASE new.channel WHEN 'email' THEN c.email_consent ELSE c.sms_consent END
            IS DISTINCT FROM new.state
"""


def differing_consents(tenant: Tenant, news: News) -> list[tuple[int, str]]:
    """Customer and channel of each consent that is older here, or of that moment and other."""
    rows = [
        (word.customer_id, word.channel, word.state, word.changed_at)
        for word in news.consents
        if word.changed_at > UNDATED
    ]
    if not rows:
        return []
    return [(n, c) for n, c in run(CONSENTS, [*arrays(CONSENT_COLUMNS, rows), tenant.pk])]


LINES = """
    SELECT o.shopify_id, l.shopify_id, l.quantity, l.current_quantity, l.price, l.discount
    FROM orders_order o
    JOIN orders_lineitem l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
    WHERE o.tenant_id = %s AND o.shopify_id = ANY(%s::bigint[])
"""


def differing_lines(tenant: Tenant, orders: Iterable[OrderData]) -> set[int]:
    """Orders whose lines are not those that are told."""
    told = {
        order.shopify_id: {
            (line.shopify_id, line.quantity, line.current_quantity, to_thousandths(line.price),
             to_thousandths(line.discount))
            for line in order.lines
        }
        for order in orders
        if order.lines is not None
    }  # fmt: skip
    held: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    for number, *line in run(LINES, [tenant.pk, array(sorted(told))]):
        held[number].add(tuple(line))
    return {number for number, lines in told.items() if lines != held[number]}


def differing_refunds(tenant: Tenant, orders: Iterable[OrderData]) -> set[int]:
    """Orders of which a told refund is not held, or with another amount."""
    told = {
        refund.shopify_id: (order.shopify_id, to_thousandths(refund.amount))
        for order in orders
        for refund in order.refunds
    }
    if not told:
        return set()
    sql = "SELECT shopify_id, amount FROM orders_refund WHERE tenant_id = %s"
    held = dict(run(f"{sql} AND shopify_id = ANY(%s::bigint[])", [tenant.pk, array(sorted(told))]))
    return {order for number, (order, amount) in told.items() if held.get(number) != amount}
