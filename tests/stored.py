"""The open store's tables as plain rows by Shopify ids, to be compared with the oracle's.

No surrogate ids, no `synced_at`, no inbox: what must be equal after any order of arrival.
"""

from typing import Any

from customers.models import Customer
from orders.models import LineItem, Order, Refund
from tests import oracle

Row = tuple[Any, ...]

CUSTOMER = (
    "shopify_id", "email", "first_name", "last_name", "country", "orders_count", "total_spent",
    "first_order_at", "last_order_at", "created_at", "updated_at",
)  # fmt: skip
ORDER = (
    "shopify_id", "name", "customer__shopify_id", "amount", "current_amount", "refunded_amount",
    "currency", "financial_status", "fulfillment_status", "processed_at", "created_at",
    "updated_at", "counted",
)  # fmt: skip
LINE = (
    "shopify_id", "order__shopify_id", "product_shopify_id", "sku", "title", "quantity",
    "current_quantity", "price",
)  # fmt: skip
REFUND = ("shopify_id", "order__shopify_id", "amount", "refunded_at")


def tables() -> dict[str, list[Row]]:
    """The rows of each table, by Shopify's ids."""
    asked = ((Customer, CUSTOMER), (Order, ORDER), (LineItem, LINE), (Refund, REFUND))
    return {
        model.__name__: sorted(
            # An empty text and none at all are one to the oracle.
            tuple(None if value == "" else value for value in row)
            for row in model.objects.values_list(*columns)
        )
        for model, columns in asked
    }


def expected_tables(expected: oracle.Expected) -> dict[str, list[Row]]:
    """The oracle's rows, as `tables` gives ours."""
    refunds = [row[:4] for row in expected.refunds.values()]
    found = {
        "Customer": expected.customers.values(),
        "Order": expected.orders.values(),
        "LineItem": expected.lines.values(),
        "Refund": refunds,
    }
    return {
        name: sorted(tuple(None if value == "" else value for value in row) for row in rows)
        for name, rows in found.items()
    }


def digest(rows: dict[str, list[Row]]) -> str:
    """SHA-256 over all rows."""
    return oracle.digest(rows.values())
