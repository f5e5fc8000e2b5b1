"""What the database itself keeps, whatever the code does."""

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Preference, SendingSettings, Topic
from campaigns.tests.conftest import make_message

NOW = timezone.now


def save(campaign: Campaign, **changes) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(**changes)
    campaign.refresh_from_db()
    return campaign


def test_one_message_a_person(campaign, kim, refused):
    make_message(campaign, kim)

    with refused("one_message_per_person"):
        make_message(campaign, kim, state="skipped", reason="capped")


def test_one_message_an_address(campaign, kim, lee, refused):
    make_message(campaign, kim)

    with refused("one_message_per_address"):
        make_message(campaign, lee, address="kim@example.com")


@pytest.mark.parametrize(("state", "reason"), [("skipped", "duplicate"), ("holdout", "holdout")])
def test_who_is_not_written_to_may_share_an_address(campaign, kim, lee, state, reason):
    make_message(campaign, kim)

    make_message(campaign, lee, address="kim@example.com", state=state, reason=reason)


def test_a_message_at_work_has_a_holder(campaign, kim, refused):
    with refused("message_at_work_has_a_holder"):
        make_message(campaign, kim, state="claimed")


def test_a_message_not_sent_says_why(campaign, kim, refused):
    with refused("message_not_sent_says_why"):
        make_message(campaign, kim, state="skipped")


def test_nothing_is_sent_without_an_address(campaign, kim, refused):
    with refused("message_has_an_address"):
        make_message(campaign, kim, address=None)


def test_sent_was_handed_over(campaign, kim, refused):
    with refused("message_sent_was_handed_over"):
        make_message(campaign, kim, state="sent")


def test_the_hash_follows_the_words(campaign):
    before = save(campaign, name="Summer").content_hash

    after = save(campaign, subject="Summer is here").content_hash

    assert len(before) == 64
    assert after != before


def test_the_hash_cannot_be_written(campaign):
    honest = save(campaign, name="Spring").content_hash

    assert save(campaign, content_hash="forged").content_hash == honest


def test_a_variants_words_are_in_the_hash(campaign):
    before = save(campaign, name="Spring").content_hash

    assert save(campaign, variants=[{"key": "B", "subject": "Sale"}]).content_hash != before


def test_where_approval_is_required_nothing_goes_out_without(campaign, refused):
    SendingSettings.objects.create(require_approval=True)

    with refused("campaign_goes_out_as_it_was_approved"):
        save(campaign, state="sending", started_at=NOW())


def test_an_approval_is_of_these_very_words(campaign, ben, refused):
    SendingSettings.objects.create(require_approval=True)
    save(campaign, approved_by=ben, approved_hash=campaign_hash(campaign))
    save(campaign, subject="Other words")

    with refused("campaign_goes_out_as_it_was_approved"):
        save(campaign, state="scheduled", scheduled_for=NOW())


def test_approved_words_go_out(campaign, ben):
    SendingSettings.objects.create(require_approval=True)
    save(campaign, approved_by=ben, approved_hash=campaign_hash(campaign))

    sent = save(campaign, state="sending", started_at=NOW())

    assert sent.needs_approval


def test_nobody_waives_the_approval_on_the_campaign_itself(campaign, refused):
    SendingSettings.objects.create(require_approval=True)

    with refused("campaign_goes_out_as_it_was_approved"):
        save(campaign, state="sending", started_at=NOW(), needs_approval=False)


def test_nobody_approves_their_own_words(campaign, ana, refused):
    with refused("nobody_approves_their_own_words"):
        save(campaign, approved_by=ana)


def test_a_frozen_campaign_keeps_its_words(campaign, refused):
    save(campaign, frozen_at=NOW())

    with refused("frozen_campaign_keeps_its_words"):
        save(campaign, html="<p>Something else</p>")


def test_a_scheduled_campaign_has_a_time(campaign, refused):
    with refused("campaign_scheduled_for_a_time"):
        save(campaign, state="scheduled")


def test_a_preference_says_one_thing(kim, refused):
    topic = Topic.objects.create(name="Sales")

    with refused("preference_says_one_thing"):
        Preference.objects.create(customer=kim, topic=topic, until=NOW())


def campaign_hash(campaign: Campaign) -> str:
    return Campaign.objects.values_list("content_hash", flat=True).get(pk=campaign.pk)
