"""Previews and test sends: as a customer would get it, to the team alone, counted nowhere."""

import pytest
from structlog.testing import capture_logs

from campaigns.content import trying
from campaigns.content.liquid import TemplateNotValid
from campaigns.content.previewing import PREVIEW_POLICY, preview
from campaigns.content.trying import SenderMissing, TestNotAllowed
from campaigns.models import Link, Message, SendingSettings
from campaigns.providers.choosing import ProviderUnknown
from campaigns.tests.sinks import sink
from customers.models import Customer
from tenants.audit import Actor
from tenants.models import AuditEntry
from tenants.roles import Role

from conftest import make_member  # isort: skip


@pytest.fixture
def words(campaign, kim):
    Customer.objects.filter(pk=kim.pk).update(first_name="Kim")
    campaign.subject = "For {{ customer.first_name | default: 'you' }}"
    campaign.html = (
        '<a href="https://shop.example">Shop</a> <a href="{{ unsubscribe_url }}">no more</a>'
        '<a href="{{ store.url }}/x">x</a>'
    )
    campaign.save()
    return campaign


@pytest.fixture
def mail(settings):
    settings.CAMPAIGN_PROVIDER = "smtp"
    with sink() as (handler, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield handler


def test_a_preview_is_what_the_customer_would_read(words, kim):
    seen = preview(words, tenant=words.tenant, customer=kim)

    assert seen.subject == "For Kim"
    assert '<a href="https://shop.example">' in seen.html
    assert '<a href="https://ana.myshopify.com/x">' in seen.html
    assert "/t/o/" not in seen.html
    assert not Link.objects.exists()


def test_a_preview_without_a_customer_shows_an_example(words):
    assert preview(words, tenant=words.tenant).subject == "For Kim"


def test_a_preview_shows_the_variant(words, kim):
    words.variants = [{"key": "B", "subject": "Other"}]

    assert preview(words, tenant=words.tenant, customer=kim, variant="B").subject == "Other"


def test_a_preview_that_cannot_be_written_says_so(words, kim):
    words.html = "{{ last_order.name }}"

    with pytest.raises(TemplateNotValid, match=r"last_order\.name"):
        preview(words, tenant=words.tenant, customer=kim)


def test_a_preview_leads_nowhere_that_acts(words):
    words.html = '<a href="javascript:alert(1)">a</a><a href="{{ campaign.name }}:alert(1)">b</a>'
    words.name = "javascript"

    assert "javascript" not in preview(words, tenant=words.tenant).html
    assert "script-src" not in PREVIEW_POLICY
    assert "default-src 'none'" in PREVIEW_POLICY


def test_a_test_reaches_the_team_and_counts_nowhere(words, kim, ana, ben, mail):
    trying.send_test(
        tenant=words.tenant,
        campaign=words,
        addresses=[" Ana@Example.com", "ben@example.com", "ben@example.com"],
        customer=kim,
    )

    assert set(mail.recipients.items()) == {("ana@example.com", 1), ("ben@example.com", 1)}
    assert {found["Subject"] for found in mail.messages()} == {"[Test] For Kim"}
    assert not Message.objects.exists()
    assert not Link.objects.exists()


@pytest.mark.parametrize(
    "addresses",
    [[], ["kim@example.com"], ["ana@example.com", "cy@example.com"], ["ana@example.com\r\nx"]],
)
def test_a_test_goes_to_nobody_else(words, ana, cy, mail, addresses):
    with pytest.raises(TestNotAllowed):
        start(words, ana, addresses)
    with pytest.raises(TestNotAllowed):
        trying.send_test(tenant=words.tenant, campaign=words, addresses=addresses)

    assert mail.recipients.total() == 0


def test_a_test_has_at_most_five_addresses(words, anas_store, ana):
    people = [make_member(anas_store, f"p{n}@example.com", Role.AUTHOR) for n in range(6)]

    with pytest.raises(TestNotAllowed):
        start(words, ana, [each.email for each in people])
    assert len(start(words, ana, [each.email for each in people[:5]])) == 5


def test_a_test_is_noted_with_whose_words_were_read_and_queued_after_commit(
    words, kim, ana, mail, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as queued:
        start(words, ana, ["ana@example.com"], customer=kim)

    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.seen) == ("campaign.tested", ana, [kim.pk])
    assert len(queued) == 1
    assert mail.recipients.total() == 0


def test_a_test_needs_a_sender(words, ana):
    words.sender = None

    with pytest.raises(SenderMissing):
        start(words, ana, ["ana@example.com"])


def test_a_provider_that_is_not_there_is_told_to_who_asks(words, ana):
    SendingSettings.objects.create(provider="pigeon")

    with pytest.raises(ProviderUnknown):
        start(words, ana, ["ana@example.com"])


@pytest.mark.parametrize(
    ("provider", "credentials"), [("pigeon", ""), ("anymail", "{}"), ("smtp", "pigeon")]
)
def test_what_was_set_wrongly_since_ends_the_workers_try_quietly(words, provider, credentials):
    SendingSettings.objects.create(provider=provider, credentials=credentials)

    with capture_logs() as told:
        outcomes = trying.send_test_of(
            tenant=words.tenant,
            campaign_id=words.pk,
            addresses=["ana@example.com"],
            customer_id=None,
            variant="A",
        )

    assert outcomes == []
    assert [each["event"] for each in told] == ["campaign_test_refused"]
    assert told[0]["code"] in ("provider_unknown", "credentials_not_valid")


@pytest.mark.django_db(transaction=True)
def test_no_provider_is_waited_for_within_a_transaction(words, ana):
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError):
        trying.send_test(tenant=words.tenant, campaign=words, addresses=["ana@example.com"])


def start(campaign, user, addresses, **more):
    return trying.start_test(
        actor=Actor(user), tenant=campaign.tenant, campaign=campaign, addresses=addresses, **more
    )
