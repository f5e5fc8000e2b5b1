"""What comes after the home page: pieces of it that read orders, or change by the second."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from campaigns.numbers.attributed import find_attributed
from customers.models import Customer
from orders.numbers.tops import find_top_customers
from tenants.audit import get_actor, save_reading
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.display import link, money
from webhooks.backfill.models import Sync
from xeno.dashboard.home.arriving import find_arrivals
from xeno.dashboard.home.cards import Card, money_card
from xeno.dashboard.home.picking import Picked, pick
from xeno.dashboard.home.standing import connection_card, find_standing

TOP = 5


def people_part(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """What campaigns brought, and who bought most: exact, from the orders of the period."""
    if not holds(request, Right.VIEW_ANALYTICS):
        raise PermissionDenied(f"This needs the right “{Right.VIEW_ANALYTICS.label}”.")
    picked = pick(request.GET, store)
    seen = holds(request, Right.VIEW_CUSTOMERS)
    return {
        "picked": picked,
        "card": attributed_card(store, picked),
        "names": seen,
        "people": best_customers(request, store, picked) if seen else [],
    }


def attributed_card(store: Tenant, picked: Picked) -> Card:
    """Revenue of orders that followed a click or an open."""
    now = find_attributed(tenant=store, period=picked.period)
    before = find_attributed(tenant=store, period=picked.before)
    title, note = "Revenue from campaigns", ""
    if not now.orders and not before.orders:
        note = "No order has followed a campaign in these days"
    return money_card(title, now.revenue, store.currency, before.revenue, note)


def best_customers(
    request: HttpRequest, store: Tenant, picked: Picked
) -> list[tuple[object, str, str]]:
    """Name, orders, and revenue of who bought most in the period; who reads it is noted."""
    best = find_top_customers(tenant=store, period=picked.period, limit=TOP)
    people = Customer.objects.in_bulk([each.customer_id for each in best])
    if people:
        kind = Customer._meta.label_lower
        actor = get_actor(request)
        save_reading(actor=actor, action="customer.listed", object_type=kind, seen=list(people))
    return [
        (
            link(
                reverse("admin:customers_customer_change", args=[each.customer_id]),
                people[each.customer_id],
            ),
            f"{each.orders:,}",
            money(each.revenue, store.currency),
        )
        for each in best
        if each.customer_id in people
    ]


def arriving_part(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """What arrived last, how the connection stands, and how far the history is."""
    shown: dict[str, Any] = {"arrivals": find_arrivals(request)}
    if holds(request, Right.MANAGE_STORE):
        standing = find_standing(store)
        shown["card"] = connection_card(store, standing)
        if standing.sync == Sync.State.RUNNING:
            shown["percent"] = history_percent()
    return shown


def history_percent() -> int | None:
    """How much of the history is read; None when nothing reads it any more."""
    running = Sync.objects.filter(state=Sync.State.RUNNING).prefetch_related("parts").first()
    return running.percent if running else None
