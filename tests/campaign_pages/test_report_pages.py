"""The report, each person's outcome, and the local mailbox; row 110 of the faults."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from campaigns.admin.wording import earned_rows
from campaigns.attribution import Model
from campaigns.models import Campaign, LocalMail, Message, Sender, Touch
from campaigns.numbers.funnel import Funnel
from campaigns.numbers.money import Earned
from campaigns.tests.conftest import make_customer, make_message
from tenants.models import AuditEntry
from tests.segment_pages.conftest import browser_of
from xeno.lib.postgres.scope import tenant_scope

PAGES = "/admin/campaigns/campaign/"
MAILS = "/admin/campaigns/localmail/"
RAW = (
    b"From: a@shop.example\r\nTo: kim@shop.test\r\nSubject: <b>Hi</b>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n<script>alert(1)</script><p>Hello Kim</p>\r\n"
)


@pytest.fixture
def anas(anas_store):
    return browser_of(anas_store, "owner")


@pytest.fixture
def campaign(anas_store):
    """Sent yesterday: Kim clicked, a machine opened Lee's, and nobody knows of Max's."""
    begun = timezone.now() - timedelta(days=1)
    with tenant_scope(anas_store.pk):
        sender = Sender.objects.create(name="Ana", email="ana@shop.example")
        made = Campaign.objects.create(
            name="Spring", sender=sender, state="sent", started_at=begun, frozen_at=begun
        )
        for number, (name, state) in enumerate(
            (("kim", "sent"), ("lee", "sent"), ("max", "uncertain")), 1
        ):
            customer = make_customer(number, f"{name}@shop.test")
            message = make_message(made, customer, state=state, handed_at=begun)
            if state == "sent":
                Touch.objects.create(
                    message=message, campaign=made, customer=customer, happened_at=begun,
                    kind="clicked" if name == "kim" else "opened",
                    machine="" if name == "kim" else "agent",
                )  # fmt: skip
    return made


@pytest.fixture
def mail(anas_store):
    with tenant_scope(anas_store.pk):
        return LocalMail.objects.create(
            sender="a@shop.example", recipient="kim@shop.test", subject="<b>Hi</b>", raw=RAW
        )


def test_a_report_keeps_machines_apart_and_points_to_what_is_uncertain(anas, campaign):
    shown = anas.get(f"{PAGES}{campaign.pk}/report/").text

    assert "machines opened 1 and clicked in 0 messages" in shown
    assert "look and decide" in shown
    assert "Nobody was held out" in shown
    assert "Export each person&#x27;s outcome" in shown


def test_a_draft_has_a_report_that_says_so(anas, anas_store, campaign):
    with tenant_scope(anas_store.pk):
        draft = Campaign.objects.create(name="Later")

    assert "Nothing has gone out yet" in anas.get(f"{PAGES}{draft.pk}/report/").text


def test_people_are_narrowed_by_what_became_of_them(anas, anas_store, campaign):
    shown = anas.get(f"{PAGES}{campaign.pk}/messages/?state=uncertain").text

    assert "max@shop.test" in shown
    assert "kim@shop.test" not in shown
    with tenant_scope(anas_store.pk):
        assert AuditEntry.objects.filter(action="customer.listed").exists()


def test_people_come_page_by_page(anas, campaign, monkeypatch):
    monkeypatch.setattr("campaigns.admin.messages.PAGE", 2)
    first = anas.get(f"{PAGES}{campaign.pk}/messages/").text
    [after] = {part.split('"')[0] for part in first.split("after=")[1:]}

    assert "max@shop.test" not in first
    assert "max@shop.test" in anas.get(f"{PAGES}{campaign.pk}/messages/?after={after}").text


@pytest.mark.parametrize(("answer", "state"), [("arrived", "sent"), ("send_again", "queued")])
def test_an_uncertain_message_is_asked_for_and_then_settled(
    anas, anas_store, campaign, answer, state
):
    with tenant_scope(anas_store.pk):
        message = Message.objects.get(state="uncertain")
    path = f"{PAGES}{campaign.pk}/settle/?message={message.pk}&answer={answer}"

    assert anas.get(path).status_code == 200
    with tenant_scope(anas_store.pk):
        assert Message.objects.get(pk=message.pk).state == "uncertain"
    anas.post(path)

    with tenant_scope(anas_store.pk):
        assert Message.objects.get(pk=message.pk).state == state
        assert AuditEntry.objects.latest("pk").action == "message.settled"


def test_f110_a_mails_html_is_in_a_closed_frame_alone(anas, mail):
    page = anas.get(f"{MAILS}{mail.pk}/change/").text
    frame = anas.get(f"{MAILS}{mail.pk}/html/")

    assert '<iframe class="camp-frame" sandbox=""' in page
    assert "<script>alert" not in page
    assert "<b>Hi</b>" not in page
    assert "sandbox" in frame["Content-Security-Policy"]
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert frame["X-Content-Type-Options"] == "nosniff"


def test_from_a_campaign_one_reads_its_mails_and_finds_the_way_back(
    anas, anas_store, campaign, mail
):
    with tenant_scope(anas_store.pk):
        LocalMail.objects.filter(pk=mail.pk).update(campaign=campaign)
        LocalMail.objects.create(sender="a@s.example", recipient="kim@shop.test", raw=b"")  # a test

    narrowed = f"{MAILS}?campaign={campaign.pk}"
    assert f'href="{narrowed}"' in anas.get(f"{PAGES}{campaign.pk}/report/").text
    assert list(anas.get(narrowed).context["cl"].result_list) == [mail]
    people = anas.get(f"{PAGES}{campaign.pk}/messages/").text
    assert people.count("Read the mail") == 1
    assert f'href="{MAILS}{mail.pk}/change/"' in people
    assert f'href="{PAGES}{campaign.pk}/change/"' in anas.get(f"{MAILS}{mail.pk}/change/").text


def test_there_is_no_local_mailbox_in_production(anas, mail, settings):
    settings.PRODUCTION = True

    for path in (MAILS, f"{MAILS}{mail.pk}/change/", f"{MAILS}{mail.pk}/html/"):
        assert anas.get(path).status_code == 403


def test_an_analyst_settles_nothing(anas_store, campaign):
    bens = browser_of(anas_store, "analyst")

    assert bens.get(f"{PAGES}{campaign.pk}/settle/").status_code == 403
    assert "It arrived" not in bens.get(f"{PAGES}{campaign.pk}/messages/").text


@pytest.mark.parametrize(("sent", "currency", "told"), [
    (3, "GBP", "3.33 GBP"), (3, "KWD", "3.333 KWD"), (0, "GBP", "-"),
])  # fmt: skip
def test_the_revenue_of_each_recipient_is_rounded_as_its_currency_is(sent, currency, told):
    earned = [Earned(Model.LAST_TOUCH, 1, 1, Decimal(10))]

    [row] = earned_rows(earned, Funnel(sent=sent), currency)

    assert row["each"] == told
