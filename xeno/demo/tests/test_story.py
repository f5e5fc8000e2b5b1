"""The story: always the same, never ahead of time, and about nobody."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from xeno.demo.catalogue import PRODUCTS
from xeno.demo.deliveries import deliver
from xeno.demo.seasons import FIRST_DAYS
from xeno.demo.story import Event, midnight, tell_story

TODAY = date(2026, 11, 22)
OPENING = TODAY - timedelta(days=FIRST_DAYS)


@pytest.fixture(scope="module")
def story() -> list[Event]:
    return tell_story(opening=OPENING, until=TODAY)


def bodies(story: list[Event], topic: str) -> list[dict]:
    return [event.body for event in story if event.topic == topic]


def placed(story: list[Event]) -> list[dict]:
    return bodies(story, "orders/create")


def test_the_same_opening_tells_the_same_story(story: list[Event]) -> None:
    again = tell_story(opening=OPENING, until=TODAY)

    assert again == story
    assert [deliver(e, "s") for e in again] == [deliver(e, "s") for e in story]


def test_a_later_day_only_adds_to_the_end(story: list[Event]) -> None:
    later = tell_story(opening=OPENING, until=TODAY + timedelta(days=3))

    assert later[: len(story)] == story
    assert all(event.at >= midnight(TODAY) for event in later[len(story) :])
    assert len(later) > len(story)


def test_nothing_is_told_of_today_or_later(story: list[Event]) -> None:
    assert max(event.at for event in story) < midnight(TODAY)
    assert max(event.at for event in story) > midnight(TODAY - timedelta(days=2))


def test_every_webhook_has_an_id_of_its_own(story: list[Event]) -> None:
    assert len({deliver(event, "s").webhook_id for event in story}) == len(story)


@pytest.mark.parametrize("today", [date(2026, 2, 28), date(2026, 7, 1), date(2027, 1, 9)])
def test_the_shop_is_as_large_on_any_day(today: date) -> None:
    story = tell_story(opening=today - timedelta(days=FIRST_DAYS), until=today)

    topics = Counter(event.topic for event in story)

    assert topics["products/create"] == len(PRODUCTS) == 40
    assert 1_300 <= topics["orders/create"] <= 1_750
    assert 380 <= topics["customers/create"] <= 540
    assert 25 <= topics["refunds/create"] <= 60
    assert 115 <= topics["checkouts/create"] <= 205


def test_there_is_something_of_everything(story: list[Event]) -> None:
    orders = placed(story)

    assert 50 < sum("customer" not in order for order in orders) < 160
    assert 250 < sum(bool(order["discount_codes"]) for order in orders) < 500
    assert len({order["shipping_address"]["country_code"] for order in orders}) >= 7
    assert any(order["test"] for order in orders)
    assert bodies(story, "orders/cancelled")
    assert "voided" in {order["financial_status"] for order in bodies(story, "orders/updated")}


def test_who_an_audience_asks_for_is_there(story: list[Event]) -> None:
    tags = {tag for body in bodies(story, "customer.tags_added") for tag in body["tags"]}
    addresses = [body["addresses"] for body in bodies(story, "customers/create")]
    elsewhere = [a for each in addresses for a in each if not a["default"]]
    lately = midnight(TODAY) - timedelta(days=30)
    left = [e.body for e in story if e.topic == "checkouts/create" and e.at > lately]
    products = bodies(story, "products/create")

    assert {"vip", "wholesale", "newsletter"} <= tags
    assert len(elsewhere) > 30
    assert len({a["country_code"] for each in addresses for a in each}) >= 9
    assert any("customer" in checkout for checkout in left)
    assert sum("Sports wear" in product["tags"].split(", ") for product in products) == 3
    assert len({product["category"]["full_name"] for product in products}) == 5
    assert {order["app_id"] for order in placed(story)} == {580111, 129785}
    assert all(order["shipping_address"]["latitude"] for order in placed(story))


def test_winter_sells_more_than_february_and_few_buy_most(story: list[Event]) -> None:
    orders = placed(story)
    months = Counter(order["created_at"][:7] for order in orders)
    buyers = Counter(order["customer"]["id"] for order in orders if "customer" in order)
    best = sum(count for _, count in buyers.most_common(len(buyers) // 10))

    assert months["2025-12"] > 1.5 * months["2026-02"]
    assert best > 0.3 * buyers.total()


def test_amounts_add_up(story: list[Event]) -> None:
    for order in placed(story):
        shipping = order["total_shipping_price_set"]["shop_money"]["amount"]
        full, off = order["total_line_items_price"], order["total_discounts"]

        assert Decimal(order["subtotal_price"]) == Decimal(full) - Decimal(off)
        assert Decimal(order["total_price"]) == Decimal(order["subtotal_price"]) + Decimal(shipping)


def test_what_was_refunded_is_no_longer_in_the_order(story: list[Event]) -> None:
    refunded = [order for order in bodies(story, "orders/updated") if order["refunds"]]

    for order in refunded:
        (refund,) = order["refunds"]
        back = Decimal(refund["transactions"][0]["amount"])
        assert Decimal(order["current_total_price"]) == Decimal(order["total_price"]) - back
        assert back > 0
    assert len(refunded) == len(bodies(story, "refunds/create"))


def test_it_is_about_nobody(story: list[Event]) -> None:
    text = json.dumps([event.body for event in story])

    domains = set(re.findall(r"[\w.+-]+@([\w.-]+)", text))
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    phones = set(re.findall(r"\"phone\": \"([^\"]+)\"", text))

    assert all(domain.endswith(".example") for domain in domains)
    assert hosts == {"xeno-demo.myshopify.com"}
    # The range that Ofcom keeps free for stories.
    assert all(re.fullmatch(r"\+447700900\d{3}", phone) for phone in phones)


def test_customers_carry_no_tags_consents_or_totals_of_the_old_shape(story: list[Event]) -> None:
    moved = {"tags", "email_marketing_consent", "orders_count", "total_spent"}
    customers = [*bodies(story, "customers/create")]
    customers += [order["customer"] for order in placed(story) if "customer" in order]

    assert not any(moved & customer.keys() for customer in customers)
