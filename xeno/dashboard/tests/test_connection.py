"""The connection as staff see it: its state, what is missing and why, where one connects."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tenants.models import Tenant, User
from tenants.shopify.scopes import ALL_ORDERS, SCOPES
from webhooks.backfill.models import Sync, SyncPart
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db

PAGE = "/admin/connection/"
NOW = timezone.now()
CONNECTED = {"installed_at": NOW, "scopes": ",".join(SCOPES)}
BANNER = "History incomplete."


def be(**columns):
    Tenant.objects.update(**columns)


@pytest.mark.parametrize(
    ("columns", "state", "button"),
    [
        ({"installed_at": None}, "not connected", "Connect"),
        ({}, "What changes in the shop arrives", "Renew the connection"),
        ({"trouble": "token_refused", "trouble_at": NOW}, "no longer accepts", "Connect again"),
        ({"refresh_expires_at": NOW - timedelta(days=1)}, "no longer accepts", "Connect again"),
        ({"trouble": "shopify_unreachable", "trouble_at": NOW}, "cannot be reached", "Renew the"),
        ({"uninstalled_at": NOW}, "kept until", "Connect again"),
    ],
)
def test_the_page_says_how_it_stands_and_what_to_press(anas, anas_rows, columns, state, button):
    be(**CONNECTED | columns)

    text = anas.get(PAGE).text

    assert state in text
    assert f'href="/shopify/install?shop={anas_rows.store.shop_domain}"' in text
    assert button in text
    assert "1 Mar 2026, 12:01" in text  # the last webhook's


def test_the_page_names_missing_scopes_and_what_each_is_for(anas, anas_rows):
    be(**CONNECTED | {"scopes": "write_customers,read_orders,read_products"})

    text = anas.get(PAGE).text

    assert "has not granted read_customer_merge." in text
    for reason in SCOPES.values():
        assert reason in text


def test_the_page_tells_of_a_sync_that_runs(anas, anas_rows):
    be(**CONNECTED)
    with tenant_scope(anas_rows.store.pk):
        sync = Sync.objects.create(trouble="shopify_unreachable")
        SyncPart.objects.create(sync=sync, kind="products", state="done")
        SyncPart.objects.create(sync=sync, kind="orders", state="applying", applied=1, total=2)

    text = anas.get(PAGE).text

    assert 'value="75"' in text
    assert "It waits: Shopify cannot be reached now." in text


def pages():
    """Every list and the page of its row, and those of no model."""
    yield from ("/admin/", PAGE, "/admin/choose-store/", "/account/")
    for model in admin.site._registry:
        if model is not User:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({}, 1),
        ({"scopes": ALL_ORDERS}, 0),
        ({"history_complete_since": NOW}, 0),
        ({"installed_at": None}, 0),
        ({"uninstalled_at": NOW}, 0),
    ],
)
def test_every_page_warns_once_of_a_history_that_shopify_withholds(anas, anas_rows, columns, shown):
    be(**CONNECTED | columns)

    for url in pages():
        response = anas.get(url)
        assert (response.status_code, response.text.count(BANNER)) == (200, shown), url


def test_the_banner_leads_who_can_mend_it_to_what_to_do(anas, bens, anas_rows, settings):
    be(**CONNECTED)

    assert f'href="{PAGE}#history"' in anas.get("/admin/").text
    assert "Whoever manages the store can mend it." in bens.get("/admin/").text
    assert "SHOPIFY_ALL_ORDERS=1" in anas.get(PAGE).text
    settings.SHOPIFY_ALL_ORDERS = True
    assert "SHOPIFY_ALL_ORDERS" not in anas.get(PAGE).text


def test_an_analyst_sees_neither_the_page_nor_its_entry(bens, anas_rows):
    response = bens.get(PAGE)

    assert response.status_code == 403
    assert "Manage the store and its connection" in response.text
    assert PAGE not in bens.get("/admin/").text


def test_the_sidebar_marks_a_connection_that_is_lost(anas, anas_rows):
    def item():
        groups = anas.get("/admin/").context["sidebar_navigation"]
        return next(i for g in groups for i in g["items"] if i["title"] == "Connection")

    be(**CONNECTED)
    assert not item()["badge"]
    be(trouble="token_refused")
    assert item()["badge"] == "!"


def test_who_has_no_store_can_type_one_and_is_told_what_was_wrong(signed_in, db):
    mias = signed_in(User.objects.create_user("mia@example.com", "x"))

    assert 'action="/shopify/install"' in mias.get("/admin/").text
    refused = mias.get("/shopify/install", {"shop": "evil.com"}, follow=True)
    assert "such as your-store.myshopify.com." in refused.text
    there = mias.get("/shopify/install", {"shop": "hats.myshopify.com"})
    assert there["Location"].startswith("https://hats.myshopify.com/admin/oauth/authorize?")


def test_the_page_reads_no_token_and_a_bounded_number_of_rows(anas, anas_rows):
    be(**CONNECTED, access_token="shpat_secret")

    with CaptureQueriesContext(connection) as captured:
        assert anas.get(PAGE).status_code == 200

    queries = [query["sql"] for query in captured]
    assert len(queries) <= 16
    assert not any("access_token" in sql for sql in queries)
