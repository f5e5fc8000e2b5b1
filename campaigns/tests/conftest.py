"""A campaign of Ana's store, and people to write to."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from campaigns.models import Campaign, Message, Sender, SendingSettings
from customers.models import Customer
from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def sender(in_anas_store) -> Sender:
    return Sender.objects.create(name="Ana's Shop", email="ana@shop.example")


@pytest.fixture
def campaign(sender, ana) -> Campaign:
    return Campaign.objects.create(
        name="Spring", sender=sender, subject="Spring is here", html="<p>Hello</p>", written_by=ana
    )


@pytest.fixture
def kim(in_anas_store) -> Customer:
    return make_customer(1, "kim@example.com")


@pytest.fixture
def lee(in_anas_store) -> Customer:
    return make_customer(2, "lee@example.com")


def make_customer(number: int, email: str | None, consent: str = "subscribed") -> Customer:
    return Customer.objects.create(shopify_id=number, email=email, email_consent=consent)


def make_message(campaign: Campaign, customer: Customer, **given) -> Message:
    told = {"state": "queued", "address": customer.email} | given
    return Message.objects.create(campaign=campaign, customer=customer, **told)


def make_sendable(campaign: Campaign) -> None:
    """Give the campaign words, and its store an address, with which it may go out."""
    campaign.html = (
        "<p>Hello to all of you, and see what is new.</p><p>{{ store.postal_address }}"
        ' <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>'
    )
    campaign.save(update_fields=["html"])
    SendingSettings.objects.create(postal_address="1 Harbour Street, York")


def start_elsewhere(store: Tenant, act: Callable[[], object]) -> threading.Thread:
    """Begin it by a connection of its own."""

    def run():
        try:
            with tenant_scope(store.pk):
                act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def refused():
    """Asserts that the block is refused by the named promise of the database."""
    from contextlib import contextmanager

    from django.db import IntegrityError, transaction

    @contextmanager
    def refused_by(promise: str):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            yield
        told = error.value.__cause__.diag.constraint_name
        assert told == promise
        assert connection.is_usable()

    return refused_by
