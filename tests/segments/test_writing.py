"""A store that the tests write holds what its facts say, with totals as the product has them."""

from datetime import UTC, datetime
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, CustomerTag
from orders.models import LineItem, Order
from tests.segments.facts import Store
from tests.segments.oracle import Oracle
from tests.segments.stores import make_case
from tests.segments.writing import make_tenant, write_store
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, tzinfo=UTC)


def figures(store: Store) -> dict[int, tuple]:
    """The totals of the customers by the oracle."""
    oracle = Oracle(store, NOW, store.zone, store.currency)
    names = ("number_of_orders", "amount_spent", "first_order_date", "last_order_date")
    return {who.id: tuple(oracle.value(name, who) for name in names) for who in store.customers}


def test_the_totals_of_the_product_are_those_of_the_oracle():
    columns = ("shopify_id", "orders_count", "total_spent", "first_order_at", "last_order_at")
    for seed in range(20):
        store = make_case(Random(seed)).store
        tenant = write_store(store)

        with tenant_scope(tenant.pk):
            stored = {key: tuple(rest) for key, *rest in Customer.objects.values_list(*columns)}

        assert stored == figures(store)


def test_what_counts_is_the_same_for_both():
    store = make_case(Random(3), most=12).store
    with tenant_scope(write_store(store).pk):
        stored = dict(Order.objects.values_list("shopify_id", "counted"))
        lines = set(LineItem.objects.filter(counted=True).values_list("order__shopify_id"))
        tags = CustomerTag.objects.filter(present=True).count()

    assert stored == {order.id: order.counts for order in store.orders}
    assert len(set(stored.values())) == 2
    assert lines == {(order.id,) for order in store.orders if order.counts and order.lines}
    assert tags == sum(len(who.tags) for who in store.customers)


def test_a_store_is_written_in_a_handful_of_statements():
    store = make_case(Random(3), most=12).store
    tenant = make_tenant(store)

    with CaptureQueriesContext(
        connection,
    ) as seen:
        write_store(store, tenant)

    assert len([each for each in seen if "INSERT" in each["sql"]]) <= 12
    assert len(seen) < 45
