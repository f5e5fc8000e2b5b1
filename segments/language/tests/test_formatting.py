"""Tree to text: canonical, with the fewest parentheses, and read again as the same tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segments.language import format_query, parse
from segments.language.tests.queries import nodes


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("(number_of_orders>1)", "number_of_orders > 1"),
        (
            "((number_of_orders = 1 and number_of_orders = 2)) or (number_of_orders = 3)",
            "number_of_orders = 1 AND number_of_orders = 2 OR number_of_orders = 3",
        ),
        (
            "number_of_orders = 1 AND ((number_of_orders = 2 OR number_of_orders = 3))",
            "number_of_orders = 1 AND (number_of_orders = 2 OR number_of_orders = 3)",
        ),
        ("amount_spent between +010.50 and 20", "amount_spent BETWEEN 10.50 AND 20"),
        ("last_order_date > -7D", "last_order_date > -7d"),
        ("last_order_date = TODAY", "last_order_date = today"),
        ("last_order_date > 2024-01-01t10:00", "last_order_date > 2024-01-01T10:00:00"),
        (r"customer_tags contains 'it\'s \\ a\b'", r"customer_tags CONTAINS 'it\'s \\ a\\b'"),
        ("orders_placed is  not  null", "orders_placed IS NOT NULL"),
        (
            "products_purchased matches(id in(1,2),count>1)",
            "products_purchased MATCHES (id IN (1, 2), count > 1)",
        ),
        ("anniversary( 'a' )=today", "anniversary('a') = today"),
    ],
)
def test_the_canonical_text(text, canonical):
    assert format_query(parse(text)) == canonical


LONG = parse(
    "email_subscription_status = 'SUBSCRIBED' AND customer_countries CONTAINS 'US' AND "
    "(last_order_date >= 2024-01-01 OR shopify_email.opened MATCHES (date > -45d))"
)


def test_a_long_query_has_a_line_for_each_part():
    assert format_query(LONG, width=90).splitlines() == [
        "email_subscription_status = 'SUBSCRIBED'",
        "AND customer_countries CONTAINS 'US'",
        "AND (last_order_date >= 2024-01-01 OR shopify_email.opened MATCHES (date > -45d))",
    ]


def test_parentheses_that_are_too_long_are_broken_too():
    assert format_query(LONG, width=60).splitlines() == [
        "email_subscription_status = 'SUBSCRIBED'",
        "AND customer_countries CONTAINS 'US'",
        "AND (",
        "  last_order_date >= 2024-01-01",
        "  OR shopify_email.opened MATCHES (date > -45d)",
        ")",
    ]


def test_and_within_or_is_indented():
    node = parse("number_of_orders = 1 OR number_of_orders = 2 AND amount_spent > 5")

    assert format_query(node, width=30).splitlines() == [
        "number_of_orders = 1",
        "OR number_of_orders = 2",
        "  AND amount_spent > 5",
    ]


def test_what_fits_stays_on_one_line():
    assert "\n" not in format_query(LONG, width=500)


@settings(max_examples=200, deadline=None)
@given(nodes(), st.none() | st.integers(1, 120))
def test_text_is_read_again_as_the_same_tree(node, width):
    text = format_query(node, width=width)

    assert parse(text) == node
    assert format_query(parse(text), width=width) == text
