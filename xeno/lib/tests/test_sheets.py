"""Row 111 of the faults: what a spreadsheet would run begins with an apostrophe; numbers stay."""

import csv
import io
from decimal import Decimal

import pytest

from xeno.lib.sheets import csv_text, is_formula, neutral, restored

FORMULAE = [
    f"{before}{sign}1+1" for sign in "=+-@" for before in ("", " ", '"', "'", "\ufeff", "\t", "\r")
]


@pytest.mark.parametrize("text", FORMULAE, ids=ascii)
def test_f111_a_formula_is_neutral_in_headers_too_and_comes_back(text):
    headers, row = csv.reader(io.StringIO(csv_text([[text, "Name"], [text, "Kim"]]), newline=""))

    assert headers[0] == row[0] == f"'{text}"
    assert not is_formula(headers[0]) or headers[0].startswith("'")
    assert restored(row[0]) == text


@pytest.mark.parametrize("number", [-1, Decimal("-12.50"), -0.5, "-12.50", "-1,000", "-1"])
def test_f111_a_negative_number_stays_a_number(number):
    assert neutral(number) == number
    assert csv_text([[number, 7]]).strip().replace('"', "") == f"{number},7"
