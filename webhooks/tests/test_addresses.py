"""Addresses, categories and tags by webhook: what the tables hold, in each order of arrival."""

from itertools import permutations

import pytest

from customers.models import CustomerAddress
from orders.models import LineItem, Order, Product, ProductTag
from webhooks.tests.shopify import at, customer, line, order

HOME = {"id": 1, "city": "Leeds", "province_code": "ENG", "country_code": "GB"}
AWAY = {"id": 2, "city": "Oslo", "province_code": None, "country_code": "NO"}
NEW = {"id": 3, "city": "Cork", "province_code": "CO", "country_code": "IE"}
HAT = {
    "id": 5, "title": "Hat", "updated_at": at(0), "tags": "Sports wear, red",
    "category": {
        "admin_graphql_api_id": "gid://shopify/TaxonomyCategory/aa-1-13-8",
        "name": "T-Shirts", "full_name": "Apparel & Accessories > Clothing > T-Shirts",
    },
}  # fmt: skip
# The list of the first; the default address of the last, who is known from an order only.
TOLD = [
    ("customers/create", customer(default_address=HOME, addresses=[HOME, AWAY])),
    ("orders/create", order(1, customer=customer(minutes=3, default_address=AWAY))),
    ("orders/create", order(2, minutes=5, customer=customer(minutes=5, default_address=NEW))),
]


def addresses(number: int = 7) -> set[tuple[str, bool]]:
    rows = CustomerAddress.objects.filter(customer__shopify_id=number)
    return set(rows.values_list("city", "is_default"))


@pytest.mark.parametrize("sequence", permutations(range(3)))
def test_lists_and_default_addresses_in_any_order(shopify, sequence):
    for number in sequence:
        shopify.tell(*TOLD[number])

    assert addresses() == {("NO-Oslo", False), ("IE-CO-Cork", True)}


def test_a_newer_list_replaces_all(shopify):
    for told in TOLD:
        shopify.tell(*told)
    shopify.tell("customers/update", customer(minutes=9, default_address=HOME, addresses=[HOME]))

    assert addresses() == {("GB-ENG-Leeds", True)}


def test_an_order_says_where_its_address_lies(shopify):
    there = {**HOME, "id": None, "latitude": 53.8008, "longitude": -1.5491}
    shopify.tell("orders/create", order(customer=customer(default_address=HOME),
                                        shipping_address=there))  # fmt: skip

    row = CustomerAddress.objects.values_list("shopify_id", "latitude", "longitude").get()
    assert row == (1, 53_800_800, -1_549_100)


def test_a_merged_customers_addresses_go(shopify):
    shopify.tell("customers/create", customer(8, default_address=HOME, addresses=[HOME, AWAY]))
    shopify.tell("customers/create", customer(7, default_address=NEW, addresses=[NEW]))
    shopify.tell("customers/merge", {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/7",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/8",
        "status": "completed",
    })  # fmt: skip
    # A late word on the one that is no more.
    shopify.tell("customers/update", customer(8, minutes=9, default_address=AWAY, addresses=[AWAY]))

    assert addresses(8) == set()
    assert addresses(7) == {("IE-CO-Cork", True)}


def test_a_deleted_customers_addresses_go_and_do_not_come_back(shopify):
    shopify.tell("customers/create", customer(default_address=HOME, addresses=[HOME, AWAY]))
    shopify.tell("customers/delete", {"id": 7})
    shopify.tell("customers/update", customer(minutes=9, default_address=HOME, addresses=[AWAY]))

    assert not CustomerAddress.objects.exists()


@pytest.mark.parametrize("sequence", permutations([0, 1, 2]))
def test_the_newest_tags_and_category_of_a_product_stand(shopify, sequence):
    words = [
        HAT,
        {**HAT, "updated_at": at(2), "tags": "red, winter", "category": None},
        {"id": 5, "title": "Old hat", "updated_at": at(-3), "tags": "old"},
    ]
    for number in sequence:
        shopify.tell("products/update", words[number])

    assert set(ProductTag.objects.values_list("tag", flat=True)) == {"red", "winter"}
    assert Product.objects.values_list("category_id", "category").get() == ("", "")


def test_a_category_is_told_by_its_id_and_its_whole_name(shopify):
    shopify.tell("products/create", HAT)

    told = Product.objects.values_list("category_id", "category").get()
    assert told == ("aa-1-13-8", "Apparel & Accessories > Clothing > T-Shirts")


@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
def test_a_cancelled_orders_lines_do_not_count(shopify, sequence):
    told = [
        ("orders/create", order(line_items=[line(1), line(2)], app_id=580111, location_id=71)),
        ("orders/cancelled", order(minutes=5, cancelled_at=at(5), line_items=[line(1), line(2)])),
    ]
    for number in sequence:
        shopify.tell(*told[number])

    assert set(LineItem.objects.values_list("counted", flat=True)) == {False}
    assert Order.objects.get().cancelled_at is not None
