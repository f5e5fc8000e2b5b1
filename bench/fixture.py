#!/usr/bin/env python3
"""Cut the tests' fixture out of the Online Retail file: the shop's first 500 clean orders.

    python bench/fixture.py ../shared/data/online_retail.csv.gz tests/data

It takes every invoice up to the 500th clean one, clean or not, so that the same days can be
replayed whole, and writes the totals beside it.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

# Run as a file, Python looks for modules beside this one only; `bench` lies one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.events import Event, Story, clean_story, whole_story
from bench.online_retail import Invoice, clean, read_invoices, read_rows

NAME = "online_retail_500"
ORDERS = 500


def main() -> int:
    """Write the fixture and its totals; print the totals."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    numbers = first_invoices(read_invoices(source))
    rows = [row for row in read_rows(source) if row["InvoiceNo"] in numbers]
    (folder / f"{NAME}.csv.gz").write_bytes(_gzipped(rows))
    totals = json.dumps(summary(folder / f"{NAME}.csv.gz"), indent=2)
    (folder / f"{NAME}.json").write_text(totals + "\n", encoding="utf-8")
    print(totals)
    return 0


def first_invoices(invoices: list[Invoice]) -> set[str]:
    """The numbers of the invoices up to the last of the first clean orders."""
    last = clean(invoices, ORDERS)[0][-1]
    numbers = [invoice.number for invoice in invoices]
    return set(numbers[: numbers.index(last.number) + 1])


def summary(path: Path) -> dict[str, Any]:
    """The totals of both replays of a file."""
    invoices = read_invoices(path)
    return {
        "source_lines": sum(len(invoice.lines) for invoice in invoices),
        "source_invoices": len(invoices),
        "clean": _totals(clean_story(invoices)),
        "whole": _totals(whole_story(invoices)),
    }


def _totals(story: Story) -> dict[str, Any]:
    newest = {event.order.number: event for event in story.events}.values()
    spent: dict[int, tuple[int, Decimal]] = {}
    for event in newest:
        if (customer := event.order.customer) is not None:
            count, amount = spent.get(customer, (0, Decimal(0)))
            spent[customer] = (count + 1, amount + _current(event))
    most = sorted(spent.items(), key=lambda item: (-item[1][1], item[0]))[:5]
    return {
        "deliveries": len(story.events),
        "orders": len(newest),
        "guest_orders": sum(event.order.customer is None for event in newest),
        "customers": len(spent),
        "lines": sum(len(event.order.lines) for event in newest),
        "refunds": sum(len(event.refunds) for event in newest),
        "revenue": str(sum((event.order.total for event in newest), Decimal(0))),
        "current_revenue": str(sum(map(_current, newest), Decimal(0))),
        "left_out": {reason: count for reason, count in sorted(story.left_out.items()) if count},
        "best_customers": {
            str(customer): {"orders": count, "spent": str(amount)}
            for customer, (count, amount) in most
        },
    }


def _current(event: Event) -> Decimal:
    return event.order.total - sum((refund.amount for refund in event.refunds), Decimal(0))


def _gzipped(rows: Iterable[dict[str, str]]) -> bytes:
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    # No time inside: the same source gives the same bytes.
    return gzip.compress(text.getvalue().encode(), mtime=0)


if __name__ == "__main__":
    sys.exit(main())
