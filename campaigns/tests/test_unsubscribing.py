"""An unsubscribe stops the next message at once, and Shopify hears of it."""

import pytest
from django.apps import apps
from django.db import OperationalError
from django.utils import timezone

from campaigns.models import Message, Suppression, Touch
from campaigns.tasks import wake
from campaigns.tests.conftest import make_customer, make_message
from campaigns.tracking import unsubscribing
from campaigns.tracking.unsubscribing import unsubscribe
from customers.models import ConsentChange, Customer
from tenants.models import AuditEntry

Edit = apps.get_model("webhooks", "Edit")  # the outbox of the app above


@pytest.fixture
def message(campaign, kim) -> Message:
    return make_message(campaign, kim, state="sent", handed_at=timezone.now())


def consent(customer) -> str:
    customer.refresh_from_db()
    return customer.email_consent


def test_the_consent_is_withdrawn_and_shopify_is_to_be_told(in_anas_store, message, kim):
    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert consent(kim) == "unsubscribed"
    word = ConsentChange.objects.get(customer=kim)
    assert (word.state, word.source) == ("unsubscribed", "campaign")
    edit = Edit.objects.get(customer=kim)
    assert (edit.field, edit.state) == ("email_consent", "pending")
    entry = AuditEntry.objects.get(action="customer.changed")
    assert (entry.actor, entry.key, entry.fields) == (None, None, ["email_consent"])


def test_it_is_a_touch_of_the_message(in_anas_store, message, kim, campaign):
    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    touch = Touch.objects.get()
    assert (touch.kind, touch.customer, touch.campaign) == ("unsubscribed", kim, campaign)


def test_twice_is_once(in_anas_store, message, kim):
    unsubscribe(tenant=in_anas_store, message_id=message.pk)
    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert Touch.objects.count() == ConsentChange.objects.count() == Edit.objects.count() == 1
    assert not Suppression.objects.exists()


def test_a_consent_that_is_given_later_stands(in_anas_store, message, kim):
    unsubscribe(tenant=in_anas_store, message_id=message.pk)
    Customer.objects.filter(pk=kim.pk).update(email_consent="subscribed")

    wake(in_anas_store)

    assert consent(kim) == "subscribed"
    assert not Suppression.objects.exists()


def test_whoever_has_the_address_is_unsubscribed(in_anas_store, message, kim):
    twin = make_customer(7, "KIM@example.com")

    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert (consent(kim), consent(twin)) == ("unsubscribed", "unsubscribed")


def test_who_has_another_address_by_now_is_unsubscribed(in_anas_store, message, kim):
    Customer.objects.filter(pk=kim.pk).update(email="new@example.com")

    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert consent(kim) == "unsubscribed"


def test_of_a_customer_who_is_gone_the_address_is_suppressed(in_anas_store, message):
    Message.objects.update(customer=None)
    Customer.objects.all().delete()

    unsubscribe(tenant=in_anas_store, message_id=message.pk)
    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    row = Suppression.objects.get()
    assert (row.address, row.reason) == ("kim@example.com", "unsubscribed")
    assert Touch.objects.count() == 1


def test_of_an_erased_person_nothing_is_kept(in_anas_store, message):
    Message.objects.update(customer=None, address=None)
    Customer.objects.all().delete()

    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert not Suppression.objects.exists()


def test_while_the_store_is_busy_nothing_more_leaves_and_the_sweep_tells_shopify(
    in_anas_store, message, kim, monkeypatch
):
    def busy(**given):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(unsubscribing, "edit_customer", busy)
        unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert consent(kim) == "subscribed"
    assert Suppression.objects.get().address == "kim@example.com"

    wake(in_anas_store)

    assert consent(kim) == "unsubscribed"
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("state", ["unsubscribed", "redacted", "invalid"])
def test_what_forbids_already_stays_as_it_is(in_anas_store, message, kim, state):
    Customer.objects.filter(pk=kim.pk).update(email_consent=state)

    unsubscribe(tenant=in_anas_store, message_id=message.pk)

    assert consent(kim) == state
    assert not Edit.objects.exists()
    assert Touch.objects.count() == 1
