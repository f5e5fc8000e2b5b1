"""Names in a query that the store does not have are told, and are no mistake."""

import pytest

from customers.tests.builders import make_customer
from orders.models import ProductTag
from orders.tests.builders import make_order, make_product
from segments.advising import advise_with_data
from segments.language import parse
from segments.tests.test_lists import make_address
from segments.tests.test_purchases import make_line


def codes(text):
    return [advice.code for advice in advise_with_data(parse(text))]


@pytest.fixture
def mug(in_anas_store):
    mug = make_product(in_anas_store, "Mug")
    ProductTag.objects.create(
        product=mug, product_shopify_id=mug.shopify_id, tag="New", tag_key="new"
    )
    kim = make_customer(in_anas_store, tags=("VIP",))
    make_address(kim, country="CA")
    return mug


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("customer_tags CONTAINS 'Vip'", []),
        ("customer_tags NOT CONTAINS 'gold'", ["unknown_tag"]),
        ("customer_tag_prefix CONTAINS 'vi'", []),
        ("customer_tag_prefix CONTAINS 'go'", ["unknown_tag"]),
        ("customer_countries CONTAINS 'CA'", []),
        ("customer_countries NOT CONTAINS 'US'", ["unknown_country"]),
        ("customer_countries CONTAINS 'ca'", ["unknown_country"]),
        ("customer_countries CONTAINS 'Canada'", ["unknown_country"]),
        ("customer_countries IS NULL", []),
        ("products_purchased MATCHES (tag = 'NEW')", []),
        ("products_purchased MATCHES (tag = 'old')", ["unknown_product_tag"]),
        ("products_purchased MATCHES (id = 4)", ["unknown_product"]),
        ("segment('No') MATCHES ()", ["unknown_segment"]),
        ("created_by_app_id = 4", ["no_data"]),
        ("storefront.product_viewed MATCHES ()", ["no_data"]),
        ("number_of_orders > 4", []),
        ("orders_placed MATCHES (count >= 0)", ["always_true"]),
        ("orders_placed MATCHES (count != 0)", []),
        ("orders_placed MATCHES (count > 0)", []),
        ("orders_placed MATCHES (date > -7d, count >= 0)", ["always_true"]),
        ("orders_placed MATCHES (count >= 0, sum_amount > 5)", []),
        ("orders_placed NOT MATCHES (count >= 0)", ["contradiction"]),
        ("orders_placed MATCHES (count < 0, sum_amount > 5)", ["contradiction"]),
        ("orders_placed NOT MATCHES (count < 0)", ["always_true"]),
        ("storefront.product_viewed MATCHES (count >= 0)", ["no_data"]),
    ],
)
def test_what_is_not_there_is_said(mug, query, expected):
    assert codes(query) == expected


def test_a_product_that_is_held_or_was_ever_sold_is_known(mug, in_anas_store):
    kim = make_customer(in_anas_store)
    order = make_order(in_anas_store, customer=kim)
    order.refresh_from_db()
    make_line(order, product=77)

    assert codes(f"products_purchased MATCHES (id IN ({mug.shopify_id}, 77))") == []
    assert codes(f"products_purchased MATCHES (id IN ({mug.shopify_id}, 78))") == [
        "unknown_product"
    ]


def test_500_ids_are_asked_for_in_two_statements(mug, django_assert_num_queries):
    ids = ", ".join(map(str, [mug.shopify_id, *range(10**6, 10**6 + 499)]))

    with django_assert_num_queries(2):
        found = codes(f"products_purchased MATCHES (id IN ({ids}))")

    assert found == ["unknown_product"] * 499


def test_a_country_that_is_written_otherwise_is_told_how(mug):
    told = [
        advice.message
        for advice in advise_with_data(
            parse("customer_countries CONTAINS 'US' OR customer_countries CONTAINS 'Canada'")
        )
    ]

    assert told == [
        "No customer has an address in 'US'.",
        "No customer has an address in 'Canada': write two capital letters, such as CA.",
    ]


def test_advice_has_the_place_of_the_value(mug):
    [advice] = advise_with_data(parse("number_of_orders > 1 AND customer_tags CONTAINS 'gold'"))

    assert (advice.at.column, advice.message) == (48, "No customer has the tag 'gold'.")
