"""The home page of the open store: a few numbers, each from a bounded read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from customers.models import Customer
from orders.models import Order
from orders.panels import STATE_KINDS
from tenants.audit import get_actor, save_reading
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.display import Panel, day, link, moment, money, state_label
from tenants.scoping.listing import MOST_ROWS
from webhooks.models import Delivery, State

NEWEST_ORDERS = 10
FIRST_MONTH = datetime(1, 2, 1, tzinfo=UTC)  # nothing can be reckoned back from the days before
# Sums read no more than the newest of these; what they leave out they say.
MOST_SUMMED = 25_000


@dataclass(frozen=True)
class Card:
    """One number: what it is, what it says, what to know about it, where it leads."""

    title: str
    value: str
    note: str = ""
    href: str = ""
    unit: str = ""
    warn: bool = False


def home_page(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """What `admin/index.html` shows of the store to somebody with these rights."""
    orders = newest_orders() if holds(request, Right.VIEW_ORDERS) else []
    if orders:
        # The table names the buyers.
        seen = [order.pk for order in orders]
        kind = Order._meta.label_lower
        save_reading(actor=get_actor(request), action="order.listed", object_type=kind, seen=seen)
    return {
        "title": "Home",
        "cards": list(cards(request, store)),
        "newest": orders_panel(orders) if orders else None,
        "empty": not orders,
        "manages": holds(request, Right.MANAGE_STORE),
    }


def cards(request: HttpRequest, store: Tenant) -> Iterator[Card]:
    """The numbers that the user's rights allow."""
    if holds(request, Right.VIEW_ANALYTICS):
        yield from revenue_cards(store)
    if holds(request, Right.VIEW_ORDERS):
        yield Card("Orders", capped(Order.objects.all()), "Guests and cancelled ones included",
                   reverse("admin:orders_order_changelist"))  # fmt: skip
    if holds(request, Right.VIEW_CUSTOMERS):
        yield Card("Customers", capped(Customer.objects.all()), "As Shopify knows them",
                   reverse("admin:customers_customer_changelist"))  # fmt: skip
    if holds(request, Right.MANAGE_STORE):
        yield webhooks_card()


def capped(rows: QuerySet[Any]) -> str:
    """How many rows there are, counted up to MOST_ROWS."""
    found = rows.order_by().values("pk")[: MOST_ROWS + 1].count()
    return f"{MOST_ROWS:,}+" if found > MOST_ROWS else f"{found:,}"


def revenue_cards(store: Tenant) -> Iterator[Card]:
    """Revenue of the newest 30 days with orders in them, and of all time where that is cheap."""
    # A payload may carry any date: what is dated in the future is not the newest.
    past = Order.objects.filter(processed_at__lte=timezone.now())
    counted = past.filter(counted=True, currency=store.currency)
    newest = past.order_by("-processed_at", "-pk").values_list("processed_at", flat=True).first()
    if newest is None:
        yield money_card("Revenue", Decimal(0), store, "No orders yet")
        return
    since = max(newest, FIRST_MONTH) - timedelta(days=30)
    last = day(newest)
    total, complete = summed(counted.filter(processed_at__gt=since))
    note = f"30 days to {last}" if complete else f"30 days to {last}, newest {MOST_SUMMED:,} orders"
    yield money_card("Revenue, 30 days", total, store, note)
    total, complete = summed(Order.objects.filter(counted=True, currency=store.currency))
    if complete:
        yield money_card("Revenue, all time", total, store, "Counted orders, after refunds")


def money_card(title: str, amount: Decimal, store: Tenant, note: str) -> Card:
    """An amount with its currency beside it."""
    figure, _, currency = money(amount, store.currency).rpartition(" ")
    return Card(title, figure, note, unit=currency)


def summed(orders: QuerySet[Order]) -> tuple[Decimal, bool]:
    """The sum of the newest orders' current amounts, and whether these were all of them."""
    newest = orders.order_by("-processed_at", "-pk")[: MOST_SUMMED + 1]
    found = newest.aggregate(total=Sum("current_amount"), orders=Count("pk"))
    return found["total"] or Decimal(0), found["orders"] <= MOST_SUMMED


def webhooks_card() -> Card:
    """Whether what arrives is applied."""
    pending = capped(Delivery.objects.filter(state=State.PENDING))
    parked = capped(Delivery.objects.filter(state=State.PARKED))
    last = Delivery.objects.order_by("-pk").values_list("received_at", flat=True).first()
    ago = f"Last one {timesince(last, depth=1)} ago" if last else "None has come yet"
    return Card(
        title="Webhooks",
        value=f"{parked} parked",
        note=f"{pending} pending · {ago}",
        href=reverse("admin:webhooks_delivery_changelist"),
        warn=parked != "0",
    )


def newest_orders() -> list[Order]:
    """The newest orders with their customers."""
    newest = Order.objects.select_related("customer").order_by("-processed_at", "-pk")
    return list(newest[:NEWEST_ORDERS])


def orders_panel(orders: list[Order]) -> Panel:
    """The table of the newest orders."""
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
