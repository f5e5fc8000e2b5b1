"""A campaign's way through its states: begun when it is due, finished when nothing is open."""

from datetime import datetime, timedelta
from typing import cast

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from campaigns import audience
from campaigns.local_time import first_moment
from campaigns.models import Campaign, Message
from campaigns.models.messages import in_state
from campaigns.sending import due
from segments import keeping
from segments.freshness import Freshness, freshness_of
from tenants.models import Tenant
from xeno.lib.postgres.clock import database_now
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

State = Campaign.State


def start_due(*, tenant: Tenant) -> None:
    """Freeze and let go what is scheduled for now; what is too late is paused, to be asked."""
    now = database_now()
    for campaign in Campaign.objects.filter(due.beginning()).order_by("scheduled_for"):
        begins = begins_at(campaign, tenant)
        if is_late(campaign, campaign.scheduled_for):
            pause(campaign, "late")
        elif begins <= now:
            start(tenant=tenant, campaign=campaign, begins=begins)


def begins_at(campaign: Campaign, tenant: Tenant) -> datetime:
    """When it is frozen: at its time, by the recipient's clock when that hour comes first, but not
    before it was scheduled: of that moment its segments must be true."""
    scheduled = cast("datetime", campaign.scheduled_for)  # what is scheduled has one
    if campaign.clock == Campaign.Clock.RECIPIENT:
        asked = min(scheduled, campaign.updated_at)
        return max(first_moment(scheduled, store=tenant.zone), asked)
    return scheduled


def start(*, tenant: Tenant, campaign: Campaign, begins: datetime) -> None:
    """Freeze it as soon as its segments are true of the moment at which it begins.

    Until then it waits for the next turn; a segment that cannot follow pauses it.
    """
    keeping.keep(tenant=tenant)
    ids = list(campaign.audiences.values_list("segment_id", flat=True))
    fresh = freshness_of(tenant=tenant, segment_ids=ids)
    if any(each.trouble for each in fresh.values()):
        pause(campaign, "segment")
        return
    true = all(is_true_of(fresh.get(pk), begins) for pk in ids)
    if true and freeze(tenant=tenant, campaign=campaign):
        analyze()


def analyze() -> None:
    """Let the planner know the messages as they are now: what finds a few of a million of them is
    planned once a connection, and the table may have been empty a moment ago."""
    run("SELECT xeno_analyze_messages()", [])


def is_true_of(fresh: Freshness | None, moment: datetime) -> bool:
    """Whether the members are those of this moment or later."""
    return bool(fresh and fresh.as_of and fresh.as_of >= moment)


@transaction.atomic
def freeze(*, tenant: Tenant, campaign: Campaign) -> bool:
    """Write the plan as messages, and let the workers at them; False when another has."""
    mine = Campaign.objects.select_for_update().filter(pk=campaign.pk, frozen_at=None)
    held = mine.filter(state=State.SCHEDULED).first()
    if held is None:
        return False
    now = database_now()
    audience.insert_messages(tenant=tenant, campaign=held, now=now)
    mine.update(state=State.SENDING, started_at=now, frozen_at=now, progressed_at=now)
    log.info("campaign_frozen", tenant_id=tenant.pk, campaign=campaign.pk)
    return True


def is_late(campaign: Campaign, since: datetime | None) -> bool:
    """Whether so much time has passed since that somebody must say again that it is to go."""
    latest = max(filter(None, [since, campaign.lateness_confirmed_at]), default=None)
    return bool(latest and database_now() - latest > timedelta(hours=campaign.lateness_hours))


def pause(campaign: Campaign, reason: str) -> None:
    """Hold it until somebody says that it goes on: with `late`, as after a restore yesterday's
    news would go out."""
    at_work = Campaign.objects.filter(pk=campaign.pk, state__in=[State.SCHEDULED, State.SENDING])
    if at_work.update(state=State.PAUSED, pause_reason=reason):
        log.warning(
            "campaign_paused", tenant_id=campaign.tenant_id, campaign=campaign.pk, reason=reason
        )


def hold_restored() -> int:
    """Pause what was on its way in the open store when its backup was made; how many campaigns.

    The backup does not know who got it since: somebody must say that it is to go on.
    """
    at_work = Campaign.objects.filter(state__in=[State.SCHEDULED, State.SENDING])
    held = list(at_work.order_by("pk"))
    for campaign in held:
        pause(campaign, "restored")
    return len(held)


def find_sending() -> list[Campaign]:
    """The open store's campaigns that messages may leave of now, the longest waiting first."""
    found = Campaign.objects.filter(state=State.SENDING).select_related("sender")
    return list(found.order_by("progressed_at", "pk"))


def look_after(campaign: Campaign) -> bool:
    """Pause what stood still for too long, finish what is done; whether a message may leave."""
    if finish(campaign):
        return False
    first = first_due(campaign)
    if first is None:
        return False  # their hour, or the winner, is waited for
    if is_late(campaign, max(first, campaign.progressed_at or first)):
        pause(campaign, "late")
        return False
    return True


def first_due(campaign: Campaign) -> datetime | None:
    """Since when the first of its messages may leave; None when none may yet."""
    waiting = Message.objects.filter(in_state("queued"), campaign=campaign, not_before__lte=Now())
    waiting = waiting.filter(customer__isnull=False).exclude(variant="")
    first: datetime | None = (
        waiting.order_by("not_before").values_list("not_before", flat=True).first()
    )
    return first


# What a worker gave back, or the provider put off, after the campaign was cancelled.
STRANDED = """
    UPDATE campaigns_message m SET state = 'skipped', reason = 'cancelled'
    FROM campaigns_campaign c
    WHERE c.tenant_id = %(tenant)s AND c.state = 'cancelled'
        AND m.tenant_id = %(tenant)s AND m.campaign_id = c.id
        AND m.phase = 'open' AND m.state = 'queued'
"""


def give_up_stranded(*, tenant: Tenant) -> None:
    """Say of messages that wait in cancelled campaigns why they do not leave."""
    run(STRANDED, {"tenant": tenant.pk})


def finish(campaign: Campaign) -> bool:
    """Mark it as sent when no message is open; derived from the rows, never from a cursor."""
    still = Message.objects.filter(campaign=campaign, phase="open").filter(
        Q(customer__isnull=False) | ~Q(state="queued")
    )
    if still.exists():
        return False
    sending = Campaign.objects.filter(pk=campaign.pk, state=State.SENDING)
    return bool(sending.update(state=State.SENT, finished_at=Now()))
