"""The list of customers in a browser: searched while one types, and as axe sees it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from customers.tests.builders import make_customer
from segments.actions import SegmentData, create_segment
from tenants.audit import Actor
from tests.browser.conftest import PATIENCE
from xeno.lib.postgres.scope import tenant_scope

expect.set_options(timeout=PATIENCE)
GRAVE = {"serious", "critical"}
PAUSE = 300  # ms, of searching.js
KEEPS = re.compile("[?&]q=kit")


@pytest.fixture
def customers(anas_page, store):
    for name in ("Kim", "Kit", "Lee"):
        make_customer(store, first_name=name)
    with tenant_scope(store.pk):
        for name in ("Buyers", "Friends of the house", "Came back after a long while"):
            data = SegmentData(name=name, kind="static", query="")
            create_segment(actor=Actor(), tenant=store, data=data)
    anas_page.goto("/admin/customers/customer/")
    return anas_page


def test_a_search_is_answered_while_one_types_and_the_field_keeps_the_focus(customers):
    customers.locator("#searchbar").press_sequentially("ki")

    expect(customers.get_by_text("Lee")).to_have_count(0)
    customers.keyboard.type("t")
    expect(customers.get_by_text("Kim")).to_have_count(0)

    expect(customers.locator("#result_list").get_by_text("Kit")).to_be_visible()
    expect(customers.locator("#searchbar")).to_be_focused()
    expect(customers.locator("#searchbar")).to_have_value("kit")
    expect(customers.get_by_role("link", name="Buyers")).to_have_attribute("href", KEEPS)
    assert customers.url.endswith("?q=kit")


def test_an_answer_that_is_not_wanted_any_more_changes_nothing(customers):
    asked = []
    customers.route(lambda url: "q=ki" in url, lambda route: asked.append(route))
    with customers.expect_request(lambda request: "q=ki" in request.url):
        customers.locator("#searchbar").press_sequentially("ki")
    customers.locator("#searchbar").fill("")
    customers.wait_for_timeout(2 * PAUSE)

    asked[0].fulfill(body='<div id="changelist-form">Too late</div>', content_type="text/html")
    customers.wait_for_timeout(PAUSE)

    expect(customers.get_by_text("Too late")).to_have_count(0)
    expect(customers.locator("#result_list").get_by_text("Lee")).to_be_visible()
    assert "q=" not in customers.url


def test_the_list_fits_and_axe_finds_nothing_serious(customers):
    for scheme, width in ((s, w) for s in ("light", "dark") for w in (1280, 390)):
        customers.emulate_media(color_scheme=scheme)
        customers.reload()  # the page asks for the scheme once
        expect(customers.locator("html.dark")).to_have_count(int(scheme == "dark"))
        customers.set_viewport_size({"width": width, "height": 844})

        found = Axe().run(customers).response["violations"]

        assert [each["id"] for each in found if each["impact"] in GRAVE] == []
        assert customers.evaluate("document.documentElement.scrollWidth") <= width


def tab_to(page, wanted):
    """Press Tab until it has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"No keyboard reaches {wanted}.")


def test_tabs_search_and_filters_are_worked_by_the_keyboard_alone(customers):
    tab_to(customers, customers.get_by_role("link", name="Buyers"))
    customers.keyboard.press("Enter")
    customers.wait_for_url(re.compile("segment="))
    expect(customers.get_by_role("link", name="Buyers")).to_have_attribute("aria-current", "page")

    tab_to(customers, customers.locator("#searchbar"))
    tab_to(customers, customers.get_by_role("button", name="Filters"))
    customers.keyboard.press("Enter")
    expect(customers.locator("#filter-form :focus")).to_have_count(1)
    customers.keyboard.press("Escape")
    expect(customers.locator("#filter-form")).to_be_hidden()


def test_signing_out_takes_no_mouse(customers):
    tab_to(customers, customers.get_by_role("button", name="ana@example.com"))
    customers.keyboard.press("Enter")
    tab_to(customers, customers.get_by_role("button", name="Log out"))
    customers.keyboard.press("Enter")

    customers.wait_for_url("**/admin/login/")
