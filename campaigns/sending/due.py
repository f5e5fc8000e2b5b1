"""Whether the open store has anything for a worker to do, from small partial indexes."""

from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models import Campaign, Message


def has_due() -> bool:
    """Whether a campaign is to begin, messages may leave, or a dead worker left some behind."""
    begins = Q(state=Campaign.State.SCHEDULED, scheduled_for__lte=Now())
    if Campaign.objects.filter(begins | Q(state=Campaign.State.SENDING)).exists():
        return True
    left = Message.objects.filter(state__in=["claimed", "handing_over"], lease_until__lt=Now())
    return bool(left.exists())
