"""Totals that are out of step as a whole: noted with the change, and found until all are done."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.models import Customer
from orders import totals
from tenants.models import Tenant
from tests.rows import make_row
from webhooks import processing, recomputing, tasks
from webhooks.models import StaleTotals, State
from webhooks.tests.shopify import at, customer, order


@pytest.fixture
def small_chunks(monkeypatch):
    """Two customers a chunk."""
    monkeypatch.setattr(totals, "next_customers", partial(totals.next_customers, chunk=2))


@pytest.fixture
def told(monkeypatch):
    """The stores whose recompute was queued."""
    messages = []
    monkeypatch.setattr(tasks.recompute_totals, "delay", messages.append)
    return messages


def sell(shopify, count):
    """So many customers with an order each, in euros; the store counts in pounds."""
    for number in range(1, count + 1):
        shopify.tell("orders/create", order(number, currency="EUR", customer=customer(number)))


def change_currency(shopify, currency="EUR", minutes=5):
    shop = {"id": 1, "name": "Ana's", "currency": currency, "updated_at": at(minutes)}
    return shopify.tell("shop/update", shop)


def spent():
    """Each customer's total, by Shopify's id."""
    return [int(row.total_spent) for row in Customer.objects.order_by("shopify_id")]


def wait_for_nobody(store):
    """As if the last sign of work were long ago."""
    past = timezone.now() - 2 * timedelta(seconds=recomputing.PATIENCE_SECONDS)
    StaleTotals.objects.filter(tenant=store).update(worked_at=past)


def test_f012_a_currency_that_changes_while_redis_is_down_is_recomputed_by_a_later_sweep(
    shopify, monkeypatch, told
):
    def refuse(*_, **__):
        raise OperationalError("Redis is down")

    sell(shopify, 2)
    with monkeypatch.context() as down:
        for task in (tasks.apply_inbox, tasks.recompute_totals):
            down.setattr(task, "apply_async", refuse)
            down.setattr(task, "delay", refuse)
        assert change_currency(shopify).state == State.APPLIED
        with pytest.raises(OperationalError):
            tasks.wake(shopify.tenant)
    before = spent()

    tasks.wake(shopify.tenant)
    for store in told:
        tasks.recompute_totals(store)

    assert told == [shopify.tenant.pk]
    assert (before, spent()) == ([0, 0], [100, 100])
    assert not StaleTotals.objects.exists()


def test_the_note_is_of_the_same_transaction_as_the_change(shopify, monkeypatch):
    monkeypatch.setattr(processing, "mark", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        change_currency(shopify)

    assert Tenant.objects.get(pk=shopify.tenant.pk).currency == "GBP"
    assert not StaleTotals.objects.exists()


def test_a_word_on_the_store_that_keeps_its_currency_asks_for_nothing(shopify):
    change_currency(shopify, "GBP")

    assert not recomputing.is_due(tenant=shopify.tenant)


def test_a_turn_that_ends_leaves_the_rest_for_the_next(shopify, small_chunks, told):
    sell(shopify, 5)
    before = Tenant.objects.get(pk=shopify.tenant.pk)  # as a task holds it that began earlier
    change_currency(shopify)

    more = recomputing.recompute(tenant=before, seconds=0.0)
    after_one = spent()
    tasks.recompute_totals(shopify.tenant.pk)

    assert (more, after_one) == (True, [100, 100, 0, 0, 0])
    assert spent() == [100] * 5
    assert told == []


def test_a_turn_with_something_left_queues_up_again(anas_store, monkeypatch, told):
    monkeypatch.setattr(recomputing, "recompute", lambda *, tenant: True)

    tasks.recompute_totals(anas_store.pk)

    assert told == [anas_store.pk]


def test_a_newer_change_in_the_middle_begins_anew(shopify, small_chunks):
    sell(shopify, 3)
    change_currency(shopify)
    recomputing.recompute(tenant=shopify.tenant, seconds=0.0)
    change_currency(shopify, "USD", minutes=6)
    recomputing.recompute(tenant=shopify.tenant)

    assert spent() == [0, 0, 0]
    assert not StaleTotals.objects.exists()


def test_the_sweep_tells_a_worker_once_and_again_when_nobody_gives_a_sign(in_anas_store, told):
    recomputing.ask_for_recompute(tenant=in_anas_store)

    tasks.wake(in_anas_store)
    tasks.wake(in_anas_store)
    once = list(told)
    wait_for_nobody(in_anas_store)
    tasks.wake(in_anas_store)

    assert once == [in_anas_store.pk]
    assert told == [in_anas_store.pk] * 2


def test_a_store_at_work_is_not_told_of(in_anas_store, small_chunks, told):
    for number in range(3):
        make_row(Customer, shopify_id=number + 1)
    recomputing.ask_for_recompute(tenant=in_anas_store)

    recomputing.recompute(tenant=in_anas_store, seconds=0.0)
    tasks.wake(in_anas_store)

    assert told == []
    assert recomputing.recompute(tenant=in_anas_store) is False
