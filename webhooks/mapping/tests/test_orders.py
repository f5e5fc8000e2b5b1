"""What orders, lines and refunds of Shopify say in our words; an absent key says nothing."""

from decimal import Decimal

import pytest

from customers.data import UNDATED
from webhooks.mapping.decoding import OtherShop, Unreadable
from webhooks.mapping.orders import map_order, map_refund
from webhooks.mapping.tests.payloads import (
    LATER,
    NOON,
    ONE,
    body,
    customer,
    envelope,
    line,
    order,
    refund,
    without,
)

TEXTS = {
    "email": "email",
    "financial_status": "financial_status",
    "fulfillment_status": "fulfillment_status",
    "source_name": "source",
    "landing_site": "landing_site",
}
TIMES = ["created_at", "processed_at", "cancelled_at"]


def mapped(*, triggered_at=NOON, **changes):
    """Our order of a payload with these values."""
    return map_order(body(order(**changes)), envelope(triggered_at=triggered_at))[0]


def mapped_line(**changes):
    return mapped(line_items=[line(**changes)]).lines[0]


def mapped_refund(*, triggered_at=NOON, **changes):
    told = envelope("refunds/create", triggered_at=triggered_at)
    return map_refund(body(refund(**changes)), told)


@pytest.mark.parametrize("name", TEXTS.values())
def test_an_absent_text_of_an_order_is_not_told(name):
    assert getattr(mapped(), name) is None


@pytest.mark.parametrize(("key", "name"), [(k, n) for k, n in TEXTS.items() if k != "email"])
def test_a_null_text_of_an_order_is_empty(key, name):
    assert getattr(mapped(**{key: None}), name) == ""


@pytest.mark.parametrize("key", TIMES)
def test_a_time_that_is_absent_or_null_is_none(key):
    assert getattr(mapped(), key) is None
    assert getattr(mapped(**{key: None}), key) is None
    assert getattr(mapped(**{key: ONE}), key) == LATER


def test_states_are_in_lower_case():
    told = mapped(financial_status="PARTIALLY_REFUNDED", fulfillment_status="Fulfilled")

    assert (told.financial_status, told.fulfillment_status) == ("partially_refunded", "fulfilled")


def test_the_buyers_address_is_the_email_or_else_the_contact_email():
    assert mapped(email="Dee@Example.com", contact_email="x@example.com").email == "dee@example.com"
    assert mapped(email=None, contact_email="X@example.com").email == "x@example.com"
    assert mapped(email="", contact_email="x@example.com").email == "x@example.com"


@pytest.mark.parametrize("name", [None, ""])
def test_an_order_without_a_name_is_one_whose_name_is_not_told(name):
    assert mapped(name=name).name is None


def test_what_is_left_of_an_order_may_be_told_or_not():
    assert mapped().reported_amount is None
    assert mapped(current_total_price=None).reported_amount is None
    assert mapped(current_total_price="0.00").reported_amount == Decimal(0)


def test_codes_that_are_absent_are_not_told_and_null_means_none():
    assert mapped().discount_codes is None
    assert mapped(discount_codes=None).discount_codes == ()
    assert mapped(discount_codes=[{"code": "A"}, {"code": "B"}]).discount_codes == ("A", "B")


def test_lines_that_are_absent_are_not_told_and_null_means_none():
    assert mapped().lines is None
    assert mapped(line_items=None).lines == ()
    assert mapped(line_items=[]).lines == ()


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ({"updated_at": ONE}, LATER),
        ({"updated_at": None, "processed_at": ONE}, LATER),
        ({"created_at": ONE}, LATER),
        ({"updated_at": ONE, "processed_at": "2020-01-01T00:00:00Z"}, LATER),
        ({}, NOON),
    ],
)
def test_the_version_is_the_best_time_that_is_told(told, version):
    assert mapped(**told).updated_at == version


def test_an_order_without_any_time_is_older_than_any_other():
    told = mapped(triggered_at=None)

    assert (told.updated_at, told.triggered_at) == (UNDATED, UNDATED)


@pytest.mark.parametrize("currency", ["gbp", "GB", "POUNDS", "", None, "GBP\n"])
def test_what_is_no_currency_is_unreadable(currency):
    with pytest.raises(Unreadable):
        mapped(currency=currency)


@pytest.mark.parametrize("key", ["id", "total_price", "currency"])
def test_an_order_without_what_it_must_have_is_unreadable(key):
    with pytest.raises(Unreadable, match=key):
        map_order(body(without(order(), key)), envelope())


def test_an_order_that_names_another_shop_is_refused():
    with pytest.raises(OtherShop):
        mapped(order_status_url="https://cy.myshopify.com/1/orders/x")


