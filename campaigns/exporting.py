"""Messages as CSV, a bounded page at a time."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# With one of these a spreadsheet takes a cell for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_ROWS = 10_000


def to_csv(rows: Iterable[Sequence[Any]], headers: Sequence[str] = ()) -> str:
    """The rows as RFC 4180 has them, moments in ISO 8601; headers, where there are any, first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if headers:
        writer.writerow(headers)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: Any) -> str:
    """The value as text that no spreadsheet runs; of nothing, nothing."""
    if value is None:
        return ""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
