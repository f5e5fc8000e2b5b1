"""A customer's last orders, as `GET /customers/{id}` shows them."""

from typing import Any

from customers.models import Customer
from customers.parts import CustomerPart
from orders.models import Order
from orders.serializers import OrderSummarySerializer, show_order
from tenants.roles import Right

MOST = 20


def read_last_orders(customer: Customer) -> list[dict[str, Any]]:
    """The newest orders of the customer, without their lines."""
    orders = Order.objects.filter(customer=customer).order_by("-processed_at", "-id")
    return [show_order(order) for order in orders[:MOST]]


LAST_ORDERS = CustomerPart(
    name="last_orders",
    right=Right.VIEW_ORDERS,
    read=read_last_orders,
    field=OrderSummarySerializer(
        many=True, allow_null=True, help_text=f"The newest {MOST}; null without the right to see."
    ),
)
