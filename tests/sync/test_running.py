"""A sync brings everything, whatever happens to it on the way."""

import pytest

from customers.models import Customer, CustomerTag
from orders.models import Checkout, LineItem, Order, Product, Refund
from tenants.models import Tenant
from webhooks.backfill import running, spool
from webhooks.backfill.models import Sync, SyncPart
from webhooks.backfill.running import SyncNotRunning, SyncRunning


def run_out(store, *, turns: int = 200) -> Sync:
    """Turn after turn, without the pauses."""
    for _ in range(turns):
        running.cut_pause()
        if running.advance(tenant=store) is None:
            break
    return Sync.objects.latest("pk")


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Customer, Order, Product, Checkout)}


def shops_counts(shop) -> dict[str, int]:
    kinds = ("customers", "orders", "products", "abandonedCheckouts")
    names = ("Customer", "Order", "Product", "Checkout")
    return {name: len(shop.objects[kind]) for name, kind in zip(names, kinds, strict=True)}


def test_a_sync_brings_everything_that_the_shop_has(store, shop):
    running.start_sync(tenant=store)

    sync = run_out(store)
    assert (sync.state, sync.trouble) == ("done", "")
    assert counts() == shops_counts(shop)
    lines = sum(len(order["line_items"]) for order in shop.objects["orders"].values())
    assert LineItem.objects.count() == lines
    assert Refund.objects.exists()
    assert CustomerTag.objects.exists()
    assert {part.state for part in SyncPart.objects.all()} == {"done"}
    assert {(p.kind, p.applied) for p in SyncPart.objects.all()} == {
        (p.kind, p.total) for p in SyncPart.objects.all()
    }
    assert not SyncPart.objects.exclude(unreadable=0).exists()


def test_nothing_is_left_on_the_disk(store, settings):
    running.start_sync(tenant=store)

    run_out(store)
    assert list((settings.XENO_HOME / "sync").iterdir()) == []


def test_with_all_of_history_our_own_totals_count(store):
    running.start_sync(tenant=store)

    sync = run_out(store)
    assert Tenant.objects.get(pk=store.pk).history_complete_since == sync.started_at


def test_with_sixty_days_of_history_shopifys_totals_stay_in_force(store, shop):
    shop.scopes.discard("read_all_orders")
    Tenant.objects.filter(pk=store.pk).update(scopes=",".join(shop.scopes))
    running.start_sync(tenant=store)

    assert run_out(store).state == "done"
    assert not Tenant.objects.get(pk=store.pk).history_complete


def test_a_second_sync_waits_for_the_first(store):
    running.start_sync(tenant=store)

    with pytest.raises(SyncRunning):
        running.start_sync(tenant=store)


def test_a_sync_goes_on_from_its_mark_after_a_kill(store, shop, monkeypatch):
    monkeypatch.setattr(spool, "PARTITION_BYTES", 1, raising=False)
    monkeypatch.setattr(running, "count_for", lambda size, roots: 5)
    written = running.apply_groups
    calls = []

    def dies_at_the_third(**given):
        calls.append(given["kind"])
        if len(calls) in (3, 9):
            raise KeyboardInterrupt  # as near to a kill as one process can come
        return written(**given)

    monkeypatch.setattr(running, "apply_groups", dies_at_the_third)
    running.start_sync(tenant=store)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            run_out(store)

    assert run_out(store).state == "done"
    assert counts() == shops_counts(shop)
    # 4 parts of 5 partitions, and the two that were begun and not ended.
    assert len(calls) == 22


def test_a_file_that_went_away_is_fetched_again(store, shop, monkeypatch, settings):
    monkeypatch.setattr(running, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(running, "count_for", lambda size, roots: 3)
    running.start_sync(tenant=store)
    while not SyncPart.objects.filter(kind="orders", mark=1).exists():
        running.cut_pause()
        running.advance(tenant=store, seconds=0)
    spool.remove(SyncPart.objects.get(kind="orders"))

    assert run_out(store).state == "done"
    assert counts() == shops_counts(shop)


def test_an_operation_that_shopify_fails_is_asked_for_again(store, shop):
    shop.faults.partial_bulk = 2
    running.start_sync(tenant=store)

    assert run_out(store).state == "done"
    assert counts() == shops_counts(shop)


def test_a_shopify_that_fails_every_time_ends_the_sync_with_the_reason(store, shop):
    shop.faults.partial_bulk = 100
    running.start_sync(tenant=store)

    sync = run_out(store)
    assert (sync.state, sync.trouble) == ("failed", "bulk_failed")


def test_a_shopify_in_trouble_is_asked_again_later(store, shop, monkeypatch):
    from tenants.shopify import http

    monkeypatch.setattr(http.Retry, "get_backoff_time", lambda self: 0)
    running.start_sync(tenant=store)
    shop.faults.broken = 6

    assert running.advance(tenant=store) == running.TROUBLE_SECONDS
    assert run_out(store).state == "done"


def test_a_cancelled_sync_stops_and_keeps_what_it_brought(store, settings):
    running.start_sync(tenant=store)
    while not SyncPart.objects.filter(kind="customers", state="done").exists():
        running.cut_pause()
        running.advance(tenant=store, seconds=0)

    running.cancel_sync(tenant=store)
    assert running.advance(tenant=store) is None
    assert Customer.objects.exists()
    assert not Order.objects.exists()
    with pytest.raises(SyncNotRunning):
        running.cancel_sync(tenant=store)


def test_one_worker_at_a_time(store):
    running.start_sync(tenant=store)
    from uuid import uuid4

    assert running.take(uuid4())
    assert running.advance(tenant=store) is None


def test_a_withheld_field_is_not_told_to_be_empty(store, shop):
    shop.faults.withheld.add("note")
    known = next(iter(shop.objects["customers"]))
    Customer.objects.create(shopify_id=known, note="kept", updated_at="2020-01-01T00:00:00Z",
                            triggered_at="2020-01-01T00:00:00Z")  # fmt: skip
    running.start_sync(tenant=store)

    assert run_out(store).state == "done"
    assert Customer.objects.get(shopify_id=known).note == "kept"
