"""Totals are what the orders add up to, whoever's word came first; never counted up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from customers.models import Customer
from customers.tests.builders import make_customer
from orders.models import Order
from orders.tests.builders import NOON, make_order
from orders.totals import every_customer, recompute_every_total, recompute_totals


@pytest.fixture
def store(in_anas_store):
    """Ana's store, whose history is complete."""
    in_anas_store.history_complete_since = timezone.now()
    in_anas_store.save()
    return in_anas_store


@pytest.fixture
def dee(store):
    return make_customer(store)


def recompute(store, *customers):
    return recompute_totals(tenant=store, customer_ids=[customer.pk for customer in customers])


def totals(customer):
    customer.refresh_from_db()
    return customer.orders_count, customer.total_spent


def test_totals_are_the_sum_and_the_number_of_the_orders(store, dee):
    for amount in ("0.1", "0.2", "0.003"):
        make_order(store, customer=dee, amount=Decimal(amount))

    assert recompute(store, dee) == [dee.pk]
    assert totals(dee) == (3, Decimal("0.303"))


def test_the_first_and_the_last_order_are_known(store, dee):
    for days in (3, 1, 2):
        make_order(store, customer=dee, processed_at=NOON + timedelta(days=days))

    recompute(store, dee)

    dee.refresh_from_db()
    assert dee.first_order_at == NOON + timedelta(days=1)
    assert dee.last_order_at == NOON + timedelta(days=3)


@pytest.mark.parametrize(
    "uncounted",
    [{"test": True}, {"cancelled_at": NOON}, {"financial_status": "voided"},
     {"financial_status": "expired"}],
)  # fmt: skip
def test_an_order_that_brought_nothing_is_in_no_total(store, dee, uncounted):
    make_order(store, customer=dee, **uncounted)

    recompute(store, dee)

    assert totals(dee) == (0, 0)
    assert dee.first_order_at is None


def test_an_order_in_another_currency_counts_and_is_never_added(store, dee):
    make_order(store, customer=dee)
    make_order(store, customer=dee, currency="USD")

    recompute(store, dee)

    assert totals(dee) == (2, 20)


def test_what_is_left_of_an_order_is_added_and_not_what_it_was(store, dee):
    make_order(store, customer=dee, amount=20, current_amount=5)

    recompute(store, dee)

    assert totals(dee) == (1, 5)


def test_recomputing_again_changes_nobody(store, dee):
    make_order(store, customer=dee)
    recompute(store, dee)

    assert recompute(store, dee) == []


def test_wrong_totals_are_put_right(store, dee):
    make_order(store, customer=dee)
    Customer.objects.update(orders_count=99, total_spent=Decimal(99))

    recompute(store, dee)

    assert totals(dee) == (1, 20)


def test_totals_follow_orders_that_went(store, dee):
    make_order(store, customer=dee)
    recompute(store, dee)
    Order.objects.all().delete()

    recompute(store, dee)

    assert totals(dee) == (0, 0)
    assert dee.last_order_at is None


def test_only_those_who_were_asked_for_are_recomputed(store, dee):
    other = make_customer(store)
    make_order(store, customer=dee)
    make_order(store, customer=other)

    recompute(store, dee)

    assert totals(other) == (0, 0)


def test_nobody_is_no_work(store, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert recompute(store) == []


@pytest.fixture
def told_by_shopify(store):
    """A customer of whom Shopify says ten orders of 500, and we hold one of 20."""
    customer = make_customer(
        store, remote_orders_count=10, remote_total_spent=Decimal(500), remote_currency="GBP"
    )
    make_order(store, customer=customer)
    return customer


def test_shopifys_figures_win_while_older_orders_may_exist(store, told_by_shopify):
    store.history_complete_since = None

    recompute(store, told_by_shopify)

    assert totals(told_by_shopify) == (10, 500)
    assert told_by_shopify.orders_count_source == "shopify"
    assert told_by_shopify.last_order_at == NOON


def test_ours_win_once_the_history_is_complete(store, told_by_shopify):
    recompute(store, told_by_shopify)

    assert totals(told_by_shopify) == (1, 20)
    assert told_by_shopify.total_spent_source == "computed"


def test_each_figure_that_shopify_does_not_tell_is_ours(store, told_by_shopify):
    store.history_complete_since = None
    Customer.objects.update(remote_total_spent=None)

    recompute(store, told_by_shopify)

    assert totals(told_by_shopify) == (10, 20)
    sources = told_by_shopify.orders_count_source, told_by_shopify.total_spent_source
    assert sources == ("shopify", "computed")


def test_every_customer_comes_once_in_chunks(store):
    numbers = sorted(make_customer(store).pk for _ in range(5))

    assert list(every_customer(chunk=2)) == [numbers[:2], numbers[2:4], numbers[4:]]


def test_the_whole_store_is_recomputed_and_progress_told(store, cys_store, dee):
    make_order(store, customer=dee)
    make_customer(store)
    make_customer(cys_store)
    done = []

    assert recompute_every_total(tenant=store, on_progress=done.append) == 1

    assert done == [2]
    assert totals(dee) == (1, 20)
