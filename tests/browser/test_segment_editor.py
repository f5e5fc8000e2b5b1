"""The editor in a browser: typing, completion, errors with their place, fields in step, saving."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from customers.tests.builders import make_customer
from segments import keeping
from segments.models import Segment
from tests.browser.conftest import PATIENCE
from xeno.lib.postgres.scope import tenant_scope

expect.set_options(timeout=PATIENCE)
ADD = "/admin/segments/segment/add/"


@pytest.fixture
def people(store):
    """Kim who bought much, Lee who bought once, Max who never did."""
    return [
        make_customer(store, first_name=name, email=f"{name.lower()}@shop.test",
                      orders_count=orders, total_spent=Decimal(orders * 100), tags=tags,
                      last_order_at=datetime.now(UTC) if orders else None)
        for name, orders, tags in (("Kim", 12, ("vip",)), ("Lee", 1, ()), ("Max", 0, ()))
    ]  # fmt: skip


@pytest.fixture
def editor(anas_page, people):
    """The editor of a new segment."""
    anas_page.goto(ADD)
    return Editor(anas_page)


class Editor:
    """The page by what somebody sees of it."""

    def __init__(self, page):
        self.page = page
        self.text = page.get_by_role("combobox", name="Query")
        self.count = page.get_by_role("status")
        self.options = page.get_by_role("listbox", name="What could come here")
        self.faults = page.get_by_role("list", name="Errors and advice")
        self.clauses = page.locator("[data-part=clauses]")

    def type(self, words):
        self.text.press_sequentially(words, delay=10)


def test_from_the_first_letter_to_the_members(editor, store):
    editor.text.click()
    editor.type("num")
    expect(editor.options.get_by_role("option")).to_contain_text(["number_of_orders"])
    editor.text.press("Enter")
    editor.type(">= 1")
    expect(editor.count).to_have_text(re.compile("2 customers match"))
    editor.type(" AND customer_tags CONTAINS ")
    editor.options.get_by_role("option", name="vip").click()

    expect(editor.text).to_have_value("number_of_orders >= 1 AND customer_tags CONTAINS 'vip' ")
    expect(editor.count).to_have_text(re.compile("1 customer matches"))
    expect(editor.page.get_by_role("link", name="Kim")).to_be_visible()
    editor.page.get_by_label("Name", exact=True).fill("Best buyers")
    editor.page.get_by_role("button", name="Save").click()
    editor.page.wait_for_url("**/change/")

    with tenant_scope(store.pk):
        keeping.keep(tenant=store, seconds=60)
        assert Segment.objects.get().name == "Best buyers"
    editor.page.reload()
    expect(editor.page.get_by_role("link", name="Kim").first).to_be_visible()


def test_an_error_is_underlined_told_and_mended_by_a_click(editor):
    editor.text.fill("number_of_orders >= 1 AND last_ordr_date > -30d AND amount_spent > 5")

    expect(editor.faults).to_contain_text("Line 1 Column 26")
    expect(editor.page.locator(".seg-fault", has_text="last_ordr_date")).to_have_count(1)
    editor.faults.get_by_role("button", name=re.compile("Show line")).click()
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert editor.text.evaluate(selected) == "last_ordr_date"
    editor.faults.get_by_role("button", name=re.compile("Use")).click()

    expect(editor.text).to_have_value(re.compile("AND last_order_date >"))
    expect(editor.count).to_have_text(re.compile("2 customers match"))


def test_fields_follow_the_text_and_the_text_the_fields(editor):
    editor.text.fill("number_of_orders >= 2 AND last_order_date > -30d")
    operator = editor.clauses.get_by_label("How it is compared").first
    expect(operator).to_have_value(">=")

    operator.select_option(label="less than")
    editor.clauses.get_by_label("Value", exact=True).fill("5")

    expect(editor.text).to_have_value(
        re.compile(r"number_of_orders < 5\s+AND last_order_date > -30d")
    )
    expect(editor.count).to_have_text(re.compile("1 customer matches"))


def test_a_query_can_be_made_without_writing_a_word(editor):
    editor.clauses.get_by_label("What is asked").select_option(label="Number of orders")
    editor.clauses.get_by_label("Value").fill("1")
    editor.clauses.get_by_role("button", name="Condition", exact=True).click()
    editor.clauses.get_by_label("What is asked").last.select_option(label="Tags")
    editor.clauses.get_by_label("Value").last.fill("vip")
    editor.clauses.get_by_label("How the conditions are joined").select_option("or")

    expect(editor.text).to_have_value("number_of_orders >= 1 OR customer_tags CONTAINS 'vip'")
    expect(editor.count).to_have_text(re.compile("2 customers match"))


def test_what_is_still_being_typed_is_no_error_yet(editor):
    editor.text.click()
    editor.type("number_of_or")

    expect(editor.count).to_have_text(re.compile("Go on"))
    expect(editor.faults).not_to_contain_text("cannot be found")


def test_format_puts_a_query_in_order(editor):
    editor.text.fill("number_of_orders>=1   and(amount_spent > 5)")

    editor.page.get_by_role("button", name="Format").click()

    expect(editor.text).to_have_value("number_of_orders >= 1 AND amount_spent > 5")


def test_a_slow_older_count_never_overwrites_a_newer_one(editor):
    """The first count is held back until the second has come."""
    held = []

    def slow(route):
        if "number_of_orders+%3E%3D+1" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    editor.page.route("**/count/", slow)
    editor.text.fill("number_of_orders >= 1")
    while not held:
        editor.page.wait_for_timeout(50)
    editor.text.fill("number_of_orders = 12")
    expect(editor.count).to_have_text(re.compile("1 customer matches"))

    for route in held:
        route.fulfill(json={"ok": True, "count": 99, "estimate": False, "error": 0, "sample": [],
                            "problems": [], "advice": []})  # fmt: skip
    editor.page.wait_for_timeout(300)

    expect(editor.count).to_have_text(re.compile("1 customer matches"))


def test_the_keyboard_is_enough(editor):
    editor.text.focus()
    editor.text.press("Control+ ")
    expect(editor.options).to_be_visible()
    expect(editor.text).to_have_attribute("aria-expanded", "true")
    editor.text.press("ArrowDown")
    second = editor.options.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    expect(editor.text).to_have_attribute("aria-activedescendant", second.get_attribute("id"))
    editor.text.press("Escape")

    expect(editor.options).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(editor, scheme):
    editor.page.emulate_media(color_scheme=scheme)
    editor.page.set_viewport_size({"width": 390, "height": 844})
    editor.text.fill("products_purchased MATCHES (id IN (1, 2), date >= -90d, count >= 2)")
    expect(editor.count).to_have_text(re.compile("match"))

    assert editor.page.evaluate("document.documentElement.scrollWidth") == 390


def test_hostile_values_stay_text(editor, store):
    make_customer(store, first_name="<img src=x onerror=window.hurt=1>", orders_count=77,
                  tags=("<b id=hurt>",))  # fmt: skip

    editor.text.fill("number_of_orders = 77")
    expect(editor.page.get_by_role("link", name="<img src=x")).to_be_visible()
    editor.text.fill("")
    editor.type("customer_tags CONTAINS '<")

    expect(editor.options.get_by_role("option", name="<b id=hurt>")).to_be_visible()
    assert editor.page.evaluate("window.hurt === undefined && !document.querySelector('b#hurt')")
