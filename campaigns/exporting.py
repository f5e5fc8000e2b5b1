"""Messages as CSV, a bounded page at a time."""

from collections.abc import Iterable, Sequence
from typing import Any

from xeno.lib.sheets import csv_text

MOST_ROWS = 10_000


def to_csv(rows: Iterable[Sequence[Any]], headers: Sequence[str] = ()) -> str:
    """The rows as RFC 4180 has them, moments in ISO 8601; headers, where there are any, first."""
    return csv_text([*([headers] if headers else []), *rows])
