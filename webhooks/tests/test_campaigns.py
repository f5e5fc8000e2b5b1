"""Deletions, merges and erasures that Shopify tells, of people whom campaigns are about."""

import pytest
from django.utils import timezone

from campaigns.models import Campaign, LocalMail, Message, Preference, Sender, Suppression, Touch
from customers.models import Customer
from webhooks.privacy import working
from webhooks.tests.shopify import customer
from webhooks.tests.test_customers import merge

ADDRESS = "kim@example.com"


@pytest.fixture
def message(shopify) -> Message:
    shopify.tell("customers/create", customer(8, email=ADDRESS))
    sender = Sender.objects.create(name="Ana", email="ana@shop.example")
    campaign = Campaign.objects.create(name="Spring", sender=sender)
    kim = Customer.objects.get(shopify_id=8)
    sent = Message.objects.create(
        campaign=campaign, customer=kim, address=ADDRESS, state="sent", handed_at=timezone.now()
    )
    Touch.objects.create(message=sent, campaign=campaign, customer=kim, kind="opened")
    Preference.objects.create(customer=kim, most=2)
    later = Campaign.objects.create(name="Autumn", sender=sender)
    Message.objects.create(campaign=later, customer=kim, address=ADDRESS, state="queued")
    return sent


def test_f042_a_merge_takes_what_came_back_along(shopify, message):
    shopify.tell("customers/create", customer(7, email="lee@example.com"))

    shopify.tell("customers/merge", merge(7, 8))

    kept = Customer.objects.get()
    assert kept.shopify_id == 7
    assert set(Message.objects.values_list("customer", "state")) == {
        (kept.pk, "sent"),
        (kept.pk, "queued"),
    }
    assert Touch.objects.get().customer == Preference.objects.get().customer == kept


def test_f042_a_deletion_leaves_the_counts(shopify, message):
    shopify.tell("customers/delete", {"id": 8})

    assert not Customer.objects.exists()
    assert set(Message.objects.values_list("customer", "state", "reason")) == {
        (None, "sent", ""),
        (None, "skipped", "erased"),
    }


def test_an_erased_person_is_in_no_message_suppression_or_local_mail(shopify, message):
    Suppression.objects.create(address=ADDRESS, reason="bounced")
    LocalMail.objects.create(sender="a@e.example", recipient=ADDRESS, raw=b"To: kim@example.com")

    shopify.tell("customers/redact", {
        "shop_domain": "ana.myshopify.com", "customer": {"id": 8, "email": ADDRESS},
        "orders_to_redact": [],
    })  # fmt: skip
    working.work_off(tenant=shopify.tenant)

    assert not Customer.objects.exists()
    assert not Suppression.objects.exists()
    assert not LocalMail.objects.exists()
    assert set(Message.objects.values_list("customer", "address", "state", "reason")) == {
        (None, None, "sent", ""),
        (None, None, "skipped", "erased"),
    }
    assert Touch.objects.get().customer is None
