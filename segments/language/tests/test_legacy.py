"""Older spellings are read, rewritten, and said to be."""

import pytest

from segments.language import format_query, parse, read

OLDER = [
    ("products_purchased() = true", "products_purchased MATCHES ()"),
    ("products_purchased() = false", "products_purchased NOT MATCHES ()"),
    ("products_purchased() != true", "products_purchased NOT MATCHES ()"),
    ("products_purchased = true", "products_purchased MATCHES ()"),
    ("products_purchased(id: 1234) = true", "products_purchased MATCHES (id = 1234)"),
    ("products_purchased(id: 1234) = FALSE", "products_purchased NOT MATCHES (id = 1234)"),
    ("products_purchased(id: 1234)", "products_purchased MATCHES (id = 1234)"),
    ("products_purchased(id: (1)) = true", "products_purchased MATCHES (id IN (1))"),
    ("products_purchased(id: (1, 2)) = true", "products_purchased MATCHES (id IN (1, 2))"),
    (
        "products_purchased(tag:'Red hats', date: -60d) = true",
        "products_purchased MATCHES (tag = 'Red hats', date > -60d)",
    ),
    ("products_purchased(quantity: 5) = true", "products_purchased MATCHES (quantity = 5)"),
    ("products_purchased() MATCHES (id = 1)", "products_purchased MATCHES (id = 1)"),
    ("NOT products_purchased MATCHES (id = 1)", "products_purchased NOT MATCHES (id = 1)"),
    ("products_purchased NOT_MATCHES (id = 1)", "products_purchased NOT MATCHES (id = 1)"),
    ("customer_tags not_contains 'vip'", "customer_tags NOT CONTAINS 'vip'"),
    (
        "shopify_email.delivered(activity_id: 5240029206, date: 2022-01-01) = true",
        "shopify_email.delivered MATCHES (activity_id = 5240029206, date = 2022-01-01)",
    ),
    ("shopify_email.opened(date: -45d) = true", "shopify_email.opened MATCHES (date > -45d)"),
    ("shopify_email.opened(date: >= -45d) = true", "shopify_email.opened MATCHES (date >= -45d)"),
    ("shopify_email.opened(date: today) = true", "shopify_email.opened MATCHES (date = today)"),
    ("shopify_email.opened(count_at_least: 5) = true", "shopify_email.opened MATCHES (count >= 5)"),
    ("shopify_email.opened(count_at_most: 5) = true", "shopify_email.opened MATCHES (count <= 5)"),
    (
        "shopify_email.opened(count_at_least: 2, count_at_most: 5) = true",
        "shopify_email.opened MATCHES (count BETWEEN 2 AND 5)",
    ),
    (
        "products_purchased(id: 1, count_more_than: 2, count_less_than: 5) = true",
        "products_purchased MATCHES (id = 1, count BETWEEN 3 AND 4)",
    ),
    (
        "products_purchased(quantity_at_most: 5, quantity_more_than: 2) = true",
        "products_purchased MATCHES (quantity BETWEEN 3 AND 5)",
    ),
    ("shopify_email.opened(count_more_than: 2) = true", "shopify_email.opened MATCHES (count > 2)"),
    (
        "orders_placed(since: -30d, amount_at_least: 10.5) = true",
        "orders_placed MATCHES (date >= -30d, amount >= 10.5)",
    ),
    (
        "orders_placed(until: 2024-02-01, since: 2024-01-01) = true",
        "orders_placed MATCHES (date BETWEEN 2024-01-01 AND 2024-02-01)",
    ),
    (
        "orders_placed(date: BETWEEN -30d AND today) = true",
        "orders_placed MATCHES (date BETWEEN -30d AND today)",
    ),
    ("orders_placed MATCHES (date > '2025-01-01')", "orders_placed MATCHES (date > 2025-01-01)"),
    ("last_order_date > '2025-01-01T10:00:00'", "last_order_date > 2025-01-01T10:00:00"),
    (
        "storefront_event.product_viewed MATCHES (id = 1)",
        "storefront.product_viewed MATCHES (id = 1)",
    ),
    (
        "customer_within_distance(coordinates: (45.4, -75.7), distance_mi: 6.2) = true",
        "customer_within_distance MATCHES (coordinates = '45.4,-75.7', distance_mi <= 6.2)",
    ),
    (
        "customer_within_distance(coordinates: (43.653225999999997, -79.383184299999996),"
        " distance_mi: 6.2) = true",
        "customer_within_distance MATCHES (coordinates = '43.653225999999997,-79.383184299999996',"
        " distance_mi <= 6.2)",
    ),
    (
        "anniversary(date: 'metafields.facts.birth_date') = today",
        "anniversary('metafields.facts.birth_date') = today",
    ),
    ("customer.metafields.custom.vip IS TRUE", "customer.metafields.custom.vip = true"),
    ("customer.custom_vip is false", "customer.custom_vip = false"),
    ("product_subscription_status = 'CANCELED'", "product_subscription_status = 'CANCELLED'"),
    *(
        (f"last_order_date >= {older}", f"last_order_date >= {newer}")
        for older, newer in (
            ("7_days_ago", "-7d"), ("30_days_ago", "-30d"), ("90_days_ago", "-90d"),
            ("12_months_ago", "-12m"), ("2_weeks_ago", "-2w"), ("1_year_ago", "-1y"),
            ("1_DAY_AGO", "-1d"),
        )
    ),
    (
        "FROM customers\nSHOW customer_name, note\nWHERE number_of_orders > 1\nORDER BY updated_at",
        "number_of_orders > 1",
    ),
    ("WHERE number_of_orders > 1", "number_of_orders > 1"),
    ("from customers where number_of_orders > 1 limit 10", "number_of_orders > 1"),
]  # fmt: skip


@pytest.mark.parametrize(("older", "newer"), OLDER)
def test_an_older_spelling_is_rewritten_and_said_to_be(older, newer):
    reading = read(older)

    assert format_query(reading.node) == newer
    assert reading.advice
    assert {advice.code for advice in reading.advice} == {"rewritten"}


@pytest.mark.parametrize(("older", "newer"), OLDER)
def test_the_newer_spelling_means_the_same_and_is_not_rewritten(older, newer):
    assert parse(newer) == parse(older)
    assert read(newer).advice == ()


def test_what_is_said_names_the_place_and_both_spellings():
    (advice,) = read("number_of_orders > 1 AND\nlast_order_date >= 7_days_ago").advice

    assert advice.message == "7_days_ago is an older spelling of -7d."
    assert (advice.at.line, advice.at.column, advice.at.length) == (2, 19, 10)
