"""Merge fields: what a template may say of a person, their orders and the store."""

from collections.abc import Iterable
from typing import Any

from customers.models import Customer
from tenants.models import Tenant
from xeno.lib.money import format_money

COLUMNS = (
    "pk", "first_name", "last_name", "email", "language", "country", "orders_count", "total_spent",
    "first_order_at", "last_order_at",
)  # fmt: skip


def read_fields(tenant: Tenant, customer_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The fields of these people by our id, in one statement; a field without a value is nil."""
    found = Customer.objects.filter(pk__any_of=list(customer_ids)).values_list(*COLUMNS)
    store = {"name": tenant.name, "currency": tenant.currency, "domain": tenant.shop_domain}
    return {row[0]: {"customer": customer_fields(tenant, row), "store": store} for row in found}


def customer_fields(tenant: Tenant, row: tuple[Any, ...]) -> dict[str, Any]:
    """What templates call `customer`."""
    _, first, last, email, language, country, orders, spent, first_at, last_at = row
    return {
        "first_name": first or None,
        "last_name": last or None,
        "name": " ".join(part for part in (first, last) if part) or None,
        "email": email,
        "language": language,
        "country": country or None,
        "orders_count": orders,
        "total_spent": format_money(spent, tenant.currency),
        "first_order_at": first_at and first_at.astimezone(tenant.zone),
        "last_order_at": last_at and last_at.astimezone(tenant.zone),
    }
