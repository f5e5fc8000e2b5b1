"""A customer's orders, refunds and checkouts in the timeline."""

from collections.abc import Sequence
from datetime import datetime

from customers.models import Customer
from customers.timeline import Event, Source
from orders.models import Checkout, Order, Refund
from tenants.roles import Right
from xeno.lib.money import format_money


def find_orders(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest orders, each as an event at the moment when it was placed."""
    orders = Order.objects.filter(customer=customer)
    if until:
        orders = orders.filter(processed_at__lte=until)
    return [
        Event(
            at=order.processed_at,
            kind="order.placed",
            text=f"Order {order.name}, {format_money(order.amount, order.currency)}"
            f" {order.currency}{'' if order.counted else ', not counted'}",
            key=f"order:{order.pk:020}",
            object_type="orders.order",
            object_id=order.pk,
        )
        for order in orders.order_by("-processed_at", "-pk")[:most]
    ]


def find_refunds(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest refunds of their orders."""
    refunds = Refund.objects.filter(order__customer=customer).select_related("order")
    if until:
        refunds = refunds.filter(refunded_at__lte=until)
    return [
        Event(
            at=refund.refunded_at,
            kind="order.refunded",
            text=f"{format_money(refund.amount, refund.order.currency)}"
            f" {refund.order.currency} back for order {refund.order.name}",
            key=f"refund:{refund.pk:020}",
            object_type="orders.order",
            object_id=refund.order_id,
        )
        for refund in refunds.order_by("-refunded_at", "-pk")[:most]
    ]


def find_checkouts(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest checkouts that they began, and whether anything came of each."""
    checkouts = Checkout.objects.filter(customer=customer)
    if until:
        checkouts = checkouts.filter(created_at__lte=until)
    return [
        Event(
            at=checkout.created_at,
            kind=f"checkout.{'completed' if checkout.completed_at else 'abandoned'}",
            text=f"{'Completed' if checkout.completed_at else 'Left'} a checkout of"
            f" {format_money(checkout.amount, checkout.currency)} {checkout.currency}",
            key=f"checkout:{checkout.pk:020}",
            object_type="orders.checkout",
            object_id=checkout.pk,
        )
        for checkout in checkouts.order_by("-created_at", "-pk")[:most]
    ]


ORDERS = Source("orders", Right.VIEW_ORDERS, find_orders, "Orders", "shopping_bag")
REFUNDS = Source("refunds", Right.VIEW_ORDERS, find_refunds, "Refunds", "undo")
CHECKOUTS = Source(
    "checkouts", Right.VIEW_ORDERS, find_checkouts, "Checkouts", "shopping_cart_checkout"
)
