"""The home page in a browser: what comes after it, what a phone shows, and what axe finds."""

from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from customers.tests.builders import make_customer
from orders.rollups.keeping import keep_whole
from orders.tests.builders import make_order
from orders.totals import recompute_totals
from tests.browser.conftest import PATIENCE
from xeno.lib.postgres.scope import tenant_scope

expect.set_options(timeout=PATIENCE)
GRAVE = {"serious", "critical"}


@pytest.fixture
def home(anas_page, store):
    kim = make_customer(store, first_name="Kim")
    make_order(store, customer=kim, amount=Decimal(70), processed_at=timezone.now())
    with tenant_scope(store.pk):
        recompute_totals(tenant=store, customer_ids=[kim.pk])
        keep_whole(tenant=store)
    return anas_page


def test_a_feed_that_is_refused_is_not_called_live(home):
    home.route("**/home/arriving/", lambda route: route.fulfill(status=503))

    home.goto("/admin/")

    expect(home.locator('[data-part="live"]')).to_have_text("no answer, trying again")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_home_fits_and_axe_finds_nothing_serious(home, scheme, width):
    home.emulate_media(color_scheme=scheme)
    home.set_viewport_size({"width": width, "height": 844})
    home.goto("/admin/")  # anew: the page asks for the scheme once
    expect(home.locator("html.dark")).to_have_count(int(scheme == "dark"))
    expect(home.get_by_role("link", name="Kim")).to_be_visible()  # came after the page

    found = Axe().run(home).response["violations"]

    assert [each["id"] for each in found if each["impact"] in GRAVE] == []
    assert home.evaluate("document.documentElement.scrollWidth") <= width
