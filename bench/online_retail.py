"""Read the UCI Online Retail file: its lines, gathered into the shop's invoices."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

PENNY = Decimal("0.01")


class Line(NamedTuple):
    """One line of an invoice; `position` counts from 1 over all its lines, kept or not."""

    position: int
    stock_code: str
    description: str
    quantity: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice, dated by its first line; `date` is ISO 8601 in UTC, so it sorts as text."""

    number: str
    date: str
    customer: int | None
    country: str
    lines: tuple[Line, ...]

    @property
    def is_refund(self) -> bool:
        """A C invoice: what came back."""
        return self.number.startswith("C")

    @property
    def is_adjustment(self) -> bool:
        """One of the three "Adjust bad debt" entries, which are no sale of anything."""
        return self.number.startswith("A")

    @property
    def total(self) -> Decimal:
        """The sum of the lines, rounded once."""
        return pence(sum((line.quantity * line.price for line in self.lines), Decimal(0)))


def pence(amount: Decimal) -> Decimal:
    """The amount in whole pence, half-even."""
    return amount.quantize(PENNY)


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The file's rows as they stand; it may be gzipped or plain."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_invoices(path: Path) -> list[Invoice]:
    """Every invoice of the file, in the order of their first lines (the file is sorted by time)."""
    first_rows: dict[str, dict[str, str]] = {}
    lines: dict[str, list[Line]] = {}
    for row in read_rows(path):
        number = row["InvoiceNo"]
        first_rows.setdefault(number, row)
        # By number and not by run: one invoice of the file is interrupted by another.
        of_invoice = lines.setdefault(number, [])
        of_invoice.append(_line(row, len(of_invoice) + 1))
    return [_invoice(row, lines[number]) for number, row in first_rows.items()]


def _line(row: dict[str, str], position: int) -> Line:
    return Line(
        position,
        row["StockCode"],
        row["Description"],
        int(row["Quantity"]),
        Decimal(row["UnitPrice"]),
    )


def _invoice(first: dict[str, str], lines: Iterable[Line]) -> Invoice:
    customer = first["CustomerID"]
    return Invoice(
        number=first["InvoiceNo"],
        # The file names no time zone; taken as UTC, no local hour is missing or comes twice.
        date=first["InvoiceDate"] + "+00:00",
        customer=int(customer) if customer else None,
        country=first["Country"],
        lines=tuple(lines),
    )


def clean(
    invoices: Iterable[Invoice], limit: int | None = None
) -> tuple[list[Invoice], Counter[str]]:
    """Customer known, not a C invoice, quantity > 0, price > 0; and what this left out, by reason.

    With a limit it looks no further than that many kept invoices.
    """
    kept: list[Invoice] = []
    left_out = Counter[str]()
    for invoice in invoices:
        if len(kept) == limit:
            break
        if invoice.is_refund or invoice.customer is None:
            reason = "of C invoices" if invoice.is_refund else "without a customer"
            left_out[f"lines {reason}"] += len(invoice.lines)
            continue
        sold = tuple(line for line in invoice.lines if line.quantity > 0 and line.price > 0)
        left_out["lines with quantity or price not above 0"] += len(invoice.lines) - len(sold)
        if sold:
            kept.append(replace(invoice, lines=sold))
        else:
            left_out["invoices left with no line"] += 1
    return kept, left_out
