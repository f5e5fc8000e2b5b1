"""Every published query finds whom its plain-English meaning says: SQL and explain, by hand."""

from pathlib import Path

import pytest

from customers.models import Customer
from segments.explaining import explain
from segments.language.parser import parse
from tests.segments.asking import by_sql, clock_of, in_a_store
from tests.segments.more_published import MORE
from tests.segments.people import NOON, Told
from tests.segments.published import BY_TEXT
from tests.segments.stores import Case

FACTS = Path(__file__).parents[3] / "shared" / "shopify" / "segment_queries.txt"
WRITTEN = {**BY_TEXT, **MORE}
# Of which this install has no data: they mean nobody, or, negated, everybody.
WITHOUT_DATA = ("shopify_email.", "storefront", "store_credit", "anniversary", "created_by",
                "customer.")  # fmt: skip


def lines() -> list[str]:
    """The queries of the fact sheet, without their meanings."""
    texts = FACTS.read_text().splitlines() if FACTS.exists() else []
    return [text.split(" -- ")[0].strip() for text in texts if text and not text.startswith("#")]


@pytest.mark.skipif(not FACTS.exists(), reason="the fact sheet is not beside this checkout")
def test_every_line_of_the_fact_sheet_has_people_of_its_own():
    assert set(lines()) == set(BY_TEXT)


def test_each_finds_somebody_and_leaves_somebody():
    for told in WRITTEN.values():
        if not any(word in told.query for word in WITHOUT_DATA):
            assert told.expected, told.query
            assert told.leaves or "number_of_orders = 0)" in told.query, told.query


@pytest.mark.django_db
@pytest.mark.parametrize("told", WRITTEN.values(), ids=list(WRITTEN))
def test_it_finds_whom_it_means_and_says_so_of_each(told: Told):
    node, clock = parse(told.query), clock_of(told.store, NOON)

    def work(tenant):
        assert set(by_sql(node, clock)) == told.expected
        for who in Customer.objects.all():
            verdict = explain(node, customer=who, clock=clock)
            assert verdict.holds == (who.shopify_id in told.expected), who.shopify_id

    in_a_store(Case(told.store, NOON), work)
