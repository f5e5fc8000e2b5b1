"""Products, checkouts, deletions, and orders that get another owner."""

from decimal import Decimal

import pytest
from hypothesis import given

from customers.actions import save_customers
from customers.data import CustomerData
from customers.tests.words import after, batches, minute, quick
from orders.actions import (
    hand_over_orders,
    remove_checkouts,
    remove_orders,
    remove_products,
    save_checkouts,
    save_orders,
    save_products,
)
from orders.models import Checkout, LineItem, Order, Product, Refund
from orders.refunds import save_refunds
from orders.tests.words import checkout_data, line_data, order_data, product_data, refund_data


@pytest.fixture
def store(in_anas_store):
    return in_anas_store


@pytest.fixture
def ids(store):
    return save_customers(tenant=store, customers=map(CustomerData, (7, 8, 9)))


@pytest.fixture
def sold(store, ids):
    """Two orders with a line each, of customers 7 and 8; the first with a refund."""
    orders = [
        order_data(1, customer_id=7, lines=(line_data(11),)),
        order_data(2, customer_id=8, lines=(line_data(12),)),
    ]
    save_orders(tenant=store, orders=orders, customers=ids)
    save_refunds(tenant=store, refunds=[refund_data(order=1)])
    save_checkouts(tenant=store, checkouts=[checkout_data(customer_id=7)], customers=ids)


def owners(model):
    return dict(model.objects.values_list("shopify_id", "customer__shopify_id"))


def told_product(at, **told):
    texts = {name: f"{name} {at}" for name in ("title", "vendor", "product_type", "status")}
    return product_data(at=at, **{**texts, "tags": (f"tag {at}",), "created_at": minute(0), **told})


PRODUCTS = [told_product(0), told_product(5), told_product(3), product_data(6, at=1)]


@given(batches(PRODUCTS))
@quick
def test_any_order_and_any_batches_give_the_same_products(store, told):
    def save(words):
        save_products(tenant=store, products=words)

    def look():
        return sorted(Product.objects.values_list("shopify_id", "title", "tags", "updated_at"))

    assert after(save, told, look) == after(save, [[word] for word in PRODUCTS], look)


def test_a_product_that_does_not_tell_its_tags_keeps_them(store):
    save_products(tenant=store, products=[told_product(0)])
    save_products(tenant=store, products=[product_data(at=1)])
    assert Product.objects.get().tags == ["tag 0"]

    save_products(tenant=store, products=[product_data(at=2, tags=())])
    assert Product.objects.get().tags == []


@given(batches([checkout_data(at=n, amount=Decimal(n), email=f"{n}@x.y") for n in (0, 1, 2)]))
@quick
def test_the_newest_word_on_a_checkout_stands_in_any_order(store, told):
    def save(words):
        save_checkouts(tenant=store, checkouts=words, customers={})

    def look():
        return Checkout.objects.values_list("amount", "email").get()

    assert after(save, told, look) == (Decimal(2), "2@x.y")


def test_a_checkout_that_was_completed_stays_completed(store):
    done = checkout_data(at=1, completed_at=minute(1))
    save_checkouts(tenant=store, checkouts=[done], customers={})

    save_checkouts(tenant=store, checkouts=[checkout_data(at=2)], customers={})

    assert Checkout.objects.get().completed_at == minute(1)


def test_nothing_is_saved_of_nothing(store):
    assert save_products(tenant=store, products=[]) is None
    assert save_checkouts(tenant=store, checkouts=[], customers={}) is None


def test_an_order_goes_with_its_lines_and_refunds_and_says_whose_it_was(store, ids, sold):
    assert remove_orders(tenant=store, shopify_ids=[1, 99]) == {ids[7]}

    assert Order.objects.get().shopify_id == 2
    assert LineItem.objects.get().shopify_id == 12
    assert not Refund.objects.exists()


def test_a_product_goes_and_the_lines_that_sold_it_stay(store, sold):
    save_products(tenant=store, products=[product_data(5), product_data(6)])

    remove_products(tenant=store, shopify_ids=[5])

    assert Product.objects.get().shopify_id == 6
    assert LineItem.objects.filter(product_shopify_id=5).count() == 2


def test_a_checkout_goes_alone(store, sold):
    remove_checkouts(tenant=store, shopify_ids=[6])

    assert not Checkout.objects.exists()
    assert Order.objects.count() == 2


def test_orders_lines_and_checkouts_go_to_the_kept_customer(store, ids, sold):
    assert hand_over_orders(tenant=store, owners={7: 8}) == {ids[8]}

    assert owners(Order) == {1: 8, 2: 8}
    assert owners(LineItem) == {11: 8, 12: 8}
    assert owners(Checkout) == {6: 8}


def test_orders_of_a_deleted_customer_are_guests(store, sold):
    assert hand_over_orders(tenant=store, owners={7: None}) == set()

    assert owners(Order) == {1: None, 2: 8}


def test_several_customers_hand_over_at_once(store, ids, sold):
    gained = hand_over_orders(tenant=store, owners={7: 9, 8: None})

    assert gained == {ids[9]}
    assert owners(Order) == {1: 9, 2: None}


def test_one_who_is_not_held_has_nothing_to_hand_over(store, sold):
    assert hand_over_orders(tenant=store, owners={99: 7}) == set()
    assert owners(Order) == {1: 7, 2: 8}
