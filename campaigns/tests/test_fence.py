"""Rows 42 and 109 of the faults: an unsubscribe while messages leave, by two connections."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Message, Sender, Suppression, Touch
from campaigns.sending import claiming
from campaigns.tests.conftest import make_customer, make_message, start_elsewhere
from campaigns.tracking.fence import largest_lag
from campaigns.tracking.unsubscribing import unsubscribe
from customers.models import ConsentChange, Customer
from xeno.lib.postgres.clock import database_now
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def kims_old_message(campaign, kim) -> Message:
    """Of an earlier campaign, whose link she follows."""
    return make_message(campaign, kim, state="sent", handed_at=timezone.now() - timedelta(days=9))


@pytest.fixture
def leaving(sender) -> Campaign:
    return make_sending("Autumn", sender)


def make_sending(name: str, sender: Sender) -> Campaign:
    return Campaign.objects.create(
        name=name, sender=sender, subject="x", state="sending", started_at=timezone.now()
    )


def elsewhere(store, act) -> None:
    """Do it by a connection of its own, to the end."""
    thread = start_elsewhere(store, act)
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_f109_who_unsubscribes_while_they_are_being_claimed_is_not_claimed(anas_store, monkeypatch):
    with tenant_scope(anas_store.pk):
        sender = Sender.objects.create(name="Ana", email="ana@shop.example")
        before, now = (make_sending(name, sender) for name in ("Spring", "Autumn"))
        kim, lee = make_customer(1, "kim@example.com"), make_customer(2, "lee@example.com")
        old = make_message(before, kim, state="sent", handed_at="2026-01-01T00:00:00Z")
        make_message(now, kim)
        make_message(now, lee)
        real, taken = claiming.run, []

        def take_and_wait(sql, params):
            rows = real(sql, params)
            if sql is claiming.TAKE:  # her row is locked by us, and she unsubscribes
                taken.extend(rows)
                elsewhere(anas_store, lambda: unsubscribe(tenant=anas_store, message_id=old.pk))
            return rows

        monkeypatch.setattr(claiming, "run", take_and_wait)
        claimed = claiming.claim(tenant=anas_store, campaign=now, holder=uuid4())

        assert len(taken) == 2
        assert [each.address for each in claimed] == ["lee@example.com"]
        kept = Message.objects.get(campaign=now, customer=kim)
        assert (kept.state, kept.reason) == ("skipped", "no_consent")


@pytest.mark.django_db(transaction=True)
def test_f109_who_unsubscribes_after_consent_was_read_was_claimed_before(anas_store, monkeypatch):
    """The claim's statement is made to last: its moment is not the one at which it writes."""
    with tenant_scope(anas_store.pk):
        sender = Sender.objects.create(name="Ana", email="ana@shop.example")
        before, now = (make_sending(name, sender) for name in ("Spring", "Autumn"))
        kim = make_customer(1, "kim@example.com")
        old = make_message(before, kim, state="sent", handed_at="2026-01-01T00:00:00Z")
        make_message(now, kim)
        real, said = claiming.run, []
        slow = claiming.SETTLE.replace("SELECT m.id, CASE", "SELECT m.id, pg_sleep(1), CASE")
        assert slow != claiming.SETTLE

        def refuse():
            time.sleep(0.3)  # consent has been read by now, and nothing written
            unsubscribe(tenant=anas_store, message_id=old.pk)
            said.append(database_now())

        def settle_slowly(sql, params):
            if sql is not claiming.SETTLE:
                return real(sql, params)
            leaver = start_elsewhere(anas_store, refuse)
            rows = real(slow, params)
            leaver.join(20)
            return rows

        monkeypatch.setattr(claiming, "run", settle_slowly)
        claimed = claiming.claim(tenant=anas_store, campaign=now, holder=uuid4())

        assert [each.address for each in claimed] == ["kim@example.com"]
        assert Message.objects.get(campaign=now).claimed_at < said[0]


@pytest.mark.django_db(transaction=True)
def test_f109_a_bounce_while_they_are_being_claimed_is_heard(anas_store, monkeypatch):
    with tenant_scope(anas_store.pk):
        sender = Sender.objects.create(name="Ana", email="ana@shop.example")
        now = make_sending("Autumn", sender)
        make_message(now, make_customer(1, "kim@example.com"))
        real = claiming.run

        def suppress():
            Suppression.objects.create(address="kim@example.com", reason="bounced")

        def take_and_wait(sql, params):
            rows = real(sql, params)
            if sql is claiming.TAKE:
                elsewhere(anas_store, suppress)
            return rows

        monkeypatch.setattr(claiming, "run", take_and_wait)

        assert claiming.claim(tenant=anas_store, campaign=now, holder=uuid4()) == []
        assert Message.objects.get().reason == "suppressed"


def test_f042_whose_address_changed_since_the_freeze_gets_nothing_at_the_old_one(
    in_anas_store, leaving, kim
):
    make_message(leaving, kim)
    Customer.objects.filter(pk=kim.pk).update(email="new@example.com")

    assert claiming.claim(tenant=in_anas_store, campaign=leaving, holder=uuid4()) == []
    assert Message.objects.get().reason == "no_address"


def test_the_largest_lag_is_what_left_after_an_unsubscribe(
    in_anas_store, leaving, kims_old_message, kim
):
    assert largest_lag(tenant=in_anas_store, campaign_id=leaving.pk) is None
    at = timezone.now()
    unsubscribe(tenant=in_anas_store, message_id=kims_old_message.pk)
    Touch.objects.update(happened_at=at)
    told = {"claimed_at": at - timedelta(seconds=1), "handed_at": at + timedelta(seconds=4)}
    make_message(leaving, kim, state="sent", **told)

    assert largest_lag(tenant=in_anas_store, campaign_id=leaving.pk) == timedelta(seconds=4)


def test_who_agreed_again_was_rightly_written_to(in_anas_store, leaving, kims_old_message, kim):
    at = timezone.now()
    unsubscribe(tenant=in_anas_store, message_id=kims_old_message.pk)
    Touch.objects.update(happened_at=at)
    day = timedelta(days=1)
    ConsentChange.objects.create(
        customer=kim, channel="email", state="subscribed", source="x", changed_at=at + day
    )
    make_message(leaving, kim, state="sent", claimed_at=at + 2 * day, handed_at=at + 2 * day)

    assert largest_lag(tenant=in_anas_store, campaign_id=leaving.pk) is None
