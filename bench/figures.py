"""Figures of a bench: repetitions of two things in turn, and the row of the table they make."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import inf
from statistics import median
from typing import Any

REPETITIONS = 5


@dataclass(frozen=True)
class Figure:
    """One row of the table. `value` is held against gate and aim; both None: for information."""

    work: str
    against: str
    ours: str
    base: str
    value: float
    shown: str
    gate: float | None = None
    aim: float | None = None
    more_is_better: bool = True
    slack: bool = False  # met by another rule, which `shown` tells
    rate: float = 0.0  # ours a second, where another row is measured by it

    @property
    def verdict(self) -> str:
        """Whether the gate and the aim are met."""
        if self.gate is None or self.aim is None:
            return "–"
        if self.reaches(self.aim):
            return "aim met"
        return "gate met" if self.slack or self.reaches(self.gate) else "**missed**"

    def reaches(self, limit: float) -> bool:
        """Whether the value is on the right side."""
        return self.value >= limit if self.more_is_better else self.value <= limit

    def as_dict(self) -> dict[str, Any]:
        """For the way between processes."""
        return asdict(self)


def in_turn(
    *works: Callable[[], float],
    times: int = REPETITIONS,
    on_done: Callable[[], object],
    seconds: float = inf,
) -> list[list[float]]:
    """Run base, ours, base, ours, …; the results of each, so that noise meets both alike.

    After so many seconds no further round begins: what takes long is less a matter of chance.
    """
    results: list[list[float]] = [[] for _ in works]
    began = time.monotonic()
    for turn in range(times):
        goes_on = turn == 0 or time.monotonic() - began < seconds
        for work, found in zip(works, results, strict=True):
            if goes_on:
                found.append(work())
            on_done()
    return results


def middle(values: list[float]) -> float:
    """The median."""
    return median(values)


def spread(values: list[float]) -> str:
    """Lowest and highest, to show how quiet the machine was."""
    return f"{min(values):,.0f}–{max(values):,.0f}"
