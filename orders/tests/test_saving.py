"""Orders with their lines as they are saved: newest word wins, in any order and any batches."""

from decimal import Decimal

import pytest
from django.db.models import F
from hypothesis import given

from customers.actions import save_customers
from customers.data import CustomerData
from customers.tests.words import NOON, after, batches, minute, quick
from orders.actions import save_orders
from orders.models import LineItem, Order
from orders.tests.words import line_data, order_data

COLUMNS = (
    "shopify_id", "name", "customer__shopify_id", "email", "amount", "reported_amount",
    "current_amount", "currency", "financial_status", "fulfillment_status", "processed_at",
    "cancelled_at", "test", "source", "discount_codes", "landing_site", "created_at",
    "updated_at", "triggered_at",
)  # fmt: skip
LINE_COLUMNS = (
    "order__shopify_id", "shopify_id", "customer__shopify_id", "ordered_at", "product_shopify_id",
    "title", "sku", "quantity", "current_quantity", "price", "discount",
)  # fmt: skip


def whole(number: int = 1, *, at: int = 0, left: int = 100, **told):
    """A word that tells everything, each value marked with when it was said."""
    texts = ("email", "financial_status", "fulfillment_status", "source", "landing_site")
    times = {"processed_at": NOON, "created_at": NOON, "cancelled_at": minute(at)}
    known = {name: f"{name} {at}" for name in texts} | times
    known |= {"discount_codes": (f"CODE{at}",), "reported_amount": Decimal(left), "test": False}
    return order_data(number, at=at, **{**known, "lines": (line_data(title=f"Jug {at}"),), **told})


@pytest.fixture
def ids(in_anas_store):
    return save_customers(tenant=in_anas_store, customers=[CustomerData(7), CustomerData(8)])


@pytest.fixture
def save(in_anas_store, ids):
    return lambda words: save_orders(tenant=in_anas_store, orders=words, customers=ids)


def tables():
    orders = sorted(Order.objects.values_list(*COLUMNS), key=lambda row: row[0])
    return orders, sorted(LineItem.objects.values_list(*LINE_COLUMNS), key=lambda row: row[:2])


WORDS = [
    whole(1, at=0, customer_id=7),
    whole(1, at=5, customer_id=7, lines=(line_data(11), line_data(12))),
    whole(1, at=5, left=70, customer_id=8, lines=(line_data(12), line_data(13, quantity=3))),
    whole(1, at=3, lines=()),
    whole(2, at=1, customer_id=8, lines=(line_data(11),)),
    whole(2, at=4, customer_id=7, lines=()),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_give_the_same_orders_and_lines(save, told):
    expected = after(save, [[word] for word in WORDS], tables)

    assert after(save, told, tables) == expected


def test_the_words_above_end_with_the_newest_from_which_most_was_taken_back(save):
    save(WORDS)

    (first, second), lines = tables()
    assert (first[2], first[6]) == (8, Decimal(70))
    assert (second[2], second[17]) == (7, minute(4))
    assert [(row[0], row[1], row[2]) for row in lines] == [(1, 12, 8), (1, 13, 8)]


def test_saving_again_changes_nothing(save):
    save(WORDS)
    once = tables()

    save(WORDS)

    assert tables() == once


def test_an_older_word_writes_nothing_but_says_whom_it_was_about(save, ids):
    save([whole(at=5, customer_id=7)])

    saved = save([whole(at=4, customer_id=8)])

    assert saved.order_ids == []
    assert ids[7] in saved.customer_ids  # whose order it is: their totals may be asked for
    assert Order.objects.get().customer_id == ids[7]


def test_an_order_that_changes_hands_touches_both(save, ids):
    save([whole(at=0, customer_id=7)])

    saved = save([whole(at=1, customer_id=8)])

    assert saved.order_ids == [Order.objects.get().pk]
    assert saved.customer_ids == {ids[7], ids[8]}


def test_nothing_to_save_touches_nobody(save):
    saved = save([])

    assert (saved.order_ids, saved.customer_ids) == ([], set())


@pytest.mark.parametrize(
    "name",
    ["email", "financial_status", "fulfillment_status", "source", "landing_site", "cancelled_at"],
)
def test_a_newer_word_that_does_not_tell_a_field_keeps_it(save, name):
    save([whole(at=0)])
    known = getattr(Order.objects.get(), name)

    save([order_data(at=5)])

    assert getattr(Order.objects.get(), name) == known
    assert known is not None


def test_codes_that_are_not_told_stay_and_an_empty_list_empties(save):
    save([order_data(at=0, discount_codes=("A", 'B"\\'))])
    save([order_data(at=1)])
    assert Order.objects.get().discount_codes == ["A", 'B"\\']

    save([order_data(at=2, discount_codes=())])
    assert Order.objects.get().discount_codes == []


def test_an_order_that_tells_almost_nothing_gets_what_it_needs(save):
    save([order_data(at=5, name=None)])

    kept = Order.objects.get()
    assert (kept.name, kept.test, kept.reported_amount) == ("#1", False, Decimal(100))
    assert kept.created_at == kept.processed_at == minute(5)


def test_what_is_held_fills_the_gaps_of_a_newer_word(save):
    save([whole(at=0, left=60, test=True, name="#1001")])

    save([order_data(at=5, name=None)])

    kept = Order.objects.get()
    assert (kept.name, kept.test, kept.reported_amount) == ("#1001", True, Decimal(60))
    assert (kept.created_at, kept.processed_at) == (NOON, NOON)


def test_lines_that_are_not_told_stay_and_an_empty_list_empties(save):
    save([whole(at=0)])
    save([order_data(at=1)])
    assert LineItem.objects.count() == 1

    save([order_data(at=2, lines=())])
    assert LineItem.objects.count() == 0


def test_lines_follow_the_newest_word_as_a_whole(save):
    save([whole(at=0, lines=(line_data(11), line_data(12, quantity=1)))])

    save([whole(at=1, lines=(line_data(12, quantity=5), line_data(13)))])

    kept = dict(LineItem.objects.values_list("shopify_id", "quantity"))
    assert kept == {12: 5, 13: 1}


def test_an_older_words_lines_are_not_written(save):
    save([whole(at=5, lines=(line_data(11),))])

    save([whole(at=4, lines=(line_data(12),))])

    assert LineItem.objects.get().shopify_id == 11


def test_one_orders_lines_do_not_touch_anothers_of_the_same_number(save):
    save([whole(1, lines=(line_data(11),)), whole(2, lines=(line_data(11),))])

    save([whole(1, at=1, lines=())])

    assert LineItem.objects.get().order.shopify_id == 2


def test_lines_carry_their_orders_customer_and_day(save):
    save([whole(at=0, customer_id=7)])

    save([order_data(at=1, customer_id=8, processed_at=minute(60))])

    line = LineItem.objects.get()
    assert line.ordered_at == minute(60)
    assert LineItem.objects.filter(customer_id=F("order__customer_id")).count() == 1


def test_a_line_told_twice_in_one_order_is_one_line(save):
    save([whole(lines=(line_data(11, quantity=1), line_data(11, quantity=2)))])

    assert LineItem.objects.get().quantity == 2


def test_amounts_are_kept_to_the_thousandth(save):
    line = line_data(price=Decimal("0.333"), discount=Decimal("0.001"))
    save([whole(amount=Decimal("1.234"), lines=(line,))])

    assert Order.objects.get().amount == Decimal("1.234")
    kept = LineItem.objects.get()
    assert (kept.price, kept.discount) == (Decimal("0.333"), Decimal("0.001"))
