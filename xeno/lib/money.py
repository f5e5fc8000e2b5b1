"""Exact money: stored as a 64-bit integer of thousandths, given and taken as Decimal.

Thousandths hold every currency that Shopify sells in, integers sum faster than numeric, and
their operators are leakproof, so row-level security keeps its indexes.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

THOUSANDTHS = 1000
LARGEST = Decimal(2**63 - 1) / THOUSANDTHS
SMALLEST = -LARGEST

# Currencies of ISO 4217 that do not have two decimals and that Shopify sells in.
DECIMALS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


def to_thousandths(amount: Decimal) -> int:
    """The stored integer of an amount; ValueError when it is too fine or too large for that."""
    try:
        fits = SMALLEST <= amount <= LARGEST
    except ArithmeticError:  # no number
        fits = False
    if not fits:
        raise ValueError(f"{amount} is not an amount that can be stored")
    scaled = amount.scaleb(3)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{amount} is finer than a thousandth")
    return whole


def format_money(amount: Decimal, currency: str) -> str:
    """`4310.00` for GBP, `120` for JPY, `1.234` for KWD; never rounds what is there."""
    decimals = DECIMALS.get(currency, 2)
    needed = max(-int(amount.normalize().as_tuple().exponent), decimals)
    return f"{amount:.{needed}f}"


class MoneyField(models.BigIntegerField[Any, Any]):
    """Decimal in Python, thousandths in the database. Sums of it are Decimal too."""

    def from_db_value(self, value: Any, *args: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / THOUSANDTHS

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError("Enter an amount such as 12.50.", code="invalid") from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        amount = self.to_python(value)
        return None if amount is None else to_thousandths(amount)
