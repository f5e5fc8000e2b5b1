"""Whether the open store has anything for a worker to do, from small tables and indexes."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models import Campaign, Claim, Message
from campaigns.models.messages import in_state
from campaigns.sending.settling import CLAIM_SECONDS, HAND_OVER_SECONDS
from xeno.lib.leases import is_free

AHEAD = timedelta(hours=26)  # of the clocks where the day begins before those where it ends


def beginning() -> Q:
    """Campaigns whose time has come, or may have come somewhere."""
    somewhere = Q(clock=Campaign.Clock.RECIPIENT, scheduled_for__lte=Now() + AHEAD)
    return Q(state=Campaign.State.SCHEDULED) & (Q(scheduled_for__lte=Now()) | somewhere)


def has_due() -> bool:
    """Whether a campaign is to begin, messages may leave, or a dead worker left some behind."""
    at_work = beginning() | Q(state=Campaign.State.SENDING)
    if Campaign.objects.filter(at_work).exists():
        return True
    if Message.objects.filter(in_state("queued"), campaign__state="cancelled").exists():
        return True
    unbegun = is_free("lease_until", longest=timedelta(seconds=CLAIM_SECONDS))
    begun = is_free("begun_until", longest=timedelta(seconds=HAND_OVER_SECONDS))
    return bool(Claim.objects.filter(unbegun, begun).exists())
