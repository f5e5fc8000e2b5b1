"""What people do with a campaign: approve, schedule, send, pause, resume, cancel.

Each step is one conditional update, so that of twenty clicks one does it and the others are told.
What the database refuses (an approval that is missing, one's own) is told in words.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.actions import person_of
from campaigns.content.checking import check_content, errors_of
from campaigns.errors import (
    ApprovalMissing,
    CampaignNotInState,
    CampaignNotSendable,
    LatenessNotConfirmed,
    MessageNotUncertain,
    OwnApproval,
    PersonMustApprove,
    ScheduledInThePast,
    WordsChanged,
)
from campaigns.models import Campaign, Message
from campaigns.models.messages import in_state
from campaigns.waking import wake_sender
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake

State = Campaign.State
MOST_TOLD = 5  # of what is wrong with the words; the check tells all
REFUSALS: dict[str, type[Mistake]] = {
    "campaign_goes_out_as_it_was_approved": ApprovalMissing,
    "nobody_approves_their_own_words": OwnApproval,
}


def find(campaign_id: int) -> Campaign:
    """The campaign as it is now."""
    campaign: Campaign = Campaign.objects.get(pk=campaign_id)
    return campaign


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Tell what the database refuses as the mistake that it is."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        promise = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if promise in REFUSALS:
            raise REFUSALS[promise] from error
        raise


def approve_campaign(*, actor: Actor, tenant: Tenant, campaign_id: int, content: str) -> Campaign:
    """Approve the draft's words, of which `content` is the hash that the approver read.

    Behind an API key stands who made it. Raises OwnApproval, PersonMustApprove, WordsChanged,
    CampaignNotInState.
    """
    approver = person_of(actor)
    if approver is None:
        raise PersonMustApprove
    with refusals_in_words():
        move(
            actor,
            campaign_id,
            "approved",
            begins=[State.DRAFT],
            content=content,
            approved_hash=content,
            approved_by=approver,
            approved_at=Now(),
        )
    return find(campaign_id)


def schedule_campaign(
    *, actor: Actor, tenant: Tenant, campaign_id: int, at: datetime | None = None
) -> Campaign:
    """Have a draft go out at that time, or (None) now.

    Raises CampaignNotInState, CampaignNotSendable, ApprovalMissing, ScheduledInThePast.
    """
    now = timezone.now()
    if at is not None and at <= now:
        raise ScheduledInThePast(field="at")
    campaign = Campaign.objects.select_related("sender").get(pk=campaign_id)
    check_sendable(campaign, tenant=tenant)
    with refusals_in_words():
        move(
            actor,
            campaign_id,
            "scheduled" if at else "sent",
            begins=[State.DRAFT],
            state=State.SCHEDULED,
            scheduled_for=at or now,
        )
        if at is None:
            wake_sender(tenant)
    return find(campaign_id)


def check_sendable(campaign: Campaign, *, tenant: Tenant) -> None:
    """Raise CampaignNotSendable for what no message can do without, or for what is wrong in it."""
    missing = {
        "a sender": campaign.sender,
        "a subject": campaign.subject.strip(),
        "words": campaign.html.strip() or campaign.text.strip(),
        "an audience": campaign.audiences.filter(excluded=False).exists(),
    }
    lacking = [name for name, there in missing.items() if not there]
    if lacking:
        raise CampaignNotSendable(f"The campaign lacks {', '.join(lacking)}.")
    wrong = errors_of(check_content(campaign, tenant=tenant))
    if wrong:
        raise CampaignNotSendable(" ".join(finding.words for finding in wrong[:MOST_TOLD]))


def pause_campaign(*, actor: Actor, tenant: Tenant, campaign_id: int) -> Campaign:
    """Let no further message leave; what is being handed over goes on."""
    with transaction.atomic():
        move(
            actor,
            campaign_id,
            "paused",
            begins=[State.SCHEDULED, State.SENDING],
            state=State.PAUSED,
            pause_reason="by_hand",
        )
    return find(campaign_id)


def resume_campaign(
    *, actor: Actor, tenant: Tenant, campaign_id: int, confirm: bool = False
) -> Campaign:
    """Go on where it was paused; one that is late only with `confirm`."""
    paused = Campaign.objects.get(pk=campaign_id)
    if paused.pause_reason in ("late", "restored") and not confirm:
        raise LatenessNotConfirmed
    changes: dict[str, Any] = {"state": State.SENDING if paused.frozen_at else State.SCHEDULED}
    if confirm:
        changes["lateness_confirmed_at"] = Now()
    with refusals_in_words():
        move(actor, campaign_id, "resumed", begins=[State.PAUSED], pause_reason="", **changes)
        wake_sender(tenant)
    return find(campaign_id)


def cancel_campaign(*, actor: Actor, tenant: Tenant, campaign_id: int) -> int:
    """End it for good; gives how many messages had left by then."""
    with transaction.atomic():
        move(
            actor,
            campaign_id,
            "cancelled",
            begins=[State.SCHEDULED, State.SENDING, State.PAUSED],
            state=State.CANCELLED,
            pause_reason="",
            finished_at=Now(),
        )
        open_ones = Message.objects.filter(in_state("queued"), campaign=campaign_id)
        open_ones.update(state="skipped", reason=Message.Reason.CANCELLED)
        left = Message.objects.filter(
            campaign=campaign_id, state__in=["sent", "uncertain", "handing_over", "claimed"]
        )
        return int(left.count())


def move(
    actor: Actor,
    campaign_id: int,
    step: str,
    *,
    begins: list[Campaign.State],
    content: str | None = None,
    **changes: Any,
) -> None:
    """Take the step from one of the states where it begins, and note who did; raises
    CampaignNotInState when it is in another one (by now), and WordsChanged when what it says is
    not `content` any more."""
    found = Campaign.objects.filter(pk=campaign_id, state__in=begins)
    if content is not None:
        found = found.filter(content_hash=content)
    if not found.update(updated_at=Now(), **changes):
        campaign = find(campaign_id)
        if campaign.state in begins:
            raise WordsChanged
        raise CampaignNotInState(campaign.get_state_display().lower(), step)
    save_audit(actor=actor, action=f"campaign.{step}", target=Campaign(pk=campaign_id))


@transaction.atomic
def settle_by_hand(*, actor: Actor, tenant: Tenant, message_id: int, arrived: bool) -> None:
    """Say what became of an uncertain message: it arrived, or it is to be sent (again).

    Raises MessageNotUncertain; CampaignNotInState where nothing of it is sent any more.
    """
    uncertain = Message.objects.filter(pk=message_id, state="uncertain")
    if not arrived and uncertain.filter(campaign__state=State.CANCELLED).exists():
        raise CampaignNotInState("cancelled", "sent again")
    if arrived:
        changed = uncertain.update(state="sent", code="")
    else:
        changed = uncertain.update(state="queued", code="", handed_at=None, not_before=Now())
        reopen(message_id)
    if not changed:
        raise MessageNotUncertain
    save_audit(
        actor=actor,
        action="message.settled",
        target=Message(pk=message_id),
        fields=["arrived" if arrived else "queued"],
    )


def reopen(message_id: int) -> None:
    """A campaign with a message to send again is not finished."""
    Campaign.objects.filter(messages=message_id, state=State.SENT).update(
        state=State.SENDING, finished_at=None, progressed_at=Now()
    )
