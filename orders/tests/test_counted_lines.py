"""A line carries whether its order counts, in the same write as the order."""

import pytest

from customers.actions import save_customers
from customers.data import CustomerData
from customers.tests.words import NOON, minute
from orders.actions import save_orders
from orders.models import LineItem, Order
from orders.tests.words import line_data, order_data


@pytest.fixture
def save(in_anas_store):
    ids = save_customers(tenant=in_anas_store, customers=[CustomerData(7)])
    return lambda *orders: save_orders(tenant=in_anas_store, orders=orders, customers=ids)


def bought(at: int = 0, **told):
    lines = {"lines": (line_data(11), line_data(12))}
    return order_data(at=at, **{"customer_id": 7, "financial_status": "paid", **lines, **told})


def counted() -> set[bool]:
    assert LineItem.objects.count() == 2
    return set(LineItem.objects.values_list("counted", flat=True))


@pytest.mark.parametrize(
    "why", [{"test": True}, {"cancelled_at": NOON}, {"financial_status": "voided"}]
)
def test_lines_of_an_order_that_does_not_count_do_not(save, why):
    save(bought(**why))

    assert counted() == {False}


@pytest.mark.parametrize("lines", [None, (line_data(11), line_data(12, quantity=5))])
@pytest.mark.parametrize("why", [{"cancelled_at": NOON}, {"financial_status": "voided"}])
def test_an_order_that_is_cancelled_or_voided_takes_its_lines_along(save, why, lines):
    save(bought())
    assert counted() == {True}

    save(bought(at=1, lines=lines, **why))
    assert counted() == {False}


def test_an_order_that_is_paid_after_all_brings_them_back(save):
    save(bought(financial_status="expired"))
    save(bought(at=1, lines=None))

    assert counted() == {True}


def test_the_newest_word_decides_when_it_comes_first(save):
    save(bought(at=5, financial_status="voided"))
    save(bought(at=1))

    assert counted() == {False}


def test_app_and_location_that_are_not_told_stay(save):
    save(bought(app_id=580111, location_id=71))
    save(bought(at=1))

    row = Order.objects.values_list("app_id", "location_id", "updated_at").get()
    assert row == (580111, 71, minute(1))
