"""Whether the open store has anything for a worker to do, from small tables and indexes."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models import Campaign, Claim
from campaigns.sending.settling import CLAIM_SECONDS, HAND_OVER_SECONDS
from xeno.lib.leases import is_free


def has_due() -> bool:
    """Whether a campaign is to begin, messages may leave, or a dead worker left some behind."""
    begins = Q(state=Campaign.State.SCHEDULED, scheduled_for__lte=Now())
    if Campaign.objects.filter(begins | Q(state=Campaign.State.SENDING)).exists():
        return True
    unbegun = is_free("lease_until", longest=timedelta(seconds=CLAIM_SECONDS))
    begun = is_free("begun_until", longest=timedelta(seconds=HAND_OVER_SECONDS))
    return bool(Claim.objects.filter(unbegun, begun).exists())
