"""When customers are scored: at the store's midnight, and when something was told of them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from orders.models import CustomerScore
from webhooks import rescoring, tasks
from webhooks.daily import PATIENCE_SECONDS
from webhooks.models import Scoring
from webhooks.tests.shopify import customer, order

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def told(monkeypatch):
    """The stores whose scoring was queued."""
    messages = []
    monkeypatch.setattr(tasks.recompute_scores, "delay", messages.append)
    return messages


def test_a_store_that_was_never_scored_is_due(in_anas_store):
    assert rescoring.is_due(tenant=in_anas_store)


def test_a_scored_store_is_due_again_at_its_own_midnight(in_anas_store):
    """Ana's is in London, where the day of the first of July begins at 23:00 UTC."""
    night = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
    with time_machine.travel(night, tick=False):
        rescoring.rescore(tenant=in_anas_store)
        before = rescoring.is_due(tenant=in_anas_store)
    with time_machine.travel(night + timedelta(minutes=1), tick=False):
        after = rescoring.is_due(tenant=in_anas_store)

    assert (before, after) == (False, True)


def test_what_is_asked_for_while_scores_are_computed_stays_due(in_anas_store, monkeypatch):
    rescoring.ask_for_scores(tenant=in_anas_store)

    def ask_again(**_):
        rescoring.ask_for_scores(tenant=in_anas_store)
        return 0

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(rescoring.rfm, "recompute_scores", ask_again)
        rescoring.rescore(tenant=in_anas_store)

    assert rescoring.is_due(tenant=in_anas_store)
    rescoring.rescore(tenant=in_anas_store)
    assert not rescoring.is_due(tenant=in_anas_store)


def test_a_store_that_somebody_scores_is_left_to_them_until_their_lease_runs_out(shopify):
    shopify.tell("orders/create", order(1, customer=customer(1)))
    Scoring.objects.create(tenant=shopify.tenant, held_until=timezone.now() + timedelta(minutes=5))
    held = (rescoring.is_due(tenant=shopify.tenant), rescoring.rescore(tenant=shopify.tenant))
    Scoring.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    assert held == (False, 0)
    assert rescoring.is_due(tenant=shopify.tenant)
    assert rescoring.rescore(tenant=shopify.tenant) == 1
    assert CustomerScore.objects.get().frequency == 1


def test_the_sweep_tells_a_worker_once_a_minute_until_it_is_done(in_anas_store, told):
    tasks.wake(in_anas_store)
    tasks.wake(in_anas_store)
    patience = timedelta(seconds=PATIENCE_SECONDS)
    Scoring.objects.update(told_at=timezone.now() - patience)
    tasks.wake(in_anas_store)

    assert told == [in_anas_store.pk] * 2

    tasks.recompute_scores(in_anas_store.pk)
    tasks.wake(in_anas_store)
    assert told == [in_anas_store.pk] * 2
