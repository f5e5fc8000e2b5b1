"""How long a fit of when customers buy takes: CDNOW's sample ten times over, in a fresh process."""

import csv
import gzip
import json
import time
from collections import defaultdict
from datetime import date

from bench.figures import REPETITIONS, Figure, middle
from bench.machinery import ROOT

FILE = ROOT.parent / "shared" / "data" / "cdnow_sample.csv.gz"
UNTIL = date(1997, 9, 30)
TIMES = 10
GATE, AIM = 10.0, 3.0  # seconds


def measurements() -> int:
    """How many single ones there are; none without the file."""
    return REPETITIONS if FILE.exists() else 0


def histories() -> list[tuple[float, float, float]]:
    """How often each customer came back, when last, and how long ago they began; in weeks."""
    days = defaultdict(set)
    with gzip.open(FILE, "rt") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}")
            if day <= UNTIL:
                days[row["master_id"]].add(day)
    return [
        (len(each) - 1, (max(each) - min(each)).days / 7, (UNTIL - min(each)).days / 7)
        for each in days.values()
    ]


def main() -> None:
    """Print the figure as JSON, and a line `done` for each measurement."""
    if not FILE.exists():
        return
    rows = histories() * TIMES
    taken = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        import numpy as np

        from orders.predicting.buying import fit_buying, grouped

        found = fit_buying(grouped(*np.array(rows, float).T))
        taken.append(time.perf_counter() - start)
        print("done", flush=True)
    took, first = middle(taken), taken[0]
    model = found.model
    figure = Figure(
        f"BG/NBD fitted to {len(rows):,} customers",
        f"a process's first time, scipy imported: {first:.1f} s",
        f"{took:.2f} s",
        "–",
        took,
        f"{took:.2f} s (r {model.r:.3f}, α {model.alpha:.3f}, a {model.a:.3f}, b {model.b:.3f})",
        GATE,
        AIM,
        more_is_better=False,
    )
    print(json.dumps(figure.as_dict()), flush=True)


if __name__ == "__main__":
    main()
