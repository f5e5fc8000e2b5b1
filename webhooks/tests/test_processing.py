"""The applier: batches that shrink, leases, attempts, parking and replay."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from customers.models import Customer
from orders.models import Order
from webhooks import actions, applying, leases, processing
from webhooks.models import ApplierLease, Delivery, State
from webhooks.tests.shopify import order


@pytest.fixture
def poison(monkeypatch):
    """Makes order 13 raise whenever it is written, until it is cured."""
    healthy = applying.order_actions.save_orders
    cured = []

    def save_orders(*, orders, **others):
        if not cured and any(item.shopify_id == 13 for item in orders):
            raise RuntimeError("secret of Dee")
        return healthy(orders=orders, **others)

    monkeypatch.setattr(applying.order_actions, "save_orders", save_orders)
    return cured


def send_orders(shopify, count: int) -> None:
    for number in range(1, count + 1):
        shopify.send("orders/create", order(number), webhook_id=f"o{number}")


def test_f049_one_poisonous_payload_parks_alone_and_the_rest_is_applied(shopify, poison):
    send_orders(shopify, 60)
    shopify.apply()

    parked = Delivery.objects.get(state=State.PARKED)
    assert (parked.webhook_id, parked.code) == ("o13", "failed")
    assert Order.objects.count() == 59
    assert Customer.objects.get().orders_count == 59


def test_a_parked_payload_says_why_and_tells_nothing_personal(shopify, poison):
    send_orders(shopify, 13)
    shopify.apply()

    reason = Delivery.objects.get(state=State.PARKED).reason
    assert "RuntimeError" in reason
    assert "Dee" not in reason


def test_f051_after_the_fix_a_replay_brings_the_rest(shopify, poison):
    send_orders(shopify, 13)
    shopify.apply()
    poison.append("cured")
    count = actions.replay_deliveries(tenant=shopify.tenant)
    shopify.apply()

    assert count == 1
    assert Order.objects.count() == 13
    assert Customer.objects.get().total_spent == 1300


def test_a_replay_of_what_was_applied_changes_nothing(shopify):
    send_orders(shopify, 3)
    shopify.apply()
    before = list(Order.objects.order_by("pk").values("pk", "amount", "updated_at"))
    count = actions.replay_deliveries(tenant=shopify.tenant, states=["applied"])
    shopify.apply()

    assert count == 3
    assert list(Order.objects.order_by("pk").values("pk", "amount", "updated_at")) == before


def test_f050_the_attempt_is_counted_before_the_run(shopify, monkeypatch):
    send_orders(shopify, 1)

    def die(**others):
        raise SystemExit  # as a killed worker: nothing below it runs

    monkeypatch.setattr(processing, "apply_batch", die)
    with pytest.raises(SystemExit):
        processing.apply_inbox(tenant=shopify.tenant)

    assert Delivery.objects.get().attempts == 1


def test_f050_what_kills_every_worker_parks_at_last(shopify, monkeypatch):
    send_orders(shopify, 1)
    Delivery.objects.update(attempts=processing.MOST_ATTEMPTS)
    shopify.apply()

    row = Delivery.objects.get()
    assert (row.state, row.code) == (State.PARKED, "too_many_attempts")


def test_batches_shrink_with_the_attempts_of_their_first_row(shopify):
    send_orders(shopify, 60)
    sizes = []
    for attempts in range(5):
        Delivery.objects.update(attempts=attempts)
        ids = processing.claim(tenant=shopify.tenant, holder=uuid4())
        sizes.append(len(ids))
        ApplierLease.objects.all().delete()

    assert sizes == [60, 50, 5, 1, 1]


def test_a_batch_is_bounded_by_bytes_too(shopify, monkeypatch):
    send_orders(shopify, 10)
    monkeypatch.setattr(processing, "BATCH_BYTES", 1500)

    ids = processing.claim(tenant=shopify.tenant, holder=uuid4())
    assert len(ids) == 2


def test_one_applier_a_store_at_a_time(shopify):
    send_orders(shopify, 1)
    other = uuid4()
    assert leases.take_lease(tenant=shopify.tenant, holder=other)
    shopify.apply()
    assert Delivery.objects.get().state == State.PENDING

    leases.give_back(tenant=shopify.tenant, holder=other)
    shopify.apply()
    assert Delivery.objects.get().state == State.APPLIED


def test_a_dead_appliers_lease_runs_out(shopify):
    send_orders(shopify, 1)
    leases.take_lease(tenant=shopify.tenant, holder=uuid4())
    ApplierLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    shopify.apply()

    assert Delivery.objects.get().state == State.APPLIED


def test_an_applier_that_lost_its_lease_writes_nothing(shopify):
    send_orders(shopify, 1)
    slow = uuid4()
    ids = processing.claim(tenant=shopify.tenant, holder=slow)
    ApplierLease.objects.update(holder=uuid4())
    processing.apply_claimed(tenant=shopify.tenant, holder=slow, ids=ids)

    assert Delivery.objects.get().state == State.PENDING
    assert not Order.objects.exists()


def test_the_databases_own_trouble_uses_up_no_attempt(shopify, monkeypatch):
    send_orders(shopify, 1)

    def deadlock(**others):
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(processing, "apply_news", deadlock)
    with pytest.raises(OperationalError):
        processing.apply_inbox(tenant=shopify.tenant)

    row = Delivery.objects.get()
    assert (row.state, row.attempts) == (State.PENDING, 0)


def test_a_batch_is_written_whole_or_not_at_all(shopify, monkeypatch):
    send_orders(shopify, 2)

    def fail(**others):
        raise RuntimeError

    monkeypatch.setattr(processing, "mark", fail)
    ids = processing.claim(tenant=shopify.tenant, holder=(holder := uuid4()))
    with pytest.raises(RuntimeError):
        processing.apply_batch(tenant=shopify.tenant, holder=holder, ids=ids)

    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_a_turn_ends_in_time_and_says_that_more_is_there(shopify, monkeypatch):
    monkeypatch.setattr(processing, "BATCH_SIZES", (1, 1, 1, 1))
    send_orders(shopify, 3)

    assert processing.apply_inbox(tenant=shopify.tenant, seconds=0) is True
    assert Delivery.objects.filter(state=State.APPLIED).count() == 1
