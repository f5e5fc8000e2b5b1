"""The home page, put together of what somebody's rights allow."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from campaigns.numbers.reach import find_reach
from customers.models import Customer
from orders.models import Order
from orders.numbers.glance import find_course, find_figures_of
from orders.numbers.periods import today_of
from orders.numbers.tops import find_top_products
from orders.panels import STATE_KINDS
from tenants.audit import get_actor, save_reading
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.display import Panel, link, moment, money, state_label
from tenants.scoping.listing import MOST_ROWS
from xeno.dashboard.home.arriving import find_arrivals, may_see_arrivals
from xeno.dashboard.home.cards import Card, figure_cards, reach_card
from xeno.dashboard.home.charts import charts_of
from xeno.dashboard.home.picking import Picked, pick
from xeno.dashboard.home.standing import connection_card, find_standing, steps_context

NEWEST_ORDERS = 10
TOP = 5


def home_page(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """What `admin/index.html` shows of the store to somebody with these rights."""
    standing = find_standing(store)
    cards = list[Card]()
    shown: dict[str, Any] = {"title": "Home", "empty": not standing.has_orders}
    if holds(request, Right.VIEW_ANALYTICS):
        picked = pick(request.GET, store)
        cards, numbers = numbers_of(store, picked)
        shown |= numbers | {"picked": picked, "numbers_wait": standing.numbers_wait}
    else:
        shown["newest"] = newest_orders(request)
        cards = count_cards(request)
    if holds(request, Right.MANAGE_STORE):
        cards.append(connection_card(store, standing))
    if may_see_arrivals(request):
        shown |= {"hears": True, "arrivals": find_arrivals(request)}
    return shown | {"cards": cards} | steps_context(request, store, standing)


def numbers_of(store: Tenant, picked: Picked) -> tuple[list[Card], dict[str, Any]]:
    """The period's cards, charts and best products: six queries, each of rollups."""
    now, before = find_figures_of(tenant=store, periods=[picked.period, picked.before])
    stretches = list(picked.period.stretches(picked.interval))
    earlier = list(picked.before.stretches(picked.interval))
    course = find_course(tenant=store, stretches=[*earlier, *stretches])
    drawn = charts_of(
        course[len(earlier) :],
        course[: len(earlier)],
        picked.interval,
        currency=store.currency,
        today=today_of(store),
    )
    reach = find_reach(tenant=store, until=picked.before.last)
    cards = [*figure_cards(now, before), reach_card(*reach)]
    bought = now.sales.orders or now.others
    return cards, {"charts": drawn if bought else [], "products": best_products(store, picked)}


def best_products(store: Tenant, picked: Picked) -> list[tuple[object, str, str]]:
    """Title, what was sold, and revenue of the period's best products."""
    return [
        (
            link(reverse("admin:orders_product_change", args=[each.product_id]), each.title)
            if each.product_id
            else each.title or "A product that is no more",
            f"{each.quantity:,}",
            money(each.revenue, store.currency),
        )
        for each in find_top_products(tenant=store, period=picked.period, limit=TOP)
    ]


def count_cards(request: HttpRequest) -> list[Card]:
    """For who sees no analytics: how many rows there are of what they see."""
    cards = []
    if holds(request, Right.VIEW_ORDERS):
        orders = reverse("admin:orders_order_changelist")
        note = "Guests and cancelled ones included"
        cards.append(Card("Orders", capped(Order.objects.all()), note=note, href=orders))
    if holds(request, Right.VIEW_CUSTOMERS):
        people = reverse("admin:customers_customer_changelist")
        cards.append(
            Card("Customers", capped(Customer.objects.all()), note="As Shopify knows them",
                 href=people)
        )  # fmt: skip
    return cards


def capped(rows: QuerySet[Any]) -> str:
    """How many rows there are, counted up to MOST_ROWS."""
    found = rows.order_by().values("pk")[: MOST_ROWS + 1].count()
    return f"{MOST_ROWS:,}+" if found > MOST_ROWS else f"{found:,}"


def newest_orders(request: HttpRequest) -> Panel | None:
    """The table of the newest orders with their customers; who reads it is noted."""
    if not holds(request, Right.VIEW_ORDERS):
        return None
    newest = Order.objects.select_related("customer").order_by("-processed_at", "-pk")
    orders = list(newest[:NEWEST_ORDERS])
    if not orders:
        return None
    seen, kind = [order.pk for order in orders], Order._meta.label_lower
    save_reading(actor=get_actor(request), action="order.listed", object_type=kind, seen=seen)
    return Panel(
        title="Newest orders",
        headers=("Order", "Customer", "Placed", "Amount", "Payment"),
        rows=[
            (
                link(reverse("admin:orders_order_change", args=[order.pk]), order.name),
                str(order.customer or order.email or "Guest"),
                moment(order.processed_at),
                money(order.current_amount, order.currency),
                state_label(order.financial_status, STATE_KINDS),
            )
            for order in orders
        ],
        right=Right.VIEW_ORDERS,
    )
