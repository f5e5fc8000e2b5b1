"""Attributes that are a column of the customer, each as its plain meaning."""

from decimal import Decimal

import pytest

from customers.tests.builders import make_customer
from segments.tests.asking import at, finds, found


@pytest.mark.parametrize(
    ("clause", "ordered_at", "expected"),
    [
        ("= 2026-01-10", "2026-01-10T00:00", True),
        ("= 2026-01-10", "2026-01-10T23:59:59.999999", True),
        ("= 2026-01-10", "2026-01-11T00:00", False),
        ("!= 2026-01-10", "2026-01-11T00:00", True),
        ("!= 2026-01-10", "2026-01-10T12:00", False),
        ("!= 2026-01-10", None, True),
        ("> 2026-01-10", "2026-01-10T23:59:59.999999", False),
        ("> 2026-01-10", "2026-01-11T00:00", True),
        (">= 2026-01-10", "2026-01-10T00:00", True),
        ("< 2026-01-10", "2026-01-10T00:00", False),
        ("< 2026-01-10", None, False),
        ("<= 2026-01-10", "2026-01-10T23:59", True),
        ("BETWEEN 2026-01-10 AND 2026-01-11", "2026-01-11T23:59:59", True),
        ("BETWEEN 2026-01-11 AND 2026-01-10", "2026-01-10T12:00", False),
        ("> 2026-01-10T16:00:00", "2026-01-10T16:00:00.000001", True),
        ("> 2026-01-10T16:00:00", "2026-01-10T16:00", False),
        ("<= 2026-01-10T16:00:00", "2026-01-10T16:00", True),
        ("<= 2026-01-10T16:00:00", "2026-01-10T16:00:00.5", False),
        ("= 2026-01-10T16:00:00", "2026-01-10T16:00:00.999999", True),
        ("= 2026-01-10T16:00:00", "2026-01-10T16:00:01", False),
        ("BETWEEN 2026-01-10 AND 2026-01-10T16:00:00", "2026-01-10T16:00:00.5", True),
        ("= today", "2026-03-01T23:59", True),
        ("= yesterday", "2026-02-28T12:00", True),
        (">= -1m", "2026-02-01T00:00", True),
        (">= -1m", "2026-01-31T23:59:59", False),
        ("IS NULL", None, True),
        ("IS NOT NULL", "2026-01-10T16:00", True),
        ("IS NOT NULL", None, False),
    ],
)
def test_dates_are_whole_days_and_literals_with_a_time_moments(
    in_anas_store, clause, ordered_at, expected
):
    kim = make_customer(in_anas_store, last_order_at=ordered_at and at(ordered_at))

    assert finds(f"last_order_date {clause}", kim) is expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("= 10.99", {"10.99"}),
        ("!= 10.99", {"0", "10.991", "11"}),
        ("> 10.99", {"10.991", "11"}),
        ("> 10.9905", {"10.991", "11"}),
        (">= 10.9905", {"10.991", "11"}),
        ("= 10.9905", set()),
        ("!= 10.9905", {"0", "10.99", "10.991", "11"}),
        ("< 10.9905", {"0", "10.99"}),
        ("<= 10.99", {"0", "10.99"}),
        ("BETWEEN 10.99 AND 10.9905", {"10.99"}),
        ("BETWEEN 11 AND 10", set()),
        ("< 99999999999999999", {"0", "10.99", "10.991", "11"}),
        ("> 9223372036854775807", set()),
        ("> -1", {"0", "10.99", "10.991", "11"}),
    ],
)
def test_amounts_are_compared_exactly(in_anas_store, clause, expected):
    spent = ("0", "10.99", "10.991", "11")
    who = {make_customer(in_anas_store, total_spent=Decimal(each)).pk: each for each in spent}

    assert {who[pk] for pk in found(f"amount_spent {clause}")} == expected


def test_numbers_of_orders_beyond_the_column_match_nobody_or_everybody(in_anas_store):
    kim = make_customer(in_anas_store, orders_count=3)

    assert finds("number_of_orders != 10", kim)
    assert finds("number_of_orders < 99999999999", kim)
    assert not finds("number_of_orders > 2147483647", kim)
    assert not finds("number_of_orders = 99999999999", kim)
    assert finds("number_of_orders = 4 OR number_of_orders = 3", kim)
    assert not finds("number_of_orders != 4 AND number_of_orders != 3", kim)


def test_an_empty_text_is_none(in_anas_store):
    told, empty, never = (
        make_customer(in_anas_store, language=language) for language in ("en", "", None)
    )

    assert found("customer_language IS NULL") == {empty.pk, never.pk}
    assert found("customer_language = ''") == set()
    assert found("customer_language != 'en'") == {empty.pk, never.pk}
    assert found("customer_language = 'en' OR customer_language = 'fr'") == {told.pk}
    assert found("customer_language != 'en' AND customer_language != 'fr'") == {empty.pk, never.pk}


def test_a_language_is_not_that_of_a_country(in_anas_store):
    make_customer(in_anas_store, language="en-US")

    assert found("customer_language = 'en'") == set()


def test_enums_are_stored_in_lower_case(in_anas_store):
    kim = make_customer(in_anas_store, state="enabled", email_consent="subscribed")

    assert finds("customer_account_status != 'DISABLED'", kim)
    assert finds("email_subscription_status = 'SUBSCRIBED'", kim)
    assert not finds("sms_subscription_status = 'SUBSCRIBED'", kim)


def test_a_domain_is_what_stands_behind_the_last_at(in_anas_store):
    kim = make_customer(in_anas_store, email="Kim@Example.COM")

    assert finds("customer_email_domain = 'example.com'", kim)
    assert finds("customer_email_domain = 'EXAMPLE.com'", kim)
    assert not finds("customer_email_domain = 'le.com'", kim)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("created_by_app_id = 580111", False),
        ("created_by_app_id != 580111", True),
        ("created_by_app_id IS NULL", True),
        ("storefront.product_viewed MATCHES ()", False),
        ("storefront.product_viewed MATCHES (count < 2)", False),
        ("storefront.product_viewed NOT MATCHES (count >= 1)", True),
        ("customer.facts_birth_date > 2000-01-01", False),
        ("anniversary('metafields.facts.birth_date') = today", False),
    ],
)
def test_what_nobody_tells_is_null_for_everybody(in_anas_store, clause, expected):
    kim = make_customer(in_anas_store)

    assert finds(clause, kim) is expected
