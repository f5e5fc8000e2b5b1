"""`shopify_email.*`: whom the language finds by what they did with messages."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Message, Touch
from campaigns.tests.conftest import make_message
from campaigns.tracking.reacting import Request, note_click
from segments import keeping
from segments.actions import SegmentData, create_segment
from segments.compiling.sources import has_data
from segments.models import SegmentMember
from segments.tests.asking import at, finds, found
from tenants.audit import Actor

NOON = at("2026-02-20T12:00")


@pytest.fixture
def message(campaign, kim) -> Message:
    return make_message(campaign, kim, state="sent", handed_at=NOON)


def touch(message: Message, kind: str, when: datetime = NOON, machine: str = "") -> None:
    Touch.objects.create(
        message=message,
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        kind=kind,
        happened_at=when,
        machine=machine,
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bounced", "bounced"),
        ("bounced", "soft_bounced"),
        ("clicked", "clicked"),
        ("marked_as_spam", "complained"),
        ("opened", "opened"),
        ("unsubscribed", "unsubscribed"),
    ],
)
def test_each_attribute_reads_its_own_touches(message, kim, lee, name, kind):
    ask = f"shopify_email.{name}"
    assert has_data(ask)
    assert not finds(f"{ask} MATCHES ()", kim)

    touch(message, kind)

    assert found(f"{ask} MATCHES ()") == {kim.pk}
    assert found(f"{ask} NOT MATCHES ()") == {lee.pk}
    assert finds(f"{ask} IS NOT NULL", kim)
    assert finds(f"{ask} IS NULL", lee)


def test_an_activity_is_a_campaign(message, campaign, kim):
    touch(message, "opened")

    assert finds(f"shopify_email.opened MATCHES (activity_id = {campaign.pk})", kim)
    assert not finds(f"shopify_email.opened MATCHES (activity_id = {campaign.pk + 1})", kim)
    assert finds(f"shopify_email.opened MATCHES (activity_id IN (1, {campaign.pk}))", kim)


def test_days_and_numbers_are_of_the_same_touches(message, kim):
    touch(message, "clicked")
    touch(message, "clicked", NOON - timedelta(days=300))

    assert finds("shopify_email.clicked MATCHES (count = 2)", kim)
    assert finds("shopify_email.clicked MATCHES (date > -45d, count = 1)", kim)
    assert finds("shopify_email.clicked MATCHES (date = 2026-02-20)", kim)
    assert not finds("shopify_email.clicked MATCHES (date = 2026-02-21)", kim)
    assert not finds("shopify_email.clicked MATCHES (count = 0)", kim)


def test_f108_what_machines_did_is_nobodys(message, kim):
    touch(message, "opened", machine="relay")

    assert not finds("shopify_email.opened MATCHES ()", kim)
    assert finds("shopify_email.opened MATCHES (count = 0)", kim)


def test_who_has_no_touch_has_the_count_of_none(kim):
    assert finds("shopify_email.opened MATCHES (count = 0)", kim)
    assert not finds("shopify_email.opened MATCHES (count >= 1)", kim)


@pytest.mark.parametrize(
    ("state", "touches", "delivered"),
    [
        ("sent", [], True),
        ("sent", ["bounced"], False),
        ("sent", ["soft_bounced"], False),
        ("sent", ["soft_bounced", "delivered"], True),
        ("sent", ["opened"], True),
        ("uncertain", [], False),
        ("failed", [], False),
    ],
)
def test_what_was_sent_and_did_not_bounce_was_delivered(message, kim, state, touches, delivered):
    Message.objects.update(state=state)
    for kind in touches:
        touch(message, kind)

    assert finds("shopify_email.delivered MATCHES (date = 2026-02-20)", kim) is delivered


def test_two_deliveries_are_two(message, kim, sender):
    other = Campaign.objects.create(name="Autumn", sender=sender)
    make_message(other, kim, state="sent", handed_at=NOON)

    assert finds("shopify_email.delivered MATCHES (count = 2)", kim)
    assert finds(f"shopify_email.delivered MATCHES (activity_id = {other.pk}, count = 1)", kim)


def test_a_segment_follows_a_click(in_anas_store, message, campaign, kim):
    data = SegmentData(name="Clicked", kind="dynamic", query="shopify_email.clicked MATCHES ()")
    segment = create_segment(actor=Actor(), tenant=in_anas_store, data=data)
    keeping.keep(tenant=in_anas_store, seconds=60)
    assert not SegmentMember.objects.exists()

    link = campaign.links.create(url="https://e.example", url_hash="x")
    person = Request("GET", "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0")
    Message.objects.update(handed_at=timezone.now() - timedelta(hours=1))
    note_click(tenant=in_anas_store, message_id=message.pk, link_id=link.pk, request=person)
    keeping.keep(tenant=in_anas_store, seconds=60)

    member = SegmentMember.objects.get(segment=segment, valid_to=None)
    assert member.customer == kim
