"""A segment that a campaign is yet to need stays; of the others campaigns let go."""

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns.actions import create_campaign, edit_campaign
from campaigns.errors import AudienceNotValid
from campaigns.models import Audience, Campaign
from campaigns.tests.conftest import start_elsewhere
from segments.actions import SegmentInUse, delete_segment
from segments.models import Segment, SegmentState
from segments.removing import remove_deleted
from tenants.audit import Actor
from xeno.lib.postgres.scope import tenant_scope


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


@pytest.mark.django_db(transaction=True)
def test_a_segment_is_not_deleted_from_under_a_draft_that_is_adding_it(anas_store):
    with tenant_scope(anas_store.pk):
        segment = Segment.objects.create(name="Not these", kind="static")
        by_nobody = {"actor": Actor(), "tenant": anas_store}
        draft = create_campaign(**by_nobody, changes={"name": "Spring"})
        said = []

        def delete():
            try:
                delete_segment(**by_nobody, segment_id=segment.pk)
            except SegmentInUse:
                said.append("in use")

        with transaction.atomic():
            edit_campaign(**by_nobody, campaign_id=draft.pk, changes={"exclude": [segment.pk]})
            deleting = start_elsewhere(anas_store, delete)
            deleting.join(1)
            assert deleting.is_alive()  # it waits for the draft
        deleting.join(20)

        assert said == ["in use"]
        assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_segment_that_is_deleted_is_not_added(in_anas_store, campaign, named, ana):
    by_ana = {"actor": Actor(ana), "tenant": in_anas_store}
    Audience.objects.all().delete()
    delete_segment(**by_ana, segment_id=named.pk)

    with pytest.raises(AudienceNotValid):
        edit_campaign(**by_ana, campaign_id=campaign.pk, changes={"include": [named.pk]})


@pytest.mark.parametrize("state", ["sent", "cancelled"])
def test_what_went_out_lets_go_of_it(in_anas_store, named, ana, state):
    now = timezone.now()
    Campaign.objects.update(state=state, started_at=now)

    delete_segment(actor=Actor(ana), tenant=in_anas_store, segment_id=named.pk)
    while remove_deleted(tenant=in_anas_store):
        pass

    assert not Audience.objects.exists()
    assert Campaign.objects.exists()
