"""Why a customer is found: clause by clause with the values, and the day on which it changes."""

from datetime import date
from itertools import count

import pytest

from customers.tests.builders import make_customer
from orders.models import Checkout, Order
from orders.tests.builders import make_order
from segments.explaining import ClauseVerdict, GroupVerdict, explain
from segments.language import parse
from segments.language.clock import shifted
from segments.tests.asking import CLOCK, at, finds, in_zone

numbers = count(1)


def explained(text, customer, *, clock=CLOCK):
    return explain(parse(text), customer=customer, clock=clock)


def make_checkout(customer, text):
    told = {"created_at": at(text), "updated_at": at(text), "triggered_at": at(text)}
    return Checkout.objects.create(
        shopify_id=next(numbers), customer=customer, amount=1, currency="GBP", **told
    )


def test_every_clause_has_its_verdict_and_groups_are_joined_from_them(in_anas_store):
    kim = make_customer(in_anas_store, tags=("VIP", "Press"), orders_count=3)

    why = explained(
        "number_of_orders = 3 AND (customer_tags CONTAINS 'vip' OR customer_tags IS NULL)", kim
    )

    assert why.holds
    assert isinstance(why.verdict, GroupVerdict)
    first, group = why.verdict.parts
    assert isinstance(first, ClauseVerdict)
    assert (first.holds, first.facts) == (True, {"value": 3})
    assert [part.holds for part in group.parts] == [True, False]
    assert group.parts[0].facts == {"held": ["Press", "VIP"]}
    assert (why.verdict.joined, group.joined) == ("and", "or")


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        ("email_subscription_status = 'SUBSCRIBED'", "SUBSCRIBED"),
        ("sms_subscription_status = 'SUBSCRIBED'", "NOT_SUBSCRIBED"),
        ("customer_account_status IS NULL", "ENABLED"),
        ("product_subscription_status = 'SUBSCRIBED'", "ACTIVE"),
        ("customer_language = 'en'", "en-US"),
        ("customer_email_domain IS NULL", None),
    ],
)
def test_facts_are_spelt_as_the_language_writes_them(in_anas_store, clause, told):
    kim = make_customer(
        in_anas_store, email_consent="subscribed", sms_consent="not_subscribed", state="enabled",
        subscriber_status="ACTIVE", language="en-US",
    )  # fmt: skip

    assert explained(clause, kim).verdict.facts == {"value": told}


def test_functions_are_explained_by_the_chosen_events(in_anas_store):
    kim = make_customer(in_anas_store)
    for day in ("2026-02-01T12:00", "2026-02-10T12:00", "2025-01-01T12:00"):
        make_order(in_anas_store, customer=kim, processed_at=at(day), amount=15)

    why = explained("orders_placed MATCHES (date > -90d, count >= 3, sum_amount > 20)", kim)

    assert not why.holds
    assert why.verdict.facts == {
        "count": 2, "sum_amount": 30, "newest": at("2026-02-10T12:00"),
    }  # fmt: skip


def flips(text, customer, *, clock=CLOCK):
    """The day that is told, and what the SQL says on the day before it and on it."""
    day = explained(text, customer, clock=clock).changes_on
    if day is None:
        return None
    before, on = (
        finds(text, customer, clock=in_zone(clock.zone.key, clock.start_of(each)))
        for each in (shifted(day, -1, "d"), day)
    )
    assert before is not on
    return day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last_order_date >= -30d", date(2026, 3, 13)),  # of 10 February
        ("last_order_date > -30d", date(2026, 3, 12)),
        ("last_order_date < -30d", date(2026, 3, 13)),
        ("last_order_date <= -30d", date(2026, 3, 12)),
        ("last_order_date = -30d", date(2026, 3, 12)),
        ("last_order_date != -30d", date(2026, 3, 12)),
        ("last_order_date BETWEEN -90d AND -30d", date(2026, 3, 12)),
        ("last_order_date BETWEEN -19d AND today", date(2026, 3, 2)),
        ("last_order_date = yesterday", None),
        ("last_order_date > -1m", date(2026, 3, 10)),
        ("last_order_date >= -1y", date(2027, 2, 11)),
        ("last_order_date >= -6y", None),  # beyond five years
        ("last_order_date >= 2026-01-01", None),
        ("number_of_orders = 0", None),
        ("last_order_date IS NULL AND last_order_date > -30d", None),
        ("last_order_date > -30d AND number_of_orders = 5", None),
        ("last_order_date >= -30d OR number_of_orders = 5", date(2026, 3, 13)),
        ("last_order_date >= -30d OR last_order_date < -28d", None),  # the one before the other
        ("orders_placed MATCHES (date >= -30d)", date(2026, 3, 13)),
        ("orders_placed MATCHES (date >= -30d, count = 2)", date(2026, 3, 4)),
        ("orders_placed MATCHES (date >= -30d, count = 1)", date(2026, 3, 4)),
        ("orders_placed NOT MATCHES (date > -90d)", date(2026, 5, 11)),
    ],
)
def test_the_day_on_which_it_changes_by_itself(in_anas_store, text, expected):
    kim = make_customer(in_anas_store, last_order_at=at("2026-02-10T12:00"))
    for day in ("2026-02-01T12:00", "2026-02-10T12:00"):
        make_order(in_anas_store, customer=kim, processed_at=at(day))

    assert flips(text, kim) == expected


def test_a_month_that_ends_early_turns_on_the_right_day(in_anas_store):
    kim = make_customer(in_anas_store, last_order_at=at("2026-02-28T12:00"))

    # -1m of 28, 29, 30 and 31 March is 28 February
    assert flips("last_order_date = -1m", kim) == date(2026, 3, 28)
    on_it = in_zone("UTC", at("2026-03-28T12:00"))
    assert flips("last_order_date = -1m", kim, clock=on_it) == date(2026, 4, 1)


def test_a_date_to_come_turns_when_it_comes(in_anas_store):
    kim = make_customer(in_anas_store, created_at=at("2026-03-20T12:00"))

    assert flips("customer_added_date <= today", kim) == date(2026, 3, 20)
    assert flips("customer_added_date BETWEEN today AND +7d", kim) == date(2026, 3, 13)


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Pacific/Kiritimati", "America/Goose_Bay"])
def test_days_are_those_of_the_store(in_anas_store, zone):
    now = at("2010-11-01T12:00")
    kim = make_customer(in_anas_store, last_order_at=at("2010-11-07T03:30"))

    assert flips("last_order_date < -1d", kim, clock=in_zone(zone, now)) is not None


def test_a_checkout_grows_old(in_anas_store):
    kim = make_customer(in_anas_store)
    make_checkout(kim, "2026-02-20T12:00")
    make_checkout(kim, "2026-02-10T12:00")

    why = explained("abandoned_checkout_date >= -30d", kim)

    assert why.verdict.facts == {"value": at("2026-02-20T12:00")}
    assert flips("abandoned_checkout_date >= -30d", kim) == date(2026, 3, 23)


def test_an_explanation_costs_few_statements_however_many_orders(
    in_anas_store, django_assert_max_num_queries
):
    kim = make_customer(in_anas_store)
    for month in range(1, 13):
        make_order(in_anas_store, customer=kim, processed_at=at(f"2025-{month:02}-11T12:00"))

    with django_assert_max_num_queries(4):
        explained("orders_placed MATCHES (date > -365d, count >= 3)", kim)

    assert Order.objects.count() == 12
