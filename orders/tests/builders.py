"""Orders for tests, with no more said than the test is about."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from orders.models import LineItem, Order, Product, Refund
from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope

numbers = count(1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_order(store: Tenant, *, lines: int = 0, refunds: int = 0, **fields: Any) -> Order:
    """An order of the store: 20.00 at noon, unless said otherwise."""
    number = next(numbers)
    amount = fields.pop("amount", 20)
    told = {"processed_at": NOON, "created_at": NOON, "updated_at": NOON, "triggered_at": NOON}
    fixed = {"name": f"#{number}", "currency": "GBP", "reported_amount": amount}
    with tenant_scope(store.pk):
        order = Order.objects.create(
            **{**told, **fixed, "shopify_id": number, "amount": amount, "current_amount": amount,
               **fields}
        )  # fmt: skip
        for _ in range(lines):
            LineItem.objects.create(
                shopify_id=next(numbers), order=order, ordered_at=order.processed_at, title="Mug",
                quantity=2, current_quantity=2, price=10,
            )  # fmt: skip
        for _ in range(refunds):
            Refund.objects.create(
                shopify_id=next(numbers), order=order, amount=5, refunded_at=order.processed_at
            )
    return order


def make_product(store: Tenant, title: str, **fields: Any) -> Product:
    """A product of the store."""
    with tenant_scope(store.pk):
        return Product.objects.create(
            **{"updated_at": NOON, "triggered_at": NOON, **fields},
            title=title,
            shopify_id=next(numbers),
        )
