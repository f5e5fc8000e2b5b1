"""The planner is told of a store's growth before a first load costs the square of its size."""

from django.db import connection

from webhooks import statistics
from webhooks.models import ApplierLease
from webhooks.tests.shopify import order


def test_the_tables_are_analyzed_each_time_a_store_has_doubled(shopify):
    ApplierLease.objects.create(tenant=shopify.tenant)
    runs = [statistics.follow_growth(tenant=shopify.tenant, applied=200) for _ in range(20)]

    # At 400 deliveries, then 800, 1,600, 3,200.
    assert [place * 200 + 200 for place, ran in enumerate(runs) if ran] == [400, 800, 1600, 3200]


def test_the_planner_knows_the_store_after_its_first_batch(shopify, monkeypatch):
    monkeypatch.setattr(statistics, "FIRST", 1)
    shopify.tell("orders/create", order())

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'orders_order'")
        assert cursor.fetchone()[0] == 1
