"""When a store is reconciled by itself, from where, and what its owners are told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from conftest import make_member
from tenants.models import Tenant
from tenants.roles import Role
from tests.reconciliation.conftest import SPLIT
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.models import Delivery
from webhooks.reconciliation import keeping, starting, watching
from webhooks.reconciliation.models import Alarm, LedgerLine

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
NIGHT = datetime(2026, 6, 10, 2, 30, tzinfo=UTC)  # half past three in London


def a_sync(at, *, state="done", kind="reconciliation", since=None, trouble=""):
    running_before = Sync.objects.create(state=state, kind=kind, since=since, trouble=trouble)
    Sync.objects.filter(pk=running_before.pk).update(started_at=at)
    return running_before


def heard(at):
    made = Delivery.objects.create(
        webhook_id=str(at), topic="x/y", body=b"{}", body_hash=b"x", state="not_handled"
    )
    Delivery.objects.filter(pk=made.pk).update(received_at=at)
    return made


# --- From where -------------------------------------------------------------------------------
def test_the_mark_is_the_start_of_the_last_good_sync_with_some_overlap(store):
    assert starting.find_mark() is None

    a_sync(SPLIT, kind="history")
    a_sync(NOW, state="failed")
    assert starting.find_mark() == SPLIT - starting.OVERLAP


@pytest.mark.parametrize("line", [{"unmended": 1}, {"in_step": False}])
def test_after_one_that_left_something_off_everything_is_compared_once(store, line):
    part = a_sync(SPLIT, since=SPLIT)
    LedgerLine.objects.create(sync=part, kind="orders", **line)
    assert starting.find_mark() is None

    whole = a_sync(NOW)
    LedgerLine.objects.create(sync=whole, kind="orders", **line)
    assert starting.find_mark() == NOW - starting.OVERLAP


# --- When -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [(NIGHT, 25, True), (NIGHT, 5, False), (NOW, 25, False), (NOW, 31, True)],
    ids=["at night", "done already", "by day", "missed"],
)
def test_a_store_is_reconciled_once_a_night_of_its_own(store, now, hours, due):
    a_sync(now - timedelta(hours=hours))

    assert starting.is_nightly_due(store, now) is due


def test_a_store_that_never_was_synced_is_not_reconciled(store):
    assert not starting.is_nightly_due(store, NIGHT)


@pytest.mark.parametrize(
    ("silent", "changed", "gap"),
    [(5, True, True), (1, True, False), (5, False, False)],
    ids=["webhooks lost", "heard of late", "a quiet shop"],
)
def test_a_gap_is_silence_while_the_shop_changes(store, shop, silent, changed, gap):
    a_sync(NOW - timedelta(hours=9))
    heard(NOW - timedelta(hours=silent))
    order = next(iter(shop.objects["orders"].values()))
    order["updated_at"] = (NOW - timedelta(minutes=30) if changed else SPLIT).isoformat()

    assert starting.is_in_gap(store, NOW) is gap


def test_a_gap_starts_a_reconciliation_and_is_told_once(store, shop, ready):
    now = timezone.now()
    a_sync(now - timedelta(hours=9))
    next(iter(shop.objects["orders"].values()))["updated_at"] = now.isoformat()

    for _ in range(3):
        keeping.keep_in_step(tenant=store)
    assert running.find_running().kind == "reconciliation"
    assert [m.subject for m in mail.outbox] == ["Xeno-Demo is more than an hour behind Shopify"]

    heard(timezone.now())
    keeping.keep_in_step(tenant=store)
    assert Alarm.objects.get().over_at is not None


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_one_that_came_to_no_end_is_not_begun_again_at_once(ready, state):
    now = timezone.now()
    a_sync(now - timedelta(hours=40))
    a_sync(now - timedelta(hours=1), state=state)
    keeping.keep_in_step(tenant=ready)
    assert running.find_running() is None

    Sync.objects.filter(state=state).update(started_at=now - timedelta(hours=7))
    keeping.keep_in_step(tenant=ready)
    assert running.find_running() is not None


def test_a_store_in_trouble_is_asked_whether_it_is_over_and_not_synced_before(ready, shop):
    Tenant.objects.filter(pk=ready.pk).update(trouble="token_refused", trouble_at=SPLIT)
    a_sync(timezone.now() - timedelta(hours=40))
    [token], shop.tokens = shop.tokens, []
    keeping.keep_in_step(tenant=ready)
    assert running.find_running() is None

    shop.tokens = [token]
    keeping.keep_in_step(tenant=ready)
    assert running.find_running() is not None
    assert Tenant.objects.get(pk=ready.pk).trouble == ""


# --- Alarms -----------------------------------------------------------------------------------
@pytest.fixture
def ready(store):
    """An owner to be told, an analyst who is not, a store that was connected long ago."""
    make_member(store, "ana@example.com", Role.OWNER)
    make_member(store, "ben@example.com", Role.ANALYST)
    Tenant.objects.filter(pk=store.pk).update(installed_at=SPLIT, history_complete_since=SPLIT)
    return store


def late_delivery(store):
    told = {"topic": "orders/create", "body": b"{}", "body_hash": b"x", "state": "pending"}
    Delivery.objects.update_or_create(webhook_id="w", defaults=told)
    Delivery.objects.update(received_at=timezone.now() - timedelta(minutes=61))


TROUBLES = {
    "token": (
        lambda store: Tenant.objects.filter(pk=store.pk).update(trouble="token_refused"),
        lambda store: Tenant.objects.filter(pk=store.pk).update(trouble=""),
        "is disconnected",
    ),
    "connection": (
        lambda store: a_sync(timezone.now(), state="failed", trouble="bulk_failed"),
        lambda store: a_sync(timezone.now()),
        "could not be synced",
    ),
    "lag": (
        late_delivery,
        lambda store: Delivery.objects.update(state="applied"),
        "behind Shopify",
    ),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_the_owner_is_told_once_of_each_trouble(ready, kind):
    begin, end, words = TROUBLES[kind]
    watching.watch(tenant=ready)
    assert mail.outbox == []

    begin(ready)
    watching.watch(tenant=ready)
    watching.watch(tenant=ready)
    assert [(m.to, words in m.subject) for m in mail.outbox] == [(["ana@example.com"], True)]

    end(ready)
    watching.watch(tenant=ready)
    begin(ready)
    watching.watch(tenant=ready)
    assert len(mail.outbox) == 2
    assert [a.over_at is None for a in Alarm.objects.order_by("pk")] == [False, True]


def test_a_mail_that_was_not_taken_is_tried_again(ready, monkeypatch):
    TROUBLES["token"][0](ready)
    sent = watching.EmailMessage.send
    monkeypatch.setattr(watching.EmailMessage, "send", refuse)
    watching.watch(tenant=ready)
    assert Alarm.objects.get().sent_at is None

    monkeypatch.setattr(watching.EmailMessage, "send", sent)
    watching.watch(tenant=ready)
    assert len(mail.outbox) == 1


def refuse(message):
    raise ConnectionRefusedError


def test_a_store_that_was_uninstalled_troubles_nobody(ready):
    Tenant.objects.filter(pk=ready.pk).update(trouble="token_refused", uninstalled_at=SPLIT)

    watching.watch(tenant=ready)
    assert mail.outbox == []
