"""The CDNOW sample: the customers on which the papers print their figures."""

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from orders.predicting.reading import Buyers

FILE = Path(__file__).parents[4] / "shared" / "data" / "cdnow_sample.csv.gz"
CALIBRATED_TO, WATCHED_TO = date(1997, 9, 30), date(1998, 6, 30)

needs_cdnow = pytest.mark.skipif(not FILE.exists(), reason="needs ../shared/data")


def days_of_customers() -> list[dict[date, float]]:
    """What each spent on which day."""
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    with gzip.open(FILE, "rt") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["date"])
            found[row["master_id"]][day] += float(row["dollar_value"])
    return list(found.values())


def calibrated() -> Buyers:
    """Each up to the day of the papers; what was paid is of the repeats alone, as theirs is."""
    rows = []
    for number, days in enumerate(days_of_customers()):
        first, *repeats = sorted(day for day in days if day <= CALIBRATED_TO)
        later = [spent for day, spent in days.items() if day > CALIBRATED_TO]
        last = repeats[-1] if repeats else first
        rows.append((
            number, len(repeats), (last - first).days / 7, (CALIBRATED_TO - first).days / 7,
            len(repeats), sum(days[day] for day in repeats), len(later), sum(later),
        ))  # fmt: skip
    return Buyers(*np.array(rows, float).T)
