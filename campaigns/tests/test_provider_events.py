"""What providers tell through anymail: who may, once each, and what follows."""

import base64
import json
from datetime import timedelta

import pytest
from celery import current_app
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Message, ProviderEvent, Suppression, Touch
from campaigns.tests.conftest import make_message
from campaigns.tracking.proofs import metadata_of
from campaigns.tracking.provider_events import READERS
from campaigns.tracking.tokens import Purpose, Token, pack
from xeno.lib.postgres.scope import tenant_scope

POSTMARK = "/provider-events/postmark/tracking/"
SENDGRID = "/provider-events/sendgrid/tracking/"
SIGNING = ("mailersend", "mailgun", "postal", "unisender_go")  # with a key of the install's
pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped")


@pytest.fixture(autouse=True)
def door(settings, monkeypatch):
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:s3cret"}
    monkeypatch.setattr(current_app.conf, "task_always_eager", True)


@pytest.fixture
def message(campaign, kim) -> Message:
    return make_message(campaign, kim, state="sent", handed_at=timezone.now(), provider_id="PM1")


@pytest.fixture
def tell(in_anas_store):
    def tell(body, path=POSTMARK, secret="hook:s3cret"):
        known = base64.b64encode(secret.encode()).decode()
        headers = {"Authorization": f"Basic {known}"} if secret else {}
        text = body if isinstance(body, str) else json.dumps(body)
        return Client().post(path, text, "application/json", headers=headers)

    return tell


def word(message, kind, **more):
    return {
        "RecordType": kind,
        "MessageID": "PM1",
        "Metadata": metadata_of(message.pk),
        **more,
    }


def bounce(message, how, number=1):
    return word(message, "Bounce", Type=how, ID=number, Email="kim@example.com")


def kinds() -> list[str]:
    return list(Touch.objects.order_by("pk").values_list("kind", flat=True))


def suppressed() -> list[tuple[str, str]]:
    return list(Suppression.objects.values_list("address", "reason"))


def test_a_delivery_is_noted_once(tell, message):
    told = word(message, "Delivery", DeliveredAt="2026-01-01T00:00:00Z")

    assert [tell(told).status_code for _ in range(3)] == [200, 200, 200]

    touch = Touch.objects.get()
    assert (touch.kind, touch.message, touch.happened_at.year) == ("delivered", message, 2026)
    assert ProviderEvent.objects.count() == 1


def test_a_delivery_settles_what_was_uncertain(tell, message):
    Message.objects.update(state="uncertain", code="no_answer")

    tell(word(message, "Delivery"))

    message.refresh_from_db()
    assert (message.state, message.code) == ("sent", "")


@pytest.mark.parametrize("how", ["HardBounce", "BadEmailAddress"])
def test_a_hard_bounce_suppresses_at_once(tell, message, how):
    tell(bounce(message, how))

    assert kinds() == ["bounced"]
    assert suppressed() == [("kim@example.com", "bounced")]


def test_a_complaint_suppresses_at_once(tell, message):
    tell(word(message, "SpamComplaint", Type="SpamComplaint", ID=3))

    assert kinds() == ["complained"]
    assert suppressed() == [("kim@example.com", "complained")]


def test_the_third_soft_bounce_within_a_month_suppresses(tell, kim, sender):
    messages = []
    for name in ("Spring", "Summer", "Autumn"):
        one = Campaign.objects.create(name=name, sender=sender)
        messages.append(make_message(one, kim, state="sent", handed_at=timezone.now()))

    for number, message in enumerate(messages):
        assert suppressed() == []
        tell(bounce(message, "SoftBounce", number))

    assert kinds() == ["soft_bounced"] * 3
    assert suppressed() == [("kim@example.com", "bounced")]


def test_old_soft_bounces_do_not_count(tell, message):
    for _ in range(5):
        Touch.objects.create(
            message=message,
            campaign_id=message.campaign_id,
            kind="soft_bounced",
            happened_at=timezone.now() - timedelta(days=31),
        )

    tell(bounce(message, "SoftBounce"))

    assert suppressed() == []


