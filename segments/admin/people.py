"""Customers as the tables of these pages show them, and the note that they were shown."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from customers.models import Customer
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.display import day, money


def may_see(request: HttpRequest) -> bool:
    """Whether the user may see who the customers are; how many, every viewer of segments may."""
    return holds(request, Right.VIEW_CUSTOMERS)


def tell_customer(customer: Customer, currency: str) -> dict[str, Any]:
    """One customer, in words."""
    return {
        "name": str(customer),
        "email": customer.email or "",
        "orders": f"{customer.orders_count:,}",
        "spent": money(customer.total_spent, currency),
        "last_order": day(customer.last_order_at),
        "url": reverse("admin:customers_customer_change", args=[customer.pk]),
    }


def find_people(request: HttpRequest, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The customers of these ids, in this order, for somebody who may see them."""
    if not ids or not may_see(request):
        return []
    found = Customer.objects.filter(pk__any_of=ids).in_bulk()
    return show_people(request, [found[pk] for pk in ids if pk in found])


def in_order(ids: Sequence[int]) -> list[Customer]:
    """These customers in this order; one that is gone by now is left out."""
    found = Customer.objects.filter(pk__any_of=ids).in_bulk() if ids else {}
    return [found[pk] for pk in ids if pk in found]


def show_people(request: HttpRequest, customers: Sequence[Customer]) -> list[dict[str, Any]]:
    """These customers, and a line in the audit trail that they were shown; nobody without the
    right to view customers."""
    if not customers or not may_see(request):
        return []
    save_reading(
        actor=get_actor(request),
        action="customer.listed",
        object_type=Customer._meta.label_lower,
        seen=[customer.pk for customer in customers],
    )
    currency = get_store(request).currency
    return [{"id": c.pk, **tell_customer(c, currency)} for c in customers]
