"""The planner is told of a store's growth before a first load costs the square of its size."""

from django.db import connection

from webhooks import statistics
from webhooks.models import ApplierLease
from webhooks.tests.shopify import order


def test_the_tables_are_analyzed_each_time_a_store_is_four_times_as_large(shopify):
    ApplierLease.objects.create(tenant=shopify.tenant)
    told = [statistics.count_applied(tenant=shopify.tenant, applied=200) for _ in range(40)]

    assert [place * 200 + 200 for place, due in enumerate(told) if due] == [400, 1600, 6400]


def test_the_planner_knows_the_store_after_its_first_batch(shopify, monkeypatch):
    monkeypatch.setattr(statistics, "FIRST", 1)
    shopify.tell("orders/create", order())

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'orders_order'")
        assert cursor.fetchone()[0] == 1
