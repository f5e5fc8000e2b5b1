"""Approve, schedule, pause, resume, cancel: each from where it begins, and by who may."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.errors import (
    ApprovalMissing,
    CampaignNotInState,
    CampaignNotSendable,
    LatenessNotConfirmed,
    MessageNotUncertain,
    OwnApproval,
    ScheduledInThePast,
    WordsChanged,
)
from campaigns.models import Campaign, Message, SendingSettings
from campaigns.tests.conftest import make_message, make_sendable
from segments.models import Segment
from tenants.audit import Actor
from tenants.models import AuditEntry


@pytest.fixture
def ready(in_anas_store, campaign) -> Campaign:
    """A draft that lacks nothing."""
    make_sendable(campaign)
    campaign.audiences.create(segment=Segment.objects.create(name="Everybody", kind="static"))
    return campaign


def do(step, tenant, campaign, user, **more):
    return step(actor=Actor(user), tenant=tenant, campaign_id=campaign.pk, **more)


def approve(tenant, campaign, user):
    """Approve what it says now."""
    campaign.refresh_from_db()
    return do(lifecycle.approve_campaign, tenant, campaign, user, content=campaign.content_hash)


def test_a_draft_is_scheduled_and_that_is_noted(in_anas_store, ready, ana):
    at = timezone.now() + timedelta(hours=1)

    found = do(lifecycle.schedule_campaign, in_anas_store, ready, ana, at=at)

    assert (found.state, found.scheduled_for) == ("scheduled", at)
    assert AuditEntry.objects.latest("pk").action == "campaign.scheduled"


def test_nothing_is_scheduled_for_yesterday(in_anas_store, ready, ana):
    with pytest.raises(ScheduledInThePast):
        do(lifecycle.schedule_campaign, in_anas_store, ready, ana, at=timezone.now())


def test_f041_of_two_clicks_one_sends(in_anas_store, ready, ana):
    do(lifecycle.schedule_campaign, in_anas_store, ready, ana)

    with pytest.raises(CampaignNotInState):
        do(lifecycle.schedule_campaign, in_anas_store, ready, ana)


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [({"sender": None}, "a sender"), ({"subject": " "}, "a subject"), ({"html": ""}, "words")],
)
def test_what_is_missing_is_said(in_anas_store, ready, ana, changes, lacks):
    Campaign.objects.filter(pk=ready.pk).update(**changes)

    with pytest.raises(CampaignNotSendable, match=lacks):
        do(lifecycle.schedule_campaign, in_anas_store, ready, ana)


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>Hello to all of you out there</p>", "no link to unsubscribe"),
        ("{{ customer.first_name }}", "Not everybody has"),
        ("{{ nobody }}", "There is no field"),
    ],
)
def test_f102_words_that_are_wrong_are_not_sent(in_anas_store, ready, ana, html, told):
    Campaign.objects.filter(pk=ready.pk).update(html=html)

    with pytest.raises(CampaignNotSendable, match=told):
        do(lifecycle.schedule_campaign, in_anas_store, ready, ana)


def test_a_campaign_for_nobody_is_not_sent(in_anas_store, campaign, ana):
    with pytest.raises(CampaignNotSendable, match="an audience"):
        do(lifecycle.schedule_campaign, in_anas_store, campaign, ana)


def test_where_the_store_asks_for_it_an_approval_is_needed(in_anas_store, ready, ana, ben):
    SendingSettings.objects.update(require_approval=True)
    with pytest.raises(ApprovalMissing):
        do(lifecycle.schedule_campaign, in_anas_store, ready, ana)

    approve(in_anas_store, ready, ben)

    assert do(lifecycle.schedule_campaign, in_anas_store, ready, ana).state == "scheduled"


def test_nobody_approves_their_own_words(in_anas_store, ready, ana):
    with pytest.raises(OwnApproval):
        approve(in_anas_store, ready, ana)


def test_words_that_were_changed_since_they_were_read_are_not_approved(in_anas_store, ready, ben):
    ready.refresh_from_db()
    Campaign.objects.update(subject="Of the last moment")

    with pytest.raises(WordsChanged):
        do(lifecycle.approve_campaign, in_anas_store, ready, ben, content=ready.content_hash)

    ready.refresh_from_db()
    assert (ready.approved_hash, ready.approved_by) == ("", None)


def test_what_has_left_the_draft_is_not_approved(in_anas_store, ready, ana, ben):
    do(lifecycle.schedule_campaign, in_anas_store, ready, ana)

    with pytest.raises(CampaignNotInState):
        approve(in_anas_store, ready, ben)


def test_a_paused_campaign_goes_on_where_it_was(in_anas_store, ready, ana):
    do(lifecycle.schedule_campaign, in_anas_store, ready, ana)

    assert do(lifecycle.pause_campaign, in_anas_store, ready, ana).state == "paused"
    assert do(lifecycle.resume_campaign, in_anas_store, ready, ana).state == "scheduled"


@pytest.mark.parametrize("reason", ["late", "restored"])
def test_what_is_late_goes_on_only_when_somebody_says_so(in_anas_store, ready, ana, reason):
    do(lifecycle.schedule_campaign, in_anas_store, ready, ana)
    Campaign.objects.update(state="paused", pause_reason=reason)
    with pytest.raises(LatenessNotConfirmed):
        do(lifecycle.resume_campaign, in_anas_store, ready, ana)

    found = do(lifecycle.resume_campaign, in_anas_store, ready, ana, confirm=True)

    assert (found.state, found.pause_reason) == ("scheduled", "")
    assert found.lateness_confirmed_at is not None


def test_cancelling_says_how_many_had_left(in_anas_store, ready, ana, kim, lee):
    do(lifecycle.schedule_campaign, in_anas_store, ready, ana)
    make_message(ready, kim, state="sent", handed_at=timezone.now())
    make_message(ready, lee)

    assert do(lifecycle.cancel_campaign, in_anas_store, ready, ana) == 1

    assert Message.objects.get(customer=lee).reason == "cancelled"
    ready.refresh_from_db()
    assert (ready.state, bool(ready.finished_at)) == ("cancelled", True)


def test_a_draft_cannot_be_cancelled(in_anas_store, ready, ana):
    with pytest.raises(CampaignNotInState, match="draft"):
        do(lifecycle.cancel_campaign, in_anas_store, ready, ana)


@pytest.mark.parametrize(("arrived", "state"), [(True, "sent"), (False, "queued")])
def test_an_uncertain_message_is_settled_by_a_person(
    in_anas_store, ready, ana, kim, arrived, state
):
    message = make_message(ready, kim, state="uncertain", handed_at=timezone.now())

    lifecycle.settle_by_hand(
        actor=Actor(ana), tenant=in_anas_store, message_id=message.pk, arrived=arrived
    )

    message.refresh_from_db()
    assert message.state == state
    assert AuditEntry.objects.latest("pk").action == "message.settled"


def test_what_is_known_is_not_settled_again(in_anas_store, ready, ana, kim):
    message = make_message(ready, kim, state="sent", handed_at=timezone.now())

    with pytest.raises(MessageNotUncertain):
        lifecycle.settle_by_hand(
            actor=Actor(ana), tenant=in_anas_store, message_id=message.pk, arrived=False
        )


def test_a_finished_campaign_with_a_message_to_send_again_is_not_finished(
    in_anas_store, ready, ana, kim
):
    now = timezone.now()
    Campaign.objects.update(state="sent", started_at=now, finished_at=now)
    message = make_message(ready, kim, state="uncertain", handed_at=now)

    lifecycle.settle_by_hand(
        actor=Actor(ana), tenant=in_anas_store, message_id=message.pk, arrived=False
    )

    ready.refresh_from_db()
    assert (ready.state, ready.finished_at) == ("sending", None)
