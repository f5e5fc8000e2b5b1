"""Exports as staff see them: a button on the list, a page that orders, a bar, a link."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from customers.models import Customer
from segments.models import Segment
from tests.rows import make_row
from tests.visits import browser_of
from webhooks.files.models import Export


@pytest.fixture
def browser(ana, anas_store):
    return browser_of(ana, anas_store)


def test_a_list_offers_to_export_what_it_shows(browser, people):
    page = browser.get(reverse("admin:customers_customer_changelist") + "?country=gb&q=kim")
    new = reverse("admin:webhooks_export_new")

    assert f"{new}?kind=customers&amp;search=kim&amp;country=GB" in page.content.decode()


def test_a_segments_tab_is_exported_as_it_is_searched_and_filtered(browser, people):
    segment = make_row(Segment, kind="static", query="", name="Few")
    asked = f"?segment={segment.pk}&q=kim&country=gb&last_order_at_from=01/03/2026"

    page = browser.get(reverse("admin:customers_customer_changelist") + asked)

    [button] = [each["path"] for each in page.context["actions_list"] if each["title"] == "Export"]
    assert parse_qs(urlsplit(button).query) == {
        "kind": ["customers"], "search": ["kim"], "country": ["GB"], "segment": [str(segment.pk)],
        "last_order_after": ["2026-03-01T00:00:00+00:00"],
    }  # fmt: skip


@pytest.mark.parametrize(("asked", "query"), [
    ({}, "?kind=orders"), ({"customer": "7"}, "?kind=orders&amp;customer=7"), ({"date": "odd"}, ""),
])  # fmt: skip
def test_a_list_of_orders_is_exported_as_narrow_as_it_is_or_not(browser, people, asked, query):
    page = browser.get(reverse("admin:orders_order_changelist"), asked).content.decode()

    new = reverse("admin:webhooks_export_new")
    assert f'{new}{query}"' in page if query else new not in page


def test_an_export_is_ordered_made_and_fetched(browser, people, make):
    url = reverse("admin:webhooks_export_new")
    shown = browser.get(f"{url}?kind=customers&email=p101@example.com").content.decode()
    browser.post(url, {"kind": "customers", "email": "p101@example.com", "format": "csv"})
    export = Export.objects.get()
    running = browser.get(reverse("admin:webhooks_export_progress")).json()
    make()

    page = browser.get(reverse("admin:webhooks_export_changelist")).content.decode()
    link = reverse("admin:webhooks_export_file", args=[export.pk])
    content = b"".join(browser.get(link)).decode("utf-8-sig")

    assert "p101@example.com" in shown
    assert running == {"running": {str(export.pk): 0}}
    assert link in page
    assert content.count("\r\n") == 2


def test_a_segments_page_offers_to_export_who_is_in_it(browser, people):
    segment = make_row(Segment, kind="static", query="", name="Few")

    page = browser.get(reverse("admin:segments_segment_change", args=[segment.pk]))

    assert f"?kind=customers&amp;segment={segment.pk}" in page.content.decode()


def test_who_may_not_export_is_offered_nothing(ben, anas_store, people):
    page = browser_of(ben, anas_store).get(reverse("admin:customers_customer_changelist"))

    assert Customer.objects.exists()
    assert reverse("admin:webhooks_export_new") not in page.content.decode()
