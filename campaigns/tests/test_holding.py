"""A segment that a campaign is yet to need stays; of the others campaigns let go."""

import pytest
from django.utils import timezone

from campaigns.models import Audience, Campaign
from segments.actions import SegmentInUse, delete_segment
from segments.models import Segment, SegmentState
from segments.removing import remove_deleted
from tenants.audit import Actor


@pytest.fixture
def named(campaign) -> Segment:
    """A segment that the draft is for."""
    segment = Segment.objects.create(name="Everybody", kind="static")
    SegmentState.objects.create(segment=segment)
    Audience.objects.create(campaign=campaign, segment=segment)
    return segment


def test_a_segment_that_a_draft_is_for_is_not_deleted(in_anas_store, named, ana):
    with pytest.raises(SegmentInUse):
        delete_segment(actor=Actor(ana), tenant=in_anas_store, segment_id=named.pk)


@pytest.mark.parametrize("state", ["sent", "cancelled"])
def test_what_went_out_lets_go_of_it(in_anas_store, named, ana, state):
    now = timezone.now()
    Campaign.objects.update(state=state, started_at=now)

    delete_segment(actor=Actor(ana), tenant=in_anas_store, segment_id=named.pk)
    while remove_deleted(tenant=in_anas_store):
        pass

    assert not Audience.objects.exists()
    assert Campaign.objects.exists()
