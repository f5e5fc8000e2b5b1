"""A scope that is granted later: what was withheld comes by itself; what is lost takes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order
from tenants.models import Tenant
from tests.sync.conftest import ALL
from tests.sync.test_running import counts, run_out, shops_counts
from webhooks.backfill import beginning, running
from webhooks.backfill.models import Sync
from webhooks.reconciliation import keeping
from webhooks.tests.shopify import Shopify

LESS = ALL.removesuffix(",read_all_orders")
SHORT = 10  # of the shop's orders, how many Shopify shows without the scope


@pytest.fixture
def short(store, shop):
    """The store after a sync that was shown the last sixty days, and no more."""
    set_scopes(store, shop, LESS)
    Tenant.objects.filter(pk=store.pk).update(installed_at=timezone.now())
    shop.clock = lambda: nth_newest(shop, SHORT) + timedelta(days=60)
    running.start_sync(tenant=store)
    assert run_out(store).state == "done"
    assert not Tenant.objects.get(pk=store.pk).history_complete
    assert 0 < Order.objects.count() < len(shop.objects["orders"])
    return Tenant.objects.get(pk=store.pk)


def nth_newest(shop, number):
    made = sorted(
        datetime.fromisoformat(order["created_at"]) for order in shop.objects["orders"].values()
    )
    return made[-number]


def set_scopes(store, shop, scopes):
    shop.scopes = set(scopes.split(","))
    Tenant.objects.filter(pk=store.pk).update(scopes=scopes)


def hear(store, shop, scopes):
    """Shopify's word that the merchant has granted these."""
    shop.scopes = set(scopes.split(","))
    told = {"id": "gid://shopify/App/1", "previous": [], "current": scopes.split(",")}
    Shopify(store, Client()).tell(
        "app/scopes_update", told, triggered_at=datetime.now(UTC).isoformat()
    )


def test_orders_that_are_shown_at_last_come_by_themselves(short, shop):
    hear(short, shop, ALL)

    sync = run_out(short)
    assert (sync.kind, sync.since, sync.state) == ("history", None, "done")
    assert counts() == shops_counts(shop)
    assert Tenant.objects.get(pk=short.pk).history_complete_since == sync.started_at


def test_the_same_word_again_begins_nothing_more(short, shop):
    hear(short, shop, ALL)
    run_out(short)
    syncs = Sync.objects.count()

    hear(short, shop, ALL)
    assert Sync.objects.count() == syncs


def test_another_scope_begins_nothing(short, shop):
    hear(short, shop, f"{LESS},write_discounts")

    assert running.find_running() is None


def test_a_scope_that_is_lost_takes_nothing_away(short, shop):
    hear(short, shop, ALL)
    complete = run_out(short)
    held = counts()

    hear(short, shop, LESS)
    keeping.begin_reconciliation(tenant=short, whole=True)
    assert run_out(short).state == "done"
    assert counts() == held
    assert Tenant.objects.get(pk=short.pk).history_complete_since == complete.started_at


def test_a_sync_that_had_begun_before_does_not_pass_for_complete(short, shop):
    """It may have asked for the orders already; the next look begins another."""
    running.start_sync(tenant=short)
    hear(short, shop, ALL)
    assert Sync.objects.filter(state="running").count() == 1

    run_out(short)
    assert not Tenant.objects.get(pk=short.pk).history_complete
    keeping.keep_in_step(tenant=short)
    run_out(short)
    assert Tenant.objects.get(pk=short.pk).history_complete
    assert counts() == shops_counts(shop)


@pytest.mark.parametrize(
    ("state", "hours", "begins"),
    [("failed", 1, False), ("failed", 7, True), ("cancelled", 7, False)],
    ids=["failed just now", "failed before", "cancelled"],
)
def test_one_that_failed_is_tried_again_and_one_that_was_cancelled_is_not(
    short, shop, state, hours, begins
):
    set_scopes(short, shop, ALL)
    began = timezone.now() - timedelta(hours=hours)
    last = Sync.objects.create(state=state, all_orders=True)
    Sync.objects.filter(pk=last.pk).update(started_at=began)

    beginning.begin_owed(tenant=short)
    assert (running.find_running() is not None) is begins
