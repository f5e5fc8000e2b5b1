"""Senders, topics and the store's rules: changed with care for what is on its way."""

from datetime import time

import pytest
from django.db.models.functions import Now

from campaigns import rules
from campaigns.errors import (
    QuietHoursNotValid,
    SenderAddressTaken,
    SenderInUse,
    TopicInUse,
    TopicNameTaken,
)
from campaigns.models import Campaign, Preference, Sender, SendingSettings, Topic
from campaigns.providers.choosing import ProviderUnknown
from tenants.audit import Actor
from tenants.models import AuditEntry


@pytest.fixture
def by_ana(in_anas_store, ana):
    return {"actor": Actor(ana), "tenant": in_anas_store}


@pytest.fixture
def news(in_anas_store) -> Topic:
    return Topic.objects.create(name="News")


def test_an_address_sends_once(by_ana, sender):
    with pytest.raises(SenderAddressTaken):
        rules.create_sender(**by_ana, changes={"name": "Again", "email": sender.email})


def test_another_address_has_to_be_verified_again(by_ana, sender):
    Sender.objects.update(verified_at=Now(), records={"spf": {"ok": True}})

    rules.edit_sender(**by_ana, sender_id=sender.pk, changes={"email": "new@shop.example"})

    found = Sender.objects.get()
    assert (found.email, found.verified_at, found.records) == ("new@shop.example", None, {})


def test_what_was_approved_with_the_old_sender_is_to_be_approved_again(by_ana, campaign, ben):
    Campaign.objects.update(approved_hash="x", approved_by=ben)

    rules.edit_sender(**by_ana, sender_id=campaign.sender_id, changes={"name": "Somebody"})

    campaign.refresh_from_db()
    assert (campaign.approved_hash, campaign.approved_by) == ("", None)


def test_what_recipients_see_is_kept_while_a_campaign_is_on_its_way(by_ana, campaign):
    Campaign.objects.update(state="scheduled", scheduled_for=Now())

    with pytest.raises(SenderInUse):
        rules.edit_sender(**by_ana, sender_id=campaign.sender_id, changes={"name": "Somebody"})
    assert rules.edit_sender(
        **by_ana, sender_id=campaign.sender_id, changes={"per_minute": 60}
    ) == ["per_minute"]


def test_a_sender_is_deleted_unless_a_campaign_names_it(by_ana, campaign):
    with pytest.raises(SenderInUse):
        rules.delete_sender(**by_ana, sender_id=campaign.sender_id)

    Campaign.objects.update(sender=None)
    rules.delete_sender(**by_ana, sender_id=campaign.sender_id)

    assert not Sender.objects.exists()


def test_a_topic_is_called_once(by_ana, news):
    with pytest.raises(TopicNameTaken):
        rules.create_topic(**by_ana, changes={"name": "News"})


def test_a_topic_goes_with_who_does_not_want_it(by_ana, news, kim, campaign):
    Preference.objects.create(customer=kim, topic=news)
    Campaign.objects.update(topic=news)
    with pytest.raises(TopicInUse):
        rules.delete_topic(**by_ana, topic_id=news.pk)

    Campaign.objects.update(topic=None)
    rules.delete_topic(**by_ana, topic_id=news.pk)

    assert not Topic.objects.exists()
    assert not Preference.objects.exists()


def test_the_stores_rules_have_one_row_and_what_changed_is_noted(by_ana):
    for hours in (24, 48):
        rules.edit_settings(**by_ana, changes={"cap_hours": hours, "credentials": "smtp://host"})

    found = SendingSettings.objects.get()
    entry = AuditEntry.objects.latest("pk")
    assert (found.cap_hours, found.credentials) == (48, "smtp://host")
    assert (entry.action, entry.fields) == ("sending_settings.changed", ["cap_hours"])


@pytest.mark.parametrize(
    "changes",
    [{"quiet_from": time(22)}, {"quiet_from": time(8), "quiet_until": time(8)}],
)
def test_quiet_hours_have_two_ends(by_ana, changes):
    with pytest.raises(QuietHoursNotValid):
        rules.edit_settings(**by_ana, changes=changes)


def test_a_provider_is_one_that_is_here(by_ana):
    with pytest.raises(ProviderUnknown):
        rules.edit_settings(**by_ana, changes={"provider": "pigeon"})
