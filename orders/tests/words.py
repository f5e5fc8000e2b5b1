"""What Shopify may say of orders, with no more told than the test is about."""

from decimal import Decimal
from typing import Any

from customers.tests.words import NOON, minute
from orders.data import CheckoutData, LineData, OrderData, ProductData, RefundData


def order_data(number: int = 1, *, at: int = 0, **told: Any) -> OrderData:
    """An order of 100, updated at the minute, with what is told of it."""
    nothing = dict.fromkeys(
        ["customer_id", "email", "reported_amount", "financial_status", "fulfillment_status",
         "processed_at", "cancelled_at", "test", "source", "discount_codes", "landing_site",
         "created_at", "lines"]
    )  # fmt: skip
    known = {"name": f"#{number}", "amount": Decimal(100), "currency": "GBP", "refunds": ()}
    times = {"updated_at": minute(at), "triggered_at": minute(at)}
    return OrderData(**{**nothing, **known, **times, **told}, shopify_id=number)


def line_data(number: int = 11, **told: Any) -> LineData:
    """A line of one jug."""
    known = {"product_id": 5, "variant_id": None, "title": "Jug", "sku": "J", "quantity": 1,
             "current_quantity": 1, "price": Decimal(100), "discount": Decimal(0)}  # fmt: skip
    return LineData(**{**known, **told}, shopify_id=number)


def refund_data(number: int = 3, *, order: int = 1, amount: str = "30", at: int = 5) -> RefundData:
    """A refund of 30, five minutes after noon."""
    return RefundData(number, order, Decimal(amount), minute(at), "")


def product_data(number: int = 5, *, at: int = 0, **told: Any) -> ProductData:
    """A jug, told at the minute."""
    nothing = dict.fromkeys(["vendor", "product_type", "status", "tags", "created_at"])
    times = {"updated_at": minute(at), "triggered_at": minute(at)}
    return ProductData(**{**nothing, **times, "title": "Jug", **told}, shopify_id=number)


def checkout_data(number: int = 6, *, at: int = 0, **told: Any) -> CheckoutData:
    """A checkout of 5, told at the minute."""
    nothing = dict.fromkeys(["customer_id", "email", "recovery_url", "completed_at"])
    times = {"created_at": NOON, "updated_at": minute(at), "triggered_at": minute(at)}
    known = {"amount": Decimal(5), "currency": "GBP"}
    return CheckoutData(**{**nothing, **times, **known, **told}, shopify_id=number)
