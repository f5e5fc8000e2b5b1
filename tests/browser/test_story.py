"""The whole story in a browser: from signing in to the revenue that a click in a mail brought."""

import re
import time
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Message, Sender, SendingSettings
from campaigns.sending import handing
from campaigns.tracking.machines import FASTEST_CLICK
from conftest import PASSWORD, make_member
from customers.tests.builders import make_customer
from orders.rollups.keeping import keep_whole
from orders.tests.builders import make_order
from orders.totals import recompute_totals
from segments import keeping
from tenants.roles import Role
from tests.browser.conftest import PATIENCE
from webhooks.tests import shopify
from xeno.dashboard.tests.authenticator import code_of, turn_on
from xeno.lib.postgres.scope import tenant_scope

expect.set_options(timeout=PATIENCE)
# A headless browser says so of itself, and then its clicks are a machine's.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.fixture
def kim(anas_store):
    """Who bought once, and agreed to hear of the store; and Lee, who never bought."""
    agreed = {"email_consent": "subscribed"}
    made = make_customer(anas_store, first_name="Kim", email="kim@shop.test", **agreed)
    make_customer(anas_store, first_name="Lee", email="lee@shop.test", **agreed)
    make_order(anas_store, customer=made, amount=Decimal(70), processed_at=timezone.now())
    with tenant_scope(anas_store.pk):
        recompute_totals(tenant=anas_store, customer_ids=[made.pk])
        keep_whole(tenant=anas_store)
        Sender.objects.create(name="Ana's Shop", email="ana@shop.example")
        SendingSettings.objects.create(postal_address="1 Harbour Street, York")
    return made


@pytest.fixture
def secret(anas_store, cys_store):
    """Of Ana's authenticator; she has a store of her own and helps in Cy's."""
    user = make_member(anas_store, "ana@example.com", Role.OWNER)
    cys_store.memberships.create(user=user, role=Role.ANALYST)
    return turn_on(user)


@pytest.fixture
def page(window, transactional_db, live_server, settings):
    settings.CAMPAIGN_PROVIDER, settings.PUBLIC_URL = "mailbox", live_server.url
    window.set_extra_http_headers({"User-Agent": AGENT})
    return window.new_page()


def sign_in(page, secret):
    page.goto("/admin/login/")
    page.get_by_label("E-mail", exact=False).fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/login/code/")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/admin/(choose-store/)?$"))


def switch_to(page, store):
    page.goto("/admin/choose-store/")
    # the last: the menu's switcher names the stores too
    page.get_by_role("button", name=re.compile(store.shop_domain)).last.click()
    page.wait_for_url("**/admin/")


def build_segment(page, store):
    page.goto("/admin/segments/segment/add/")
    page.get_by_role("combobox", name="Query").fill("number_of_orders >= 1")
    expect(page.get_by_role("status")).to_have_text(re.compile("1 customer matches"))
    page.get_by_label("Name", exact=True).fill("Buyers")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/change/")
    with tenant_scope(store.pk):
        keeping.keep(tenant=store, seconds=60)


def send_campaign(page, store):
    page.get_by_role("link", name="Campaign to this segment").click()
    page.get_by_label("Name", exact=True).fill("Spring news")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/content/")
    page.get_by_label("From", exact=True).select_option(index=1)
    page.get_by_label("Start from a template").select_option("library:newsletter")
    expect(page.get_by_text("It can be sent")).to_be_visible()
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/plan/")
    page.get_by_role("link", name="Go on to send").click()
    page.get_by_role("link", name="Send now").click()
    page.get_by_role("button", name="Send to 1 person now?").click()
    expect(page.get_by_text("It is on its way")).to_be_visible()
    with tenant_scope(store.pk):
        while handing.send_turn(tenant=store):
            pass


def click_in_mail(page, store):
    """The first link of the text part, once a person could have read so far."""
    page.goto("/admin/campaigns/localmail/")
    page.locator("#result_list").get_by_role("link").first.click()
    link = page.locator(".xeno-payload a[href*='/c/']").first
    expect(link).to_be_visible()
    with tenant_scope(store.pk):
        handed = Message.objects.get().handed_at
    while timezone.now() - handed <= FASTEST_CLICK:
        time.sleep(0.1)
    with page.expect_response(link.get_attribute("href")) as led:
        link.click(no_wait_after=True)
    assert led.value.status == 302
    page.close()  # the shop that it leads to is not there


def order_arrives(store, customer):
    """By Shopify's webhook."""
    now = timezone.now().isoformat()
    told = shopify.customer(
        customer.shopify_id, email="kim@shop.test", updated_at=now, created_at=now
    )
    body = shopify.order(
        900, total="123.45", customer=told, created_at=now, processed_at=now, updated_at=now
    )
    with tenant_scope(store.pk):
        store.history_complete_since = timezone.now()
        store.save()
        sent = shopify.Shopify(store, Client()).tell("orders/create", body)
    assert sent.state == "applied"


def test_from_signing_in_to_the_revenue(page, window, secret, kim, anas_store, cys_store):
    sign_in(page, secret)
    switch_to(page, cys_store)
    expect(page.get_by_text("Kim")).to_have_count(0)
    switch_to(page, anas_store)
    expect(page.get_by_role("link", name="Kim")).to_be_visible()
    expect(page.get_by_text("70.00").first).to_be_visible()

    build_segment(page, anas_store)
    send_campaign(page, anas_store)
    report = re.sub(r"/campaign/(\d+)/.*", r"/campaign/\1/report/", page.url)
    click_in_mail(page, anas_store)
    order_arrives(anas_store, kim)

    page = window.new_page()
    page.goto(report)
    row = page.get_by_role("row", name=re.compile("Last click"))
    expect(row).to_contain_text("123.45")
