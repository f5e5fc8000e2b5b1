"""One invoice per number, dated by its first line; the fixture has its own totals."""

import csv
import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

from bench.events import clean_story, whole_story
from bench.fixture import first_invoices, summary
from bench.online_retail import clean, pence, read_invoices
from bench.tests.shop import FIXTURE, invoice, signed
from tests import oracle

TOTALS = json.loads(FIXTURE.with_name("online_retail_500.json").read_text())


def write(path: Path, *rows: str) -> Path:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_an_invoice_is_dated_by_its_first_line_and_may_be_interrupted(tmp_path: Path) -> None:
    file = write(
        tmp_path / "lines.csv",
        "1,A,a,1,2011-01-01T08:00:00,2.50,7,Norway",
        "2,A,a,1,2011-01-01T08:00:00,2.50,,Norway",
        "1,B,b,3,2011-01-01T08:01:00,1,7,Norway",
    )

    first, second = read_invoices(file)

    assert (first.date, first.customer, second.customer) == ("2011-01-01T08:00:00+00:00", 7, None)
    assert [(line.position, line.stock_code) for line in first.lines] == [(1, "A"), (2, "B")]


def test_the_clean_rule_counts_what_it_leaves_out() -> None:
    sold = invoice("1", 0, ("A", 1, "2.00"), ("B", 1, "0.00"), ("C", -1, "2.00"))
    empty = invoice("2", 1, ("A", 1, "0"))
    guest = invoice("3", 2, ("A", 1, "1"), ("A", 1, "1"), customer=None)
    refund = invoice("C4", 3, ("A", -1, "2.00"))

    kept, left_out = clean([sold, empty, guest, refund])

    assert [(order.number, len(order.lines)) for order in kept] == [("1", 1)]
    assert left_out == {
        "lines with quantity or price not above 0": 3,
        "invoices left with no line": 1,
        "lines without a customer": 2,
        "lines of C invoices": 1,
    }


def test_totals_are_rounded_half_even_to_pence() -> None:
    assert pence(Decimal("0.005")) == Decimal("0.00")
    assert pence(Decimal("0.015")) == Decimal("0.02")
    assert invoice("1", 0, ("A", 1, "0.001"), ("B", 2, "1.95")).total == Decimal("3.90")


def test_the_fixture_has_its_own_totals() -> None:
    assert summary(FIXTURE) == TOTALS


def test_the_fixture_ends_with_its_500th_clean_order() -> None:
    invoices = read_invoices(FIXTURE)

    assert first_invoices(invoices) == {invoice.number for invoice in invoices}
    assert clean(invoices)[0][-1].number == invoices[-1].number


def test_the_limit_cuts_the_story_and_not_an_order() -> None:
    invoices = read_invoices(FIXTURE)

    assert clean_story(invoices, 20).events == clean_story(invoices).events[:20]
    assert whole_story(invoices, 20).orders == 20


def test_the_oracle_agrees_with_the_fixture_totals() -> None:
    invoices = read_invoices(FIXTURE)

    for name, story in ("clean", clean_story(invoices)), ("whole", whole_story(invoices)):
        rows = oracle.expected(signed(story.events))
        totals = TOTALS[name]

        assert [len(rows.customers), len(rows.orders), len(rows.lines), len(rows.refunds)] == [
            totals[key] for key in ("customers", "orders", "lines", "refunds")
        ]
        assert str(rows.revenue) == totals["revenue"]
        for customer, best in totals["best_customers"].items():
            row = rows.customers[int(customer)]
            assert (row.orders_count, str(row.total_spent)) == (best["orders"], best["spent"])


def test_the_payloads_agree_with_the_csv_customer_by_customer() -> None:
    rows = oracle.expected(signed(clean_story(read_invoices(FIXTURE)).events))

    by_customer = {
        row.shopify_id: (row.orders_count, row.total_spent) for row in rows.customers.values()
    }

    assert by_customer == oracle.clean_totals(FIXTURE)


def test_every_column_of_the_fixture_is_the_sources() -> None:
    with gzip.open(FIXTURE, "rt", newline="") as file:
        widths = Counter(len(row) for row in csv.reader(file))

    assert widths == {8: TOTALS["source_lines"] + 1}
