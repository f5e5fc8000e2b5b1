"""Row 66: money is exact from the payload to the API, and currencies are never added."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer
from orders.models import Order
from webhooks.tests.shopify import customer, order, refund

D = Decimal


def raw(payload, **numbers):
    """The payload's bytes with bare JSON numbers in it, as some of Shopify's fields have them."""
    text = json.dumps({**payload, **{name: f"<{name}>" for name in numbers}})
    for name, number in numbers.items():
        text = text.replace(f'"<{name}>"', number)
    return text.encode()


def totals():
    return Customer.objects.values_list("orders_count", "total_spent").get()


def test_f066_a_tenth_and_two_tenths_are_three_tenths(shopify):
    shopify.tell("orders/create", order(1, total="0.10"))
    shopify.tell("orders/create", order(2, total="0.20"))

    assert totals() == (2, D("0.3"))


def test_f066_bare_numbers_are_read_as_they_are_written(shopify):
    bodies = [raw(order(n), total_price=number, current_total_price=number)
              for n, number in enumerate(("0.1", "0.2", "1e-1", "1E1"), 1)]  # fmt: skip
    for body in bodies:
        shopify.tell("orders/create", body)

    assert totals() == (4, D("10.4"))


def test_f066_two_hundred_dimes_are_twenty(shopify):
    for number in range(1, 201):
        shopify.send("orders/create", order(number, total="0.10"))
    shopify.apply()

    assert totals() == (200, D("20"))


@pytest.mark.parametrize(
    ("currency", "amounts", "whole", "shown"),
    [
        ("KWD", ["0.001", "1.234", "99.999"], "101.234", "0.001"),
        ("JPY", ["1", "1200", "98765432101"], "98765433302", "1"),
        ("GBP", ["0.01", "0.99", "92233720368547.50"], "92233720368548.50", "0.01"),
    ],
)
def test_f066_each_currency_keeps_its_decimals(shopify, ana_api, currency, amounts, whole, shown):
    shopify.tenant.currency = currency
    shopify.tenant.save()

    for number, amount in enumerate(amounts, 1):
        shopify.tell("orders/create", order(number, total=amount, currency=currency))

    assert totals() == (3, D(whole))
    first = Order.objects.get(shopify_id=1)
    assert ana_api.get(f"/orders/{first.pk}").json()["amount"] == shown


def test_f066_currencies_are_never_added(shopify):
    for number, (currency, amount) in enumerate(
        [("GBP", "10.00"), ("USD", "20.00"), ("JPY", "3000"), ("KWD", "4.000"), ("GBP", "0.50")], 1
    ):
        shopify.tell("orders/create", order(number, total=amount, currency=currency))

    assert totals() == (5, D("10.50"))


def test_f066_refunds_are_taken_off_exactly(shopify):
    shopify.tell("orders/create", order(1, total="0.30"))
    for number, amount in enumerate(("0.10", "0.10"), 1):
        shopify.tell("refunds/create", refund(number, amount=amount, minutes=number))

    assert totals() == (1, D("0.10"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e400", "1" + "0" * 20, "-", "1,50", ""])
def test_f066_what_is_no_amount_is_parked(shopify, amount):
    assert shopify.tell("orders/create", order(1, total=amount)).state == "parked"
    assert not Order.objects.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.decimals(0, 10**9, places=3), min_size=1, max_size=12))
def test_f066_the_total_is_the_exact_sum(shopify, amounts):
    start = Order.objects.count()
    buyer = customer(100 + start)
    for number, amount in enumerate(amounts, start + 1):
        shopify.send("orders/create", order(number, total=str(amount), customer=buyer))
    shopify.apply()

    total = Customer.objects.values_list("total_spent", flat=True).get(shopify_id=buyer["id"])
    assert Fraction(total) == sum(map(Fraction, amounts))
