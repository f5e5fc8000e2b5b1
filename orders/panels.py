"""What the pages of other apps show of orders."""

from django.urls import reverse

from customers.models import Customer
from orders.models import Order
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.display import Panel, link, moment, money, state_label

LAST_ORDERS = 5  # the timeline has them all

# Shopify's states of payment and delivery, and how alarming each is.
STATE_KINDS = {
    "paid": "success",
    "fulfilled": "success",
    "authorized": "info",
    "pending": "warning",
    "partially_paid": "warning",
    "partial": "warning",
    "partially_refunded": "warning",
    "refunded": "danger",
    "voided": "danger",
    "expired": "danger",
}


def last_orders(store: Tenant, customer: Customer) -> Panel:
    """The customer's latest orders, read from the index of their orders."""
    orders = list(Order.objects.filter(customer=customer).order_by("-processed_at")[:LAST_ORDERS])
    everything = f"{reverse('admin:orders_order_changelist')}?customer={customer.pk}"
    return Panel(
        title="Last orders",
        headers=("Order", "When", "Amount", "Payment", "Fulfilment", "Counted"),
        rows=[
            (
                link(reverse("admin:orders_order_change", args=[order.pk]), order.name),
                moment(order.processed_at),
                money(order.current_amount, order.currency),
                state_label(order.financial_status, STATE_KINDS),
                state_label(order.fulfillment_status, STATE_KINDS),
                "yes" if order.counted else "no",
            )
            for order in orders
        ],
        right=Right.VIEW_ORDERS,
        note=link(everything, "All orders of this customer")
        if orders
        else "No order is held here.",
    )
