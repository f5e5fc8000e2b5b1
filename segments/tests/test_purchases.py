"""orders_placed and products_purchased: which events count, and how they are tested together."""

import pytest

from customers.tests.builders import make_customer
from orders.models import LineItem, Order, Product, ProductTag
from orders.tests.builders import make_order, make_product
from orders.tests.builders import numbers as ids
from segments.tests.asking import at, finds, found


def make_line(order, product=None, quantity=1):
    return LineItem.objects.create(
        shopify_id=next(ids), order=order, customer=order.customer, ordered_at=order.processed_at,
        counted=order.counted, product_shopify_id=product, quantity=quantity,
        current_quantity=quantity, price=1,
    )  # fmt: skip


def order_of(store, customer, *lines, **fields):
    made = make_order(store, customer=customer, **fields)
    made = Order.objects.get(pk=made.pk)  # with what the database generates
    for line in lines:
        make_line(made, *line)
    return made


@pytest.fixture
def kim(in_anas_store):
    """Two orders that count, of 10 and 30 pounds, and what does not count."""
    kim = make_customer(in_anas_store)
    order_of(in_anas_store, kim, (7, 2), (8, 1), amount=10, processed_at=at("2026-02-01T12:00"))
    order_of(in_anas_store, kim, (7, 1), (7, 4), amount=30, processed_at=at("2026-01-01T12:00"),
             app_id=5)  # fmt: skip
    order_of(in_anas_store, kim, (9, 9), amount=99, test=True)
    order_of(in_anas_store, kim, (9, 9), amount=99, cancelled_at=at("2026-02-01T12:00"))
    order_of(in_anas_store, kim, (9, 9), amount=99, financial_status="voided")
    order_of(in_anas_store, None, (9, 9), amount=99)
    return kim


@pytest.fixture
def bare(in_anas_store):
    """Somebody without an order."""
    return make_customer(in_anas_store)


@pytest.mark.parametrize(
    ("parameters", "of_kim", "of_bare"),
    [
        ("", True, False),
        ("count = 2", True, False),
        ("count != 2", False, True),
        ("count < 3", True, True),
        ("count = 0", False, True),
        ("count >= 1", True, False),
        ("count > 0, sum_amount > 39", True, False),
        ("count = 0, sum_amount > 5", False, False),
        ("sum_amount = 40", True, False),
        ("sum_amount < 40", False, True),
        ("sum_amount BETWEEN 0 AND 40", True, True),
        ("date >= 2026-02-01", True, False),
        ("date >= 2026-02-02", False, False),
        ("date >= 2026-02-01, count >= 2", False, False),
        ("date >= 2026-02-01, count < 2", True, True),
        ("date >= 2026-02-01, sum_amount = 10", True, False),
        ("amount > 20, date > 2026-01-15", False, False),
        ("amount > 20, date < 2026-01-15", True, False),
        ("amount != 10", True, False),
        ("app_id = 5", True, False),
        ("app_id != 5", True, False),
        ("app_id NOT IN (5, 6), count = 1", True, False),
        ("app_id IN (5, 6), amount = 10", False, False),
        ("location_id = 1", False, False),
        ("count > 99999999999", False, False),
        ("amount < 999999999999999999", True, False),
    ],
)
def test_orders(kim, bare, parameters, of_kim, of_bare):
    asked = f"orders_placed MATCHES ({parameters})"
    turned = f"orders_placed NOT MATCHES ({parameters})"

    assert (finds(asked, kim), finds(asked, bare)) == (of_kim, of_bare)
    assert (finds(turned, kim), finds(turned, bare)) == (not of_kim, not of_bare)


@pytest.mark.parametrize(
    ("parameters", "of_kim", "of_bare"),
    [
        ("", True, False),
        ("id = 7", True, False),
        ("id = 9", False, False),
        ("id NOT IN (7, 8)", False, False),
        ("id NOT IN (7)", True, False),
        ("id = 7, count = 2", True, False),
        ("id = 7, count > 2", False, False),
        ("id = 7, count >= 3", False, False),
        ("id = 8, count > 1", False, False),
        ("id = 7, sum_quantity = 7", True, False),
        ("sum_quantity < 8", False, True),
        ("sum_quantity <= 8", True, True),
        ("quantity = 4", True, False),
        ("quantity != 4, id = 8", True, False),
        ("quantity BETWEEN 3 AND 4, count = 1", True, False),
        ("quantity = 3", False, False),
        ("id = 8, date < 2026-02-01", False, False),
        ("count = 0", False, True),
    ],
)
def test_products(kim, bare, parameters, of_kim, of_bare):
    asked = f"products_purchased MATCHES ({parameters})"
    turned = f"products_purchased NOT MATCHES ({parameters})"

    assert (finds(asked, kim), finds(asked, bare)) == (of_kim, of_bare)
    assert (finds(turned, kim), finds(turned, bare)) == (not of_kim, not of_bare)


def test_tag_and_category_are_those_that_the_product_has_now(in_anas_store, kim, bare):
    mug = make_product(in_anas_store, "Mug", category_id="hg-1", category="Home > Mugs")
    ProductTag.objects.create(
        product=mug, product_shopify_id=mug.shopify_id, tag="Red Hats", tag_key="red hats"
    )
    Product.objects.update(shopify_id=7)
    ProductTag.objects.update(product_shopify_id=7)

    assert finds("products_purchased MATCHES (tag = 'red hats')", kim)
    assert finds("products_purchased MATCHES (tag != 'red hats')", kim)  # of the other product
    assert not finds("products_purchased MATCHES (tag != 'red hats', id = 7)", kim)
    assert finds("products_purchased MATCHES (category = 'hg-1')", kim)
    assert finds("products_purchased MATCHES (category = 'Home > Mugs', count = 2)", kim)
    assert not finds("products_purchased MATCHES (category = 'home > mugs')", kim)
    assert finds("products_purchased NOT MATCHES (tag = 'Red hats')", bare)


def test_an_amount_in_another_currency_is_null(in_anas_store):
    kim = make_customer(in_anas_store)
    order_of(in_anas_store, kim, amount=10, currency="USD")

    assert finds("orders_placed MATCHES (count = 1)", kim)
    assert not finds("orders_placed MATCHES (amount = 10)", kim)
    assert finds("orders_placed MATCHES (amount != 10)", kim)
    assert finds("orders_placed MATCHES (sum_amount = 0)", kim)


def test_a_line_without_a_product_is_another_than_any(in_anas_store):
    kim = make_customer(in_anas_store)
    order_of(in_anas_store, kim, (None, 1))

    assert finds("products_purchased MATCHES (id != 7)", kim)
    assert finds("products_purchased MATCHES (id NOT IN (7, 8))", kim)
    assert finds("products_purchased MATCHES (tag != 'a', category != 'b')", kim)


def test_parts_are_joined_as_they_are_written(kim, bare):
    lapsed = "orders_placed MATCHES (count >= 2) AND orders_placed NOT MATCHES (date > -7d)"

    assert found(lapsed) == {kim.pk}
    assert found("orders_placed MATCHES (count >= 2) OR number_of_orders = 0") == {kim.pk, bare.pk}
    assert found("products_purchased MATCHES (id = 7) OR orders_placed MATCHES (count = 0)") == {
        kim.pk, bare.pk,
    }  # fmt: skip
