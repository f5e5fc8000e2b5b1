"""Filters and sums over stored amounts are exact, and what is too fine is never stored."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F, Max, Sum

from customers.models import Customer
from customers.tests.builders import make_customer


@pytest.fixture
def spenders(in_anas_store):
    return [
        make_customer(in_anas_store, total_spent=Decimal(amount))
        for amount in ("0.1", "0.2", "0.007")
    ]


def test_a_sum_of_tenths_is_exact(spenders):
    assert Customer.objects.aggregate(all=Sum("total_spent"))["all"] == Decimal("0.307")


def test_a_filter_takes_an_amount(spenders):
    assert Customer.objects.filter(total_spent__gte=Decimal("0.1")).count() == 2
    assert Customer.objects.filter(total_spent=Decimal("0.007")).get() == spenders[2]


def test_an_expression_over_amounts_is_an_amount(spenders):
    Customer.objects.update(total_spent=F("total_spent") + F("total_spent"))

    assert Customer.objects.aggregate(most=Max("total_spent"))["most"] == Decimal("0.4")


def test_an_amount_that_is_too_fine_is_not_stored(spenders):
    with pytest.raises(ValueError, match="finer"), transaction.atomic():
        Customer.objects.update(total_spent=Decimal("0.0005"))

    assert Customer.objects.filter(total_spent=Decimal("0.2")).count() == 1
