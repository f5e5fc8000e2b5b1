"""Every published query of the shared file is read, and written as it was."""

from pathlib import Path

import pytest

from segments.language import SegmentSyntaxError, format_query, parse

SHOPIFY = Path(__file__).resolve().parents[4] / "shared" / "shopify"
SIMPLIFIED = ("(",)  # the canonical text has no parentheses that change nothing


def published():
    path = SHOPIFY / "segment_queries.txt"
    if not path.exists():
        return [pytest.param("", marks=pytest.mark.skip(reason="../shared is not there"))]
    lines = path.read_text("utf-8").splitlines()
    return [line.split(" -- ")[0] for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("query", published())
def test_a_published_query_is_read_and_written_as_it_was(query):
    node = parse(query)

    text = format_query(node)

    assert parse(text) == node
    assert text == query or "(" in query
    assert format_query(parse(text)) == text


@pytest.mark.skipif(not SHOPIFY.exists(), reason="../shared is not there")
def test_there_are_90_of_them():
    assert len(published()) == 90


# The same shapes in our own words, for where ../shared is not.
SHAPES = [
    "email_subscription_status = 'NOT_SUBSCRIBED'",
    "sms_subscription_status != 'REDACTED'",
    "first_order_date = 2021-06-01",
    "first_order_date != 2021-06-01",
    "customer_added_date BETWEEN 2021-01-31 AND 2021-12-24",
    "customer_added_date >= -3w",
    "first_order_date = -2m",
    "first_order_date BETWEEN 2022-05-01 AND yesterday",
    "first_order_date BETWEEN 2022-05-01 AND -14d",
    "last_order_date <= 2023-10-29T02:30:00",
    "amount_spent BETWEEN 0.5 AND 20",
    "number_of_orders <= 3",
    "customer_tags NOT CONTAINS 'b2b'",
    "customer_regions CONTAINS 'DE-BY'",
    "customer_email_domain != 'example.org'",
    "products_purchased NOT MATCHES ()",
    "products_purchased MATCHES (id IN (77, 88, 99), date > -1y)",
    "products_purchased MATCHES (id NOT IN (77), quantity != 2)",
    "products_purchased MATCHES (tag = 'Winter sale', sum_quantity BETWEEN 2 AND 4)",
    "products_purchased MATCHES (category = 'Apparel & Accessories')",
    "orders_placed MATCHES (app_id = 580111, location_id != 5, amount > 9.99, sum_amount < 100)",
    "shopify_email.clicked MATCHES (activity_id = 9, date = 2024-02-29, count > 0)",
    "shopify_email.unsubscribed NOT MATCHES (date BETWEEN -1m AND today)",
    "storefront.product_viewed MATCHES (id = 5, tag = 'new', count >= 2)",
    "store_credit_accounts MATCHES (balance < 5, currency = 'EUR', last_credit_date < -1y)",
    "companies IS NULL",
    "created_by_app_id IS NOT NULL",
    "predicted_spend_tier = 'HIGH' OR predicted_spend_tier = 'MEDIUM'",
    "(number_of_orders = 1 OR number_of_orders = 2) AND amount_spent > 5",
    "number_of_orders = 1 AND (amount_spent > 5 OR customer_language = 'de-CH')",
    "anniversary('metafields.crm.wedding') = today",
    "anniversary('metafields.crm.wedding') IS NOT NULL",
    "customer.metafields.crm.size CONTAINS 'XL'",
    "segment('12') MATCHES () AND customer_tag_prefix CONTAINS 'vip-' AND rfm_recency >= 4",
]


@pytest.mark.parametrize("query", SHAPES)
def test_every_shape_of_the_language_is_read_and_written_as_it_was(query):
    assert format_query(parse(query)) == query


# --- What must be refused ---------------------------------------------------------------------


def messages(query):
    with pytest.raises(SegmentSyntaxError) as caught:
        parse(query)
    return [problem.message for problem in caught.value.problems]


def test_the_live_capture_has_exactly_its_two_errors():
    assert messages("not a valid segment query ???") == [
        "Line 1 Column 6: 'valid' is unexpected.",
        "Line 1 Column 4: 'a' filter cannot be found.",
    ]


def test_a_time_without_its_day_is_refused():
    assert messages("last_order_date BETWEEN 1pm AND 3pm") == [
        "Line 1 Column 24: '1pm' is unexpected: a time needs its day.",
        "Line 1 Column 32: '3pm' is unexpected: a time needs its day.",
    ]


def test_a_parameter_stands_once():
    assert messages("orders_placed MATCHES (date > 2025-01-01, date < 2025-06-01)") == [
        "Line 1 Column 42: 'date' is given more than once."
    ]


def test_more_than_5000_characters_are_refused_and_space_counts():
    assert messages("number_of_orders > 5" + " " * 4981) == [
        "Query is too long (maximum is 5000 characters)"
    ]
