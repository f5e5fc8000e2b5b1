"""Refunds, and what they leave of their orders: the same in any order of arrival."""

from decimal import Decimal

import pytest
from hypothesis import given

from customers.tests.words import after, batches, minute, quick
from orders.actions import save_orders
from orders.data import OrderData
from orders.models import Order, Refund
from orders.refunds import find_orders, save_refunds, settle_refunds
from orders.tests.words import order_data, refund_data


@pytest.fixture
def store(in_anas_store):
    return in_anas_store


@pytest.fixture
def save(store):
    """Saves words as the applier does; refunds whose order is not held come again later."""
    late = []

    def save(words):
        orders = [word for word in words if isinstance(word, OrderData)]
        saved = save_orders(tenant=store, orders=orders, customers={})
        refunds = [word for word in [*late, *words] if not isinstance(word, OrderData)]
        save_refunds(tenant=store, refunds=refunds)
        held = find_orders(shopify_ids=[refund.order_id for refund in refunds])
        late[:] = [refund for refund in refunds if refund.order_id not in held]
        settle_refunds(tenant=store, order_ids=[*saved.order_ids, *held.values()])

    return save


def left(number: int = 1) -> tuple[Decimal, Decimal]:
    """What is left of an order, and what went back."""
    return Order.objects.values_list("current_amount", "refunded_amount").get(shopify_id=number)


def tables():
    orders = Order.objects.values_list("shopify_id", "current_amount", "refunded_amount")
    refunds = Refund.objects.values_list("shopify_id", "order__shopify_id", "amount", "refunded_at")
    return sorted(orders), sorted(refunds)


def told(at: int, left: str, number: int = 1) -> OrderData:
    """Shopify's word that so much is left of an order of 100."""
    return order_data(number, at=at, reported_amount=Decimal(left))


WORDS = [
    told(0, "100"),
    refund_data(3, at=5, amount="30"),
    told(5, "70"),
    refund_data(4, at=9, amount="20"),
    told(0, "100", number=2),
    refund_data(5, order=2, at=1, amount="100"),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_leave_the_same(save, told):
    expected = after(save, [[word] for word in WORDS], tables)

    assert after(save, told, tables) == expected


def test_the_words_above_leave_half_of_one_and_nothing_of_the_other(save):
    save(WORDS)

    assert left(1) == (Decimal(50), Decimal(50))
    assert left(2) == (Decimal(0), Decimal(100))


def test_saving_again_changes_nothing(save):
    save(WORDS)
    once = tables()

    save(WORDS)

    assert tables() == once


def test_a_refund_that_shopifys_word_knows_is_not_taken_off_twice(save):
    save([told(5, "70"), refund_data(at=5, amount="30")])

    assert left() == (Decimal(70), Decimal(30))


def test_a_refund_newer_than_shopifys_word_is_taken_off(save):
    save([told(0, "100"), refund_data(at=5, amount="30")])

    assert left() == (Decimal(70), Decimal(30))


def test_a_word_that_may_hold_a_newer_refund_is_not_lowered_twice_and_never_raised(save):
    """Its clock was a little ahead of the refund's; or the order was reduced by an edit."""
    save([told(4, "70"), refund_data(at=5, amount="30")])
    assert left() == (Decimal(70), Decimal(30))

    save([told(0, "60", number=2), refund_data(4, order=2, at=5, amount="10")])
    assert left(2) == (Decimal(60), Decimal(10))


def test_shopifys_word_of_the_refunds_own_instant_is_believed(save):
    save([told(5, "90"), refund_data(at=5, amount="30")])

    assert left() == (Decimal(90), Decimal(30))


def test_of_two_words_on_one_refund_the_larger_stands(save):
    for order in (["10", "30"], ["30", "10"]):
        words = [[told(0, "100")], *([refund_data(3, amount=amount)] for amount in order)]
        assert after(save, words, left) == (Decimal(70), Decimal(30))


def test_a_refund_whose_order_is_not_held_is_not_written(store):
    save_refunds(tenant=store, refunds=[refund_data(order=99)])

    assert not Refund.objects.exists()


def test_no_refunds_write_nothing(store):
    assert save_refunds(tenant=store, refunds=[]) is None
    assert settle_refunds(tenant=store, order_ids=[]) is None


def test_settling_leaves_an_order_without_refunds_as_it_is(store, save):
    save([told(0, "60")])
    before = Order.objects.values().get()

    settle_refunds(tenant=store, order_ids=[before["id"]])

    assert Order.objects.values().get() == before


def test_only_orders_that_are_held_are_found(store, save):
    save([told(0, "100", number=n) for n in (1, 2)])

    found = find_orders(shopify_ids=[1, 99])

    assert found == {1: Order.objects.get(shopify_id=1).pk}


def test_a_refund_is_kept_when_it_was_made(save):
    save([told(0, "100"), refund_data(at=7)])

    assert Refund.objects.get().refunded_at == minute(7)
