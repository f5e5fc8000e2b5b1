"""A sync that Shopify leaves unanswered: its owner is told once, and sees what it waits for."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client

from conftest import make_member
from tenants.roles import Role
from tenants.shopify import http
from tenants.shopify.errors import ShopifyUnreachable
from tests.reconciliation.stream import run_out
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.backfill.running import BulkUnanswered
from webhooks.reconciliation import watching
from webhooks.reconciliation.models import Alarm

FAULTS = {
    "never ends": ({"still_bulk": 10_000}, BulkUnanswered),
    "cannot be asked": ({"broken": 10_000}, ShopifyUnreachable),
}


@pytest.fixture
def ana(store):
    return make_member(store, "ana@example.com", Role.OWNER)


@pytest.fixture(params=FAULTS)
def waiting(request, store, shop, ana, monkeypatch):
    """A sync in the middle of its questions, and the words for what is the matter."""
    monkeypatch.setattr(http, "RETRIES", 0)
    http.client.cache_clear()
    running.start_sync(tenant=store)
    turn(store)
    faults, error = FAULTS[request.param]
    for name, value in faults.items():
        setattr(shop.faults, name, value)
    turn(store)
    return error


def turn(store):
    running.cut_pause()
    running.advance(tenant=store, seconds=0)


def pass_time(**of):
    """As if so much time had gone by since the sync last got further."""
    Sync.objects.update(moved_at=F("moved_at") - timedelta(**of))


def look(store):
    turn(store)
    watching.watch(tenant=store)


def test_after_an_hour_without_an_answer_the_owner_is_told_once(store, waiting):
    pass_time(minutes=50)
    look(store)
    assert mail.outbox == []

    pass_time(minutes=11)
    look(store)
    look(store)
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["ana@example.com"], "The sync of Xeno-Demo waits for Shopify")
    ]
    assert waiting.code in mail.outbox[0].body


def test_the_page_of_syncs_says_what_it_waits_for(store, waiting, ana):
    client = Client()
    client.force_login(ana)
    pass_time(minutes=61)
    turn(store)

    assert waiting.message in client.get("/admin/webhooks/sync/").text
    assert running.find_running().trouble == waiting.code


def test_when_shopify_answers_again_it_goes_on_and_the_alarm_is_over(store, shop, waiting):
    pass_time(minutes=61)
    look(store)
    shop.faults.still_bulk = shop.faults.broken = 0

    for _ in range(2):  # Shopify begins, and ends
        turn(store)
    watching.watch(tenant=store)
    assert running.find_running().trouble == ""
    assert Alarm.objects.get(kind="sync").over_at is not None
    assert run_out(store).state == "done"


def test_a_long_operation_that_gets_further_is_no_trouble(store, shop, ana):
    running.start_sync(tenant=store)
    turn(store)
    Sync.objects.update(started_at=F("started_at") - timedelta(hours=9))

    turn(store)
    watching.watch(tenant=store)
    assert mail.outbox == []
