"""Which segments campaigns need: those of whoever is still to be written to.

A campaign that is frozen has its messages; it lets go of a segment that is deleted.
"""

from campaigns.models import Audience, Campaign
from tenants.models import Tenant

OVER = (Campaign.State.SENT, Campaign.State.CANCELLED)


def names_segment(segment_id: int) -> bool:
    """Whether a campaign that is yet to be frozen is for it, or leaves it out."""
    audiences = Audience.objects.filter(segment=segment_id, campaign__frozen_at=None)
    return bool(audiences.exclude(campaign__state__in=OVER).exists())


def forget_segment(*, tenant: Tenant, segment_id: int) -> None:
    """Take the segment out of every audience."""
    Audience.objects.filter(segment=segment_id).delete()
