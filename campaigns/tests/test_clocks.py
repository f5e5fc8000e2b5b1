"""Row 44 of the faults: the database's clock decides, a worker's own may be a day off."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from campaigns.models import Campaign, Message, SendingState
from campaigns.sending import handing, starting
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
