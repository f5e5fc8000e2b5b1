"""The bodies have Shopify's shape: its keys, money as text, ids and times out of the data."""

import json
from typing import Any

import pytest

from bench.events import whole_story
from bench.payloads import body, product_id
from bench.tests.shop import REPOSITORY, invoice

SAMPLES = REPOSITORY.parent / "shared" / "shopify" / "payloads"

PLACED, REFUNDED, UPDATED = (
    body(event)
    for event in whole_story(
        [
            invoice("536365", 0, ("85123A", 6, "2.55"), ("POST", 1, "18")),
            invoice("C536400", 5, ("85123A", -2, "2.55"), country="EIRE"),
        ]
    ).events
)


def test_an_order_carries_its_amounts_as_text_and_its_times_from_the_invoice() -> None:
    assert (PLACED["id"], PLACED["name"], PLACED["currency"]) == (
        1_000_000_536_365,
        "#536365",
        "GBP",
    )
    assert (PLACED["total_price"], PLACED["current_total_price"]) == ("33.30", "33.30")
    assert {PLACED[key] for key in ("created_at", "processed_at", "updated_at")} == {
        "2011-03-01T09:00:00+00:00"
    }
    assert [line["id"] for line in PLACED["line_items"]] == [10_005_363_650_001, 10_005_363_650_002]
    assert PLACED["line_items"][1]["price"] == "18.00"


def test_the_customer_is_as_the_causing_invoice_says() -> None:
    for payload, country, date in (PLACED, "NO", "09:00"), (UPDATED, "IE", "09:05"):
        customer = payload["customer"]

        assert (customer["id"], customer["email"]) == (7, "c7@shop.example")
        assert customer["default_address"]["country_code"] == country
        assert customer["updated_at"] == f"2011-03-01T{date}:00+00:00"
        assert customer["created_at"] == "2011-03-01T09:00:00+00:00"
    assert UPDATED["billing_address"]["country_code"] == "NO"


def test_a_guests_order_has_no_customer_key() -> None:
    (event,) = whole_story([invoice("1", 0, ("A", 1, "1"), customer=None)]).events

    payload = body(event)

    assert "customer" not in payload
    assert (payload["email"], payload["contact_email"]) == ("", None)


def test_a_refund_names_the_order_lines_it_takes_back() -> None:
    (line,) = REFUNDED["refund_line_items"]
    (transaction,) = REFUNDED["transactions"]

    assert REFUNDED["order_id"] == PLACED["id"]
    assert (line["line_item_id"], line["quantity"], line["subtotal"]) == (
        10_005_363_650_001,
        2,
        5.1,
    )
    assert (transaction["kind"], transaction["status"], transaction["amount"]) == (
        "refund",
        "success",
        "5.10",
    )
    assert REFUNDED["created_at"] == REFUNDED["processed_at"] == "2011-03-01T09:05:00+00:00"


def test_a_changed_order_carries_what_is_left_and_its_refunds() -> None:
    assert (UPDATED["total_price"], UPDATED["current_total_price"]) == ("33.30", "28.20")
    assert UPDATED["financial_status"] == "partially_refunded"
    assert [line["current_quantity"] for line in UPDATED["line_items"]] == [4, 1]
    assert UPDATED["refunds"] == [REFUNDED]
    assert UPDATED["updated_at"] == REFUNDED["created_at"]


def test_an_order_all_taken_back_is_refunded() -> None:
    events = whole_story(
        [invoice("1", 0, ("A", 2, "1.50")), invoice("C2", 1, ("A", -2, "1.50"))]
    ).events

    payload = body(events[-1])

    assert (payload["financial_status"], payload["current_total_price"]) == ("refunded", "0.00")


def test_a_refund_of_nothing_has_no_transaction() -> None:
    events = whole_story([invoice("1", 0, ("A", 2, "0")), invoice("C2", 1, ("A", -2, "0"))]).events

    assert body(events[1])["transactions"] == []


def test_a_price_below_a_penny_stays_what_it_is_and_a_blank_title_is_the_stock_code() -> None:
    sold = invoice("1", 0, ("PADS", 1, "0.001"))
    blank = sold.lines[0]._replace(description="")
    (event,) = whole_story([invoice("1", 0, ("PADS", 1, "0.001"))]).events

    assert body(event)["line_items"][0]["price"] == "0.001"
    assert body(event)["total_price"] == "0.00"
    (untitled,) = whole_story([type(sold)("1", sold.date, 7, "Norway", (blank,))]).events
    assert body(untitled)["line_items"][0]["title"] == "PADS"


def test_a_product_is_its_stock_code_in_every_run() -> None:
    assert product_id("85123A") == 5_160_234_461_533
    assert product_id("85123a") != product_id("85123A")


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="Shopify's sample payloads (../shared) are not on this machine"
)
@pytest.mark.parametrize(
    ("sample", "ours"),
    [("orders__create", PLACED), ("orders__updated", UPDATED), ("refunds__create", REFUNDED)],
)
def test_every_key_is_one_that_shopify_sends(sample: str, ours: dict[str, Any]) -> None:
    theirs = json.loads((SAMPLES / f"{sample}.json").read_text())

    assert set(ours) <= set(theirs)
    for lines in "line_items", "refund_line_items", "transactions":
        if lines in ours:
            assert set(ours[lines][0]) <= set(theirs[lines][0])
