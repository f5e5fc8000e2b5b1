"""From a segment to a mail in the local mailbox, by the pages alone; and what axe-core says."""

import re
from email import message_from_bytes, policy

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from campaigns.models import Campaign, LocalMail, Sender, SendingSettings
from campaigns.sending import handing
from customers.tests.builders import make_customer
from segments import keeping
from segments.actions import SegmentData, create_segment
from tenants.audit import Actor
from tests.browser.conftest import PATIENCE
from xeno.lib.postgres.scope import tenant_scope

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def segment(store):
    """Kim and Lee who agreed to hear of the store, and Max who did not; a sender, an address."""
    for name, consent in (("Kim", "subscribed"), ("Lee", "subscribed"), ("Max", "unsubscribed")):
        make_customer(
            store, first_name=name, email=f"{name.lower()}@shop.test", email_consent=consent,
            orders_count=2,
        )  # fmt: skip
    with tenant_scope(store.pk):
        Sender.objects.create(name="Ana's Shop", email="ana@shop.example")
        SendingSettings.objects.create(postal_address="1 Harbour Street, York")
        data = SegmentData(name="Repeat buyers", query="number_of_orders >= 2")
        made = create_segment(actor=Actor(), tenant=store, data=data)
        keeping.keep(tenant=store, seconds=60)
    return made


def serious(page):
    """What axe-core finds that keeps somebody out."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def test_from_a_segment_to_the_mail(anas_page, segment, store, settings):
    settings.CAMPAIGN_PROVIDER = "mailbox"
    page = anas_page

    # Audience, from the segment's own page
    page.goto(f"/admin/segments/segment/{segment.pk}/change/")
    page.get_by_role("link", name="Campaign to this segment").click()
    expect(page.get_by_label("Repeat buyers in this campaign")).to_have_value("include")
    expect(page.get_by_text("1 segment with at most 3 customers")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Spring news")
    assert serious(page) == []
    page.get_by_role("button", name="Save and go on").click()

    # Content, from a template of the library, looked at as Lee
    page.wait_for_url("**/content/")
    page.get_by_label("From", exact=True).select_option(index=1)
    page.get_by_label("Start from a template").select_option("library:newsletter")
    expect(page.get_by_text("It can be sent")).to_be_visible()
    page.get_by_label("As which customer").press_sequentially("lee", delay=20)
    page.get_by_role("option", name="Lee").click()
    letter = page.frame_locator("iframe[title='The message as somebody gets it']")
    expect(letter.get_by_text("Hello Lee")).to_be_visible()
    page.get_by_label("Subject", exact=True).fill("Spring, {{ customer.frist_name }}")
    expect(page.get_by_role("list", name="What the check found")).to_contain_text(
        "There is no field"
    )
    page.get_by_label("Subject", exact=True).fill("Spring is here")
    expect(page.get_by_text("It can be sent")).to_be_visible()
    page.get_by_text("Variant B").click()
    page.get_by_label("Subject of B").fill("Spring, at last")
    page.get_by_label("Variant", exact=True).select_option("B")
    expect(page.locator("[data-part=subject]")).to_have_text("Spring, at last")
    page.get_by_label("Subject of B").fill("")
    expect(page.locator("[data-part=subject]")).to_have_text("Spring is here")
    assert serious(page) == []
    page.get_by_role("button", name="Save and go on").click()

    # Plan: two get it, one did not agree
    page.wait_for_url("**/plan/")
    expect(page.get_by_role("img", name="2 of 3 people get it")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Max"))).to_contain_text("No consent")
    assert serious(page) == []
    page.get_by_role("link", name="Go on to send").click()

    # Send, with the count in the question
    page.get_by_role("link", name="Send now").click()
    page.get_by_role("button", name="Send to 2 people now?").click()
    expect(page.get_by_text("It is on its way")).to_be_visible()
    with tenant_scope(store.pk):
        while handing.send_turn(tenant=store):
            pass
        campaign = Campaign.objects.get()
        mails = [
            message_from_bytes(bytes(raw), policy=policy.default)
            for raw in LocalMail.objects.values_list("raw", flat=True)
        ]
    assert campaign.state == "sent"
    assert sorted(mail["To"] for mail in mails) == ["kim@shop.test", "lee@shop.test"]
    assert {mail["Subject"] for mail in mails} == {"Spring is here"}

    page.reload()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    assert serious(page) == []
    page.goto("/admin/campaigns/campaign/")
    expect(page.get_by_role("row", name=re.compile("Spring news"))).to_contain_text("2 sent")
    page.goto("/admin/campaigns/campaign/calendar/")
    expect(page.get_by_role("link", name="Spring news")).to_be_visible()
    assert serious(page) == []
