"""Drafts are made, changed, copied and deleted; nothing else is."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import actions, lifecycle
from campaigns.errors import (
    AudienceNotValid,
    CampaignNameNotValid,
    CampaignNotDraft,
    PersonMustApprove,
    RowNotThere,
    VariantsNotValid,
)
from campaigns.models import Audience, Campaign, Sender
from segments.models import Segment
from tenants.audit import Actor
from tenants.keys import make_key
from tenants.models import ApiKey, AuditEntry


@pytest.fixture
def edit(in_anas_store, campaign, ana):
    """Change the campaign as somebody, Ana unless they are named."""

    def edit(*, by=None, **changes):
        return actions.edit_campaign(
            actor=by or Actor(ana), tenant=in_anas_store, campaign_id=campaign.pk, changes=changes
        )

    return edit


def segments(*names: str) -> list[int]:
    return [Segment.objects.create(name=name, kind="static").pk for name in names]


def sides(campaign: Campaign) -> dict[int, bool]:
    return dict(Audience.objects.filter(campaign=campaign).values_list("segment_id", "excluded"))


def test_a_draft_is_made_with_its_audience_and_that_is_noted(in_anas_store, sender, ana):
    inside, outside = segments("Inside", "Outside")

    made = actions.create_campaign(
        actor=Actor(ana),
        tenant=in_anas_store,
        changes={
            "name": " Spring ",
            "sender_id": sender.pk,
            "holdout_percent": Decimal("10"),
            "include": [inside],
            "exclude": [outside],
        },
    )

    assert (made.name, made.state, made.written_by) == ("Spring", "draft", ana)
    assert sides(made) == {inside: False, outside: True}
    assert AuditEntry.objects.latest("pk").action == "campaign.created"


def test_an_audience_changes_sides_in_one_statement(campaign, edit):
    one, two, three = segments("One", "Two", "Three")
    edit(include=[one, two])

    with CaptureQueriesContext(
        connection,
    ) as asked:
        changed = edit(include=[three], exclude=[two])

    assert changed == ["audience"]
    assert sides(campaign) == {three: False, two: True}
    assert sum("campaigns_audience" in query["sql"] for query in asked) == 2  # read, written


def test_what_is_as_before_is_no_change(campaign, edit):
    entries = AuditEntry.objects.count()

    assert edit(subject=campaign.subject, include=[]) == []
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    "changes",
    [{"subject": "New"}, {"html": "<p>New</p>"}, {"variants": [{"key": "B", "subject": "x"}]}],
)
def test_who_changes_the_words_wrote_them_and_an_approval_is_void(campaign, edit, ben, changes):
    Campaign.objects.update(approved_hash="x", approved_by=ben)

    edit(by=Actor(ben), **changes)

    campaign.refresh_from_db()
    assert (campaign.written_by, campaign.approved_by, campaign.approved_hash) == (ben, None, "")


def test_who_changes_the_sender_wrote_it(campaign, edit, ben):
    other = Sender.objects.create(name="Other", email="other@shop.example")

    edit(by=Actor(ben), sender_id=other.pk)

    campaign.refresh_from_db()
    assert campaign.written_by == ben


def test_who_changes_the_name_did_not_write_it(campaign, edit, ana, ben):
    edit(by=Actor(ben), name="Summer", holdout_percent=Decimal(5))

    campaign.refresh_from_db()
    assert campaign.written_by == ana


def test_behind_a_key_stands_who_made_it(in_anas_store, campaign, edit, ana, ben):
    made = make_key(actor=Actor(ana), tenant=in_anas_store, name="ERP", rights={"edit_campaigns"})
    key = ApiKey.objects.get(hint=made.raw[-len(ApiKey.objects.get().hint) :])
    edit(by=Actor(ben), subject="Ben's")

    edit(by=Actor(key=key), subject="Of the key")

    campaign.refresh_from_db()
    assert campaign.written_by == ana


def test_a_key_that_nobody_made_approves_nothing(in_anas_store, campaign):
    key = ApiKey.objects.create(name="ERP", key_hash="x", hint="x")

    with pytest.raises(PersonMustApprove):
        lifecycle.approve_campaign(
            actor=Actor(key=key), tenant=in_anas_store, campaign_id=campaign.pk, content="x"
        )


@pytest.mark.parametrize("state", ["scheduled", "sending", "paused", "sent", "cancelled"])
def test_only_drafts_change(in_anas_store, campaign, edit, ana, state):
    from django.db.models.functions import Now

    Campaign.objects.update(state=state, scheduled_for=Now(), started_at=Now())

    with pytest.raises(CampaignNotDraft):
        edit(name="Summer")
    with pytest.raises(CampaignNotDraft):
        actions.delete_campaign(actor=Actor(ana), tenant=in_anas_store, campaign_id=campaign.pk)


def test_a_draft_is_deleted_with_its_audience(in_anas_store, campaign, edit, ana):
    edit(include=segments("One"))

    actions.delete_campaign(actor=Actor(ana), tenant=in_anas_store, campaign_id=campaign.pk)

    assert not Campaign.objects.exists()
    assert not Audience.objects.exists()


def test_a_copy_says_the_same_to_the_same_and_falls_anew(in_anas_store, campaign, edit, ben):
    edit(include=segments("One", "Two"), variants=[{"key": "B", "subject": "Other"}])
    Campaign.objects.update(state="cancelled")
    Segment.objects.filter(name="Two").update(deleted_at="2026-01-01T00:00Z")

    copy = actions.copy_campaign(actor=Actor(ben), tenant=in_anas_store, campaign_id=campaign.pk)

    source = Campaign.objects.get(pk=campaign.pk)
    assert (copy.name, copy.state, copy.written_by) == ("Spring (copy)", "draft", ben)
    assert (copy.html, copy.variants) == (source.html, source.variants)
    assert copy.salt != source.salt
    assert sides(copy) == {Segment.objects.get(name="One").pk: False}


@pytest.mark.parametrize(
    "variants",
    [
        [{"key": "A", "subject": "x"}],
        [{"key": "C", "subject": "x"}],
        [{"key": "B", "subject": "x"}, {"key": "B", "subject": "y"}],
        [{"key": "B"}],
        [{"key": "B", "subject": ""}],
    ],
)
def test_variants_are_named_in_turn_and_differ(edit, variants):
    with pytest.raises(VariantsNotValid):
        edit(variants=variants)


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "a\nb"])
def test_a_name_can_be_read(edit, name):
    with pytest.raises(CampaignNameNotValid):
        edit(name=name)


def test_an_audience_is_of_the_stores_segments_each_on_one_side(edit):
    [one] = segments("One")

    for changes in ({"include": [one + 1000]}, {"include": [one], "exclude": [one]}):
        with pytest.raises(AudienceNotValid):
            edit(**changes)


@pytest.mark.parametrize("field", ["sender_id", "topic_id"])
def test_senders_and_topics_are_the_stores(edit, field):
    with pytest.raises(RowNotThere):
        edit(**{field: 999_999})