def test_the_providers_own_unsubscribe_is_one(tell, message, kim):
    told = word(message, "SubscriptionChange", SuppressionReason="ManualSuppression", ID=4)
    tell(told)
    tell(told)

    kim.refresh_from_db()
    assert kim.email_consent == "unsubscribed"
    assert kinds() == ["unsubscribed"]


def test_several_events_of_one_request_each_count(tell, message):
    told = {
        "timestamp": 1,
        "email": "kim@example.com",
        "smtp-id": "x",
        **metadata_of(message.pk),
    }
    events = [
        {**told, "event": "delivered", "sg_event_id": "a"},
        {**told, "event": "bounce", "type": "blocked", "sg_event_id": "b"},
        {**told, "event": "open", "sg_event_id": "c"},
        {**told, "event": "spamreport", "sg_event_id": "d"},
    ]

    assert tell(events, SENDGRID).status_code == 200

    assert kinds() == ["delivered", "soft_bounced", "complained"]


def test_without_our_metadata_the_providers_id_finds_the_message(tell, message):
    tell({"RecordType": "Delivery", "MessageID": "PM1"})

    assert kinds() == ["delivered"]


def test_an_event_of_nobodys_message_is_nothing(tell, message):
    told = {"RecordType": "Delivery", "MessageID": "ANOTHER"}

    assert tell(told).status_code == 200
    assert kinds() == []
    assert not ProviderEvent.objects.exists()


def test_f107_a_proof_of_another_store_touches_no_message(tell, message, cys_store):
    told = word(message, "Delivery")
    told["Metadata"] = {"proof": pack(Token(Purpose.EVENT, cys_store.pk, message.pk))}

    assert tell(told).status_code == 200

    assert kinds() == []
    with tenant_scope(cys_store.pk):
        assert not Touch.objects.exists()


@pytest.mark.parametrize("purpose", [Purpose.OPEN, Purpose.UNSUBSCRIBE])
def test_f107_a_proof_that_is_none_touches_no_message(tell, message, purpose):
    """Not even that of the provider's id, and not for who knows the secret."""
    link = pack(Token(purpose, message.tenant_id, message.pk))
    for proof in ("", "x", 7, None, link, metadata_of(message.pk)["proof"][:-1]):
        told = word(message, "SpamComplaint", ID=3, Metadata={"proof": proof})
        assert tell(told).status_code == 200

    assert kinds() == []
    assert suppressed() == []


def test_f107_ids_without_a_proof_are_believed_of_nobody(tell, message):
    ids = {"message": str(message.pk), "store": str(message.tenant_id)}
    told = word(message, "SpamComplaint", ID=3, Metadata=ids, MessageID="ANOTHER")

    assert tell(told).status_code == 200

    assert kinds() == []


@pytest.mark.parametrize("secret", ["", "hook:wrong", "hook", ":"])
def test_who_does_not_know_the_secret_is_refused(tell, message, secret):
    assert tell(word(message, "Delivery"), secret=secret).status_code == 403
    assert kinds() == []


def test_without_a_secret_the_door_is_shut(tell, message, settings):
    settings.ANYMAIL = {}

    assert tell(word(message, "Delivery")).status_code == 404
    assert kinds() == []


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '"x"', "[[1]]", '{"RecordType": []}'])
@pytest.mark.parametrize("path", [POSTMARK, SENDGRID, "/provider-events/mailgun/tracking/"])
def test_what_cannot_be_read_is_refused(tell, db, body, path, settings):
    settings.ANYMAIL |= {"MAILGUN_WEBHOOK_SIGNING_KEY": "key"}

    assert tell(body, path).status_code < 500
    assert kinds() == []


@pytest.mark.parametrize("esp", ["nobody", "amazon_ses"])
def test_an_unknown_provider_is_not_found(tell, esp):
    assert tell("{}", f"/provider-events/{esp}/tracking/").status_code == 404


@pytest.mark.parametrize("secret", ["", "hook:s3cret"])
@pytest.mark.parametrize("esp", READERS)
def test_a_provider_whose_key_is_not_set_is_not_found(tell, esp, secret):
    status = tell("{}", f"/provider-events/{esp}/tracking/", secret).status_code

    assert status == 404 if esp in SIGNING else status < 500
