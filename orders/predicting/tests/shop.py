"""A shop whose customers buy as the models have it, so that what is right is known."""

from datetime import UTC, datetime, timedelta

import numpy as np

from customers.models import Customer
from orders.models import Order
from tenants.models import Tenant

TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def put_shop(store: Tenant, *, customers: int = 300, weeks: int = 52, seed: int = 8) -> None:
    """So many customers who began within the weeks up to `TODAY`; r 1, alpha 6, a 0.8, b 2.5."""
    store.history_complete_since = TODAY
    store.save(update_fields=["history_complete_since"])
    random = np.random.default_rng(seed)
    orders = []
    for number in range(1, customers + 1):
        customer = Customer(shopify_id=number, tenant=store, orders_count=1)
        orders += [
            order(customer, weeks_ago, amount) for weeks_ago, amount in purchases(random, weeks)
        ]
    Customer.objects.bulk_create(
        {order.customer.shopify_id: order.customer for order in orders}.values()
    )
    for number, each in enumerate(orders, 1):
        each.shopify_id, each.customer_id = number, each.customer.pk
    Order.objects.bulk_create(orders)


def purchases(random: np.random.Generator, weeks: int) -> list[tuple[float, float]]:
    """How many weeks ago one customer bought, and for how much."""
    rate, lost = random.gamma(1.0, 1 / 6), random.beta(0.8, 2.5)
    scale = 1 / random.gamma(4.0, 1 / 15)
    found, left = [], random.uniform(0, weeks)
    while left > 0:
        found.append((left, random.gamma(6.0, scale)))
        if len(found) > 1 and random.random() < lost:
            break
        left -= random.exponential(1 / rate)
    return found


def order(customer: Customer, weeks_ago: float, amount: float, **changes: object) -> Order:
    """An order in pounds."""
    at, money = TODAY - timedelta(weeks=weeks_ago), round(float(amount), 2)
    return Order(**{
        "tenant": customer.tenant, "customer": customer, "processed_at": at, "created_at": at,
        "updated_at": at, "triggered_at": at, "currency": "GBP", "name": "#1",
        "amount": money, "current_amount": money, "reported_amount": money, **changes,
    })  # fmt: skip
