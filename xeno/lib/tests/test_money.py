"""Amounts are exact on their way into the database and back, and never rounded for the eye."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from xeno.lib.money import DECIMALS, LARGEST, MoneyField, format_money, to_thousandths

amounts = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda number: Decimal(number) / 1000)
field = MoneyField()


@given(amounts)
def test_what_is_stored_comes_back_exactly(amount):
    assert field.from_db_value(field.get_prep_value(amount)) == amount


@given(amounts)
def test_the_stored_number_is_the_amount_in_thousandths(amount):
    assert to_thousandths(amount) == amount * 1000


@pytest.mark.parametrize("amount", ["0.0001", "1.2345", "-0.00001", "1E-30"])
def test_an_amount_finer_than_a_thousandth_is_refused_and_not_rounded(amount):
    with pytest.raises(ValueError, match="finer"):
        to_thousandths(Decimal(amount))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+30", "sNaN"])
def test_what_is_no_amount_or_too_large_is_refused(amount):
    with pytest.raises(ValueError, match="not an amount"):
        to_thousandths(Decimal(amount))


def test_the_largest_amount_fits_and_one_thousandth_more_does_not():
    assert to_thousandths(LARGEST) == 2**63 - 1
    with pytest.raises(ValueError, match="not an amount"):
        to_thousandths(LARGEST + Decimal("0.001"))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("4310", "GBP", "4310.00"),
        ("4310.5", "GBP", "4310.50"),
        ("0", "EUR", "0.00"),
        ("-3", "USD", "-3.00"),
        ("120", "JPY", "120"),
        ("0", "JPY", "0"),
        ("1E+3", "JPY", "1000"),
        ("100", "KRW", "100"),
        ("1.2", "KWD", "1.200"),
        ("7", "BHD", "7.000"),
        ("5", "XXX", "5.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount, currency, shown):
    assert format_money(Decimal(amount), currency) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [("1.234", "GBP", "1.234"), ("120.5", "JPY", "120.5"), ("0.001", "KWD", "0.001")],
)
def test_decimals_that_the_currency_does_not_have_are_shown_and_not_rounded(
    amount, currency, shown
):
    assert format_money(Decimal(amount), currency) == shown


@given(amounts, st.sampled_from(["GBP", "JPY", "KWD", "USD", *DECIMALS]))
def test_what_is_shown_is_the_amount_itself(amount, currency):
    shown = format_money(amount, currency)

    assert Decimal(shown) == amount
    assert "E" not in shown


def test_no_amount_is_stored_as_no_amount():
    assert field.get_prep_value(None) is None
    assert field.from_db_value(None) is None


@pytest.mark.parametrize("typed", ["twelve", "1,50", "", "12.5.0"])
def test_a_text_that_is_no_amount_is_a_mistake_of_the_form(typed):
    with pytest.raises(ValidationError, match=r"12\.50"):
        field.to_python(typed)


@pytest.mark.parametrize(("typed", "amount"), [("12.50", "12.5"), (7, "7"), (0.1, "0.1")])
def test_texts_and_numbers_become_decimals(typed, amount):
    assert field.to_python(typed) == Decimal(amount)


def test_an_expression_is_left_to_the_database():
    expression = models.F("total_spent")

    assert field.get_prep_value(expression) is expression
