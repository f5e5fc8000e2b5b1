"""The merge fields of a claim's people: one statement for them, one for tags, one for orders."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns.models import Campaign, SendingSettings
from customers.models import Customer
from tenants.models import Tenant
from xeno.lib.money import THOUSANDTHS, format_money
from xeno.lib.upsert import array, run

COLUMNS = (
    "pk", "first_name", "last_name", "email", "language", "country", "city", "orders_count",
    "total_spent", "first_order_at", "last_order_at", "email_open_tracking",
)  # fmt: skip
OPEN_TRACKING = "open tracking"  # of no template: what the message itself is made by
MOST_ITEMS = 50  # of an order; a mail that lists more is none

TAGS = """
    SELECT customer_id, array_agg(tag ORDER BY tag_key) FROM customers_customertag
    WHERE tenant_id = %s AND customer_id = ANY(%s::bigint[]) AND present GROUP BY customer_id
"""
LAST_ORDERS = f"""
    SELECT c.id, o.name, o.current_amount, o.currency, o.processed_at, i.titles, i.quantities
    FROM unnest(%s::bigint[]) AS c(id)
    CROSS JOIN LATERAL (
        SELECT id, name, current_amount, currency, processed_at FROM orders_order
        WHERE tenant_id = %s AND customer_id = c.id AND counted
        ORDER BY processed_at DESC, id DESC LIMIT 1
    ) o
    CROSS JOIN LATERAL (
        SELECT array_agg(title ORDER BY id) AS titles, array_agg(current_quantity ORDER BY id)
            AS quantities
        FROM (
            SELECT id, title, current_quantity FROM orders_lineitem
            WHERE tenant_id = %s AND order_id = o.id AND current_quantity > 0
            ORDER BY id LIMIT {MOST_ITEMS}
        ) l
    ) i
"""
BOTH = frozenset({"customer.tags", "last_order"})


def read_fields(
    tenant: Tenant, customer_ids: Collection[int], *, wanted: Collection[str] = BOTH
) -> dict[int, dict[str, Any]]:
    """`customer` and `last_order` of these people by our id; `wanted` are those of BOTH that a
    template asks for, and what it does not is not read. OPEN_TRACKING is Shopify's level."""
    ids = array(list(customer_ids))
    found = Customer.objects.filter(pk__any_of=list(customer_ids)).values_list(*COLUMNS)
    tags = dict(run(TAGS, [tenant.pk, ids])) if "customer.tags" in wanted else {}
    orders: dict[int, dict[str, Any]] = {}
    if "last_order" in wanted:
        rows = run(LAST_ORDERS, [ids, tenant.pk, tenant.pk])
        orders = {pk: order_fields(tenant, rest) for pk, *rest in rows}
    return {
        row[0]: {
            "customer": customer_fields(tenant, row) | {"tags": tags.get(row[0], [])},
            "last_order": orders.get(row[0]),
            OPEN_TRACKING: row[-1],
        }
        for row in found
    }


def shared_fields(tenant: Tenant, campaign_name: str, rules: SendingSettings) -> dict[str, Any]:
    """What every person's message says alike."""
    return {
        "store": {
            "name": tenant.name,
            "domain": tenant.shop_domain,
            "url": f"https://{tenant.shop_domain}",
            "currency": tenant.currency,
            "postal_address": " ".join(rules.postal_address.split()),
        },
        "campaign": {"name": campaign_name},
    }


def name_of(content: Any) -> str:
    """What `campaign.name` says; a template is in no campaign yet."""
    return str(content.name) if isinstance(content, Campaign) else "Example"


def customer_fields(tenant: Tenant, row: tuple[Any, ...]) -> dict[str, Any]:
    """What templates call `customer`, but for the tags."""
    _, first, last, email, language, country, city, orders, spent, first_at, last_at, _ = row
    return {
        "first_name": first or None,
        "last_name": last or None,
        "name": " ".join(part for part in (first, last) if part) or None,
        "email": email,
        "language": language or None,
        "country": country or None,
        "city": city_name(city),
        "orders_count": orders,
        "total_spent": amount(spent, tenant.currency),
        "first_order_at": moment(tenant, first_at),
        "last_order_at": moment(tenant, last_at),
    }


def order_fields(tenant: Tenant, row: Sequence[Any]) -> dict[str, Any]:
    """What templates call `last_order`."""
    name, thousandths, currency, placed_at, titles, quantities = row
    lines = zip(titles or (), quantities or (), strict=True)
    return {
        "name": name,
        "amount": amount(Decimal(thousandths) / THOUSANDTHS, currency),
        "currency": currency,
        "date": moment(tenant, placed_at),
        "items": [{"title": title, "quantity": quantity} for title, quantity in lines],
    }


def amount(value: Decimal, currency: str) -> Decimal:
    """A number that prints as the currency is written, and that templates can compare."""
    return Decimal(format_money(value, currency))


def moment(tenant: Tenant, at: datetime | None) -> str | None:
    """A time in the store's zone, as Shopify's Liquid prints it and `date` reads it."""
    return at.astimezone(tenant.zone).strftime("%Y-%m-%d %H:%M:%S %z") if at else None


CAPITAL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")


def city_name(code: str | None) -> str | None:
    """`New York City` of Shopify's `US-NY-NewYorkCity`."""
    return CAPITAL.sub(" ", (code or "").split("-", 2)[-1]) or None
