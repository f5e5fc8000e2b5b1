"""Rows 44 and 45: the database's clock decides; a worker's may be off, and its own step back."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone

from campaigns.models import Campaign, Claim, Message, SendingSettings, SendingState
from campaigns.sending import claiming, handing, rates, settling, starting
from campaigns.sending.due import has_due
from campaigns.settings import settings_of
from campaigns.tests.conftest import make_message


@pytest.fixture
def sending(campaign, kim, settings) -> Campaign:
    """A campaign that goes on by the console's provider."""
    settings.CAMPAIGN_PROVIDER = "mailbox"
    now = timezone.now()
    Campaign.objects.update(
        state="sending", scheduled_for=now, started_at=now, frozen_at=now, progressed_at=now
    )
    make_message(campaign, kim)
    return campaign


@pytest.mark.parametrize("days", [1, -1])
def test_f044_a_worker_whose_clock_is_a_day_off_sends_once_and_calls_nothing_late(
    in_anas_store, sending, days
):
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        handing.send_turn(tenant=in_anas_store, seconds=5)

    sending.refresh_from_db()
    assert (sending.state, Message.objects.get().state) == ("sent", "sent")
    assert abs(Message.objects.get().handed_at - timezone.now()) < timedelta(hours=1)
    assert not SendingState.objects.filter(failures__gt=0).exists()


def test_f044_a_slow_clock_hides_no_lateness(in_anas_store, sending):
    yesterday = timezone.now() - timedelta(hours=20)
    Message.objects.update(not_before=yesterday)
    Campaign.objects.update(progressed_at=yesterday)

    with time_machine.travel(timezone.now() - timedelta(days=1)):
        handing.send_turn(tenant=in_anas_store, seconds=5)

    sending.refresh_from_db()
    assert (sending.state, sending.pause_reason) == ("paused", "late")


@pytest.mark.parametrize("state", ["scheduled", "sending"])
def test_what_was_on_its_way_in_a_backup_waits_to_be_resumed(in_anas_store, sending, state):
    Campaign.objects.update(state=state)

    assert starting.hold_restored() == 1
    handing.send_turn(tenant=in_anas_store, seconds=5)

    sending.refresh_from_db()
    assert (sending.state, sending.pause_reason) == ("paused", "restored")
    assert Message.objects.get().state == "queued"


def step_back() -> None:
    """The database's clock loses an hour, as its rows see it."""
    hour = timedelta(hours=1)
    Message.objects.update(handed_at=F("handed_at") + hour)
    Claim.objects.update(lease_until=F("lease_until") + hour, begun_until=F("begun_until") + hour)
    SendingState.objects.update(open_until=F("open_until") + hour)


@pytest.mark.parametrize(("state", "becomes"), [("claimed", "sent"), ("handing_over", "uncertain")])
def test_f045_what_a_dead_worker_held_when_the_clock_stepped_back_is_taken_up(
    in_anas_store, sending, state, becomes
):
    claiming.claim(tenant=in_anas_store, campaign=sending, holder=uuid4())
    Message.objects.update(state=state)
    Campaign.objects.update(state="paused", pause_reason="person")
    before = has_due()

    step_back()

    assert (before, has_due()) == (False, True)
    Campaign.objects.update(state="sending", pause_reason="")
    handing.send_turn(tenant=in_anas_store, seconds=5)
    assert Message.objects.get().state == becomes


def test_f045_a_claim_of_before_the_step_hands_nothing_over(in_anas_store, sending):
    """It would last for an hour, and nobody would look at consent again."""
    holder = uuid4()
    (one,) = claiming.claim(tenant=in_anas_store, campaign=sending, holder=holder)
    told = {"tenant": in_anas_store, "holder": holder, "provider": "mailbox", "outcomes": []}

    step_back()

    assert settling.step(**told, attempts={one.id: 1}, following=[one.id]) == set()
    assert Message.objects.get().state == "claimed"


def test_f045_neither_an_open_circuit_nor_a_full_window_lasts_for_the_hour(
    in_anas_store, sending, lee
):
    SendingSettings.objects.create(per_minute=1)
    make_message(sending, lee, state="sent", handed_at=timezone.now(), claimed_at=timezone.now())
    told = {"tenant": in_anas_store, "campaign": sending, "rules": settings_of(in_anas_store)}

    def free():
        return rates.hold(tenant=in_anas_store) and rates.free(**told, most=5)

    full = free()
    rates.open_circuit(tenant=in_anas_store, trouble="refused")
    Message.objects.filter(state="sent").update(handed_at=timezone.now() - timedelta(minutes=2))
    is_open = free()
    Message.objects.filter(state="sent").update(handed_at=timezone.now())

    step_back()

    assert (full, is_open, free()) == (0, False, 1)
