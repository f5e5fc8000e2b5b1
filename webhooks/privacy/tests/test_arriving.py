"""Compliance topics at the door: answered as any webhook, and refused when forged. Row 118."""

import json

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from conftest import make_store
from tenants.models import Tenant
from webhooks.inbox import find_store_id
from webhooks.models import Delivery, PrivacyRequest, State
from webhooks.privacy import requests, tasks
from webhooks.privacy.receipts import is_store_erased, save_receipt
from webhooks.privacy.tests.person import ID, request
from webhooks.tests.shopify import Shopify, sample
from xeno.lib.postgres.scope import tenant_scope

BODIES = {
    "customers/data_request": request(orders_requested=[1], data_request={"id": 9}),
    "customers/redact": request(orders_to_redact=[1]),
    "shop/redact": {"shop_id": 1, "shop_domain": "ana.myshopify.com"},
}
TOPICS = list(BODIES)


@pytest.mark.parametrize("signature", ["AAAA", "no base64 \u20ac", ""])
@pytest.mark.parametrize("topic", TOPICS)
def test_f118_a_bad_signature_is_answered_401(shopify, topic, signature):
    answer = shopify.send(topic, BODIES[topic], X_Shopify_Hmac_Sha256=signature)

    assert answer.status_code == 401
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("topic", TOPICS)
def test_f118_a_signed_one_becomes_a_request_with_its_deadline(shopify, topic):
    delivery = shopify.tell(topic, BODIES[topic])

    asked = PrivacyRequest.objects.get()
    assert delivery.state == State.APPLIED
    assert (asked.delivery_id, asked.done_at) == (delivery.pk, None)
    assert asked.customer_shopify_id == (None if topic == "shop/redact" else ID)
    assert (asked.due_at - asked.received_at).days in (29, 30)


@pytest.mark.parametrize("topic", TOPICS)
def test_shopifys_own_samples_are_understood(shopify, topic):
    body = {**sample(topic), "shop_domain": "ana.myshopify.com"}

    assert shopify.tell(topic, body).state == State.APPLIED


@pytest.mark.parametrize("topic", TOPICS)
def test_a_store_that_was_uninstalled_is_heard(shopify, topic):
    Tenant.objects.update(uninstalled_at=timezone.now())

    assert shopify.tell(topic, BODIES[topic]).state == State.APPLIED


@pytest.mark.parametrize(
    ("signed_as", "sent_as"), [(a, b) for a in TOPICS for b in TOPICS if a != b]
)
def test_a_signed_body_under_another_topic_is_parked(shopify, signed_as, sent_as):
    """Only the body is signed: no request for data may be turned into an erasure."""
    assert shopify.tell(sent_as, BODIES[signed_as]).state == State.PARKED
    assert not PrivacyRequest.objects.exists()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_body_of_another_shop_is_parked(shopify, topic):
    body = {**BODIES[topic], "shop_domain": "cy.myshopify.com"}

    assert shopify.tell(topic, body).code == "other_shop"


def test_a_request_that_names_nobody_is_parked(shopify):
    assert shopify.tell("customers/redact", request(customer={})).code == "unreadable"


def test_a_replayed_delivery_is_one_request(shopify):
    delivery = shopify.tell("customers/redact", BODIES["customers/redact"])
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PENDING)
    shopify.apply()

    assert PrivacyRequest.objects.count() == 1


def test_a_request_that_fails_is_tried_again_later_and_says_so(shopify, monkeypatch):
    def fail(**_):
        raise ValueError("canary@example.com")

    shopify.tell("customers/redact", BODIES["customers/redact"])
    monkeypatch.setitem(tasks.working.WORK, "redact", fail)
    tasks.work_privacy(shopify.tenant.pk)

    asked = PrivacyRequest.objects.get()
    assert (asked.trouble, asked.attempts, asked.done_at) == ("failed", 1, None)
    assert asked.held_until > timezone.now()
    assert not requests.is_due()


def test_the_sweep_finds_what_no_worker_was_told_of(shopify, monkeypatch):
    told = []
    monkeypatch.setattr(tasks.work_privacy, "delay", told.append)
    tasks.sweep_privacy()
    shopify.tell("customers/redact", json.dumps(BODIES["customers/redact"]).encode())
    tasks.sweep_privacy()

    assert told == [shopify.tenant.pk]


@pytest.mark.parametrize("dropped", [False, True], ids=["in use", "dropped"])
def test_f117_a_key_that_was_replaced_still_knows_who_was_erased_under_it(
    transactional_db, settings, tmp_path, dropped
):
    settings.XENO_HOME = tmp_path
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.ENCRYPTION_KEYS = [old]
    save_receipt(shop_domain="ana.myshopify.com")
    settings.ENCRYPTION_KEYS = [new]
    assert not is_store_erased("ana.myshopify.com")

    if dropped:
        settings.RECEIPT_KEYS = [old]
    else:
        settings.ENCRYPTION_KEYS = [new, old]
    assert is_store_erased("ana.myshopify.com")
    assert not is_store_erased("cy.myshopify.com")


@pytest.mark.parametrize(("topic", "status"), [("shop/redact", 200), ("orders/create", 404)])
def test_f117_a_process_that_still_knows_the_erased_store_answers_by_the_receipt(
    transactional_db, client, topic, status
):
    store = make_store("ana.myshopify.com")
    shopify = Shopify(store, client)
    assert find_store_id("ana.myshopify.com") == store.pk
    save_receipt(shop_domain="ana.myshopify.com")
    with tenant_scope(store.pk):
        Tenant.objects.filter(pk=store.pk).delete()

    assert shopify.send(topic, BODIES["shop/redact"]).status_code == status