def test_a_lines_current_quantity_is_its_quantity_when_not_told():
    assert mapped_line().current_quantity == 2
    assert mapped_line(current_quantity=None).current_quantity == 2
    assert mapped_line(current_quantity=0).current_quantity == 0


@pytest.mark.parametrize("key", ["product_id", "variant_id"])
def test_a_line_of_no_product_has_none(key):
    assert getattr(mapped_line(), key) is None
    assert getattr(mapped_line(**{key: None}), key) is None
    assert getattr(mapped_line(**{key: 5}), key) == 5


@pytest.mark.parametrize("key", ["title", "sku"])
def test_a_lines_text_that_is_null_or_absent_is_empty(key):
    assert getattr(mapped_line(), key) == ""
    assert getattr(mapped_line(**{key: None}), key) == ""


@pytest.mark.parametrize(("told", "kept"), [({}, "0"), ({"total_discount": None}, "0"),
                                           ({"total_discount": "1.5"}, "1.5")])  # fmt: skip
def test_a_lines_discount_is_nothing_when_not_told(told, kept):
    line_ = mapped_line(**told)

    assert (line_.price, line_.discount) == (Decimal(10), Decimal(kept))


def test_a_refund_is_what_its_successful_refunding_transactions_paid_back():
    told = [
        {"kind": "refund", "status": "success", "amount": "10.00"},
        {"kind": "refund", "status": "success", "amount": "0.50"},
        {"kind": "refund", "status": "pending", "amount": "5.00"},
        {"kind": "refund", "status": "failure", "amount": "5.00"},
        {"kind": "sale", "status": "success", "amount": "100.00"},
        {"kind": "refund", "status": "success", "amount": None},
    ]

    assert mapped_refund(transactions=told).amount == Decimal("10.50")


def test_a_transaction_that_says_neither_kind_nor_state_counts():
    assert mapped_refund(transactions=[{"amount": "7.00"}]).amount == Decimal(7)


def test_transactions_are_believed_over_lines():
    lines = [{"subtotal": 30.0, "total_tax": 6.0}]
    failed = [{"kind": "refund", "status": "failure", "amount": "36.00"}]

    assert mapped_refund(transactions=failed, refund_line_items=lines).amount == 0


@pytest.mark.parametrize("transactions", [[], None])
def test_without_transactions_a_refund_is_what_its_lines_were_worth(transactions):
    lines = [{"subtotal": 0.1, "total_tax": 0.2}, {"subtotal": 5}, {"total_tax": None}]

    told = mapped_refund(transactions=transactions, refund_line_items=lines)

    assert told.amount == Decimal("5.3")


def test_a_refund_that_tells_no_money_is_of_nothing():
    assert mapped_refund().amount == 0
    assert mapped_refund(refund_line_items=None, transactions=None).amount == 0


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ({"created_at": ONE, "processed_at": "2020-01-01T00:00:00Z"}, LATER),
        ({"created_at": None, "processed_at": ONE}, LATER),
        ({}, NOON),
    ],
)
def test_a_refund_happened_when_it_was_created(told, at):
    assert mapped_refund(**told).refunded_at == at


def test_a_refund_without_any_time_is_older_than_any_order():
    assert mapped_refund(triggered_at=None).refunded_at == UNDATED


def test_a_refund_by_itself_must_name_its_order():
    with pytest.raises(Unreadable, match="order_id"):
        map_refund(body(without(refund(), "order_id")), envelope("refunds/create"))


def test_a_refund_within_an_order_belongs_to_it_whatever_it_says():
    told = mapped(updated_at=ONE, refunds=[refund(order_id=99, note=None)])

    assert [(r.order_id, r.refunded_at, r.note) for r in told.refunds] == [(1, LATER, "")]


def test_an_order_without_a_buyer_tells_nothing_of_customers():
    told, news = map_order(body(order(customer=None)), envelope())

    assert told.customer_id is None
    assert news.customers == news.tags == news.consents == news.totals == []


def test_a_buyer_of_whom_only_the_id_is_told_has_no_version():
    told, news = map_order(body(order(customer=customer(), updated_at=ONE)), envelope())

    assert told.customer_id == 7
    assert news.customers[0].updated_at is None


def test_a_buyer_within_an_order_is_as_old_as_the_order_and_ranks_by_its_number():
    payload = order(id=42, updated_at=ONE, customer=customer(email="D@example.com"))

    buyer = map_order(body(payload), envelope())[1].customers[0]

    assert (buyer.email, buyer.updated_at, buyer.version_order_id) == ("d@example.com", LATER, 42)


def test_the_buyers_language_is_the_orders_unless_the_buyer_tells_one():
    def language(**buyer):
        payload = order(customer_locale="fr", customer=customer(email="d@example.com", **buyer))
        return map_order(body(payload), envelope())[1].customers[0].language

    assert language() == "fr"
    assert language(locale="de") == "de"
