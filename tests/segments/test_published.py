"""Every published query of the fact sheet finds whom its plain-English meaning says."""

from pathlib import Path

import pytest

from tests.segments.people import Told
from tests.segments.published import BY_TEXT

FACTS = Path(__file__).parents[3] / "shared" / "shopify" / "segment_queries.txt"


def lines() -> list[str]:
    """The queries of the fact sheet, without their meanings."""
    texts = FACTS.read_text().splitlines() if FACTS.exists() else []
    return [text.split(" -- ")[0].strip() for text in texts if text and not text.startswith("#")]


@pytest.mark.skipif(not FACTS.exists(), reason="the fact sheet is not beside this checkout")
def test_every_line_of_the_fact_sheet_has_people_of_its_own():
    assert set(lines()) == set(BY_TEXT)


@pytest.mark.parametrize("told", BY_TEXT.values(), ids=list(BY_TEXT))
def test_somebody_is_found_and_somebody_left(told: Told):
    assert told.leaves or told.query == "(number_of_orders >= 1) OR (number_of_orders = 0)"
    assert told.expected or any(
        word in told.query
        for word in ("shopify_email.", "storefront.", "store_credit", "anniversary", "created_by")
    )
