"""Which variant is better, decided once, at a size that was planned before.

Looked at once, a difference that is told from chance at 5 % is a false winner in at most 5 of 100
tests of equal variants. With more than two, each is compared with A and the level is divided by
how many comparisons there are (Bonferroni).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.measuring.proportions import Arm, p_value, people_needed, smallest_effect

LEVEL = 0.05
FIRST = "A"


@dataclass(frozen=True, slots=True)
class Decision:
    """The variant that everybody else gets; `proven` when the difference is no chance."""

    winner: str
    proven: bool
    p_value: float


def decide(arms: Mapping[str, Arm]) -> Decision:
    """The best of the variants that are told from A; A when none is."""
    others = {key: arm for key, arm in arms.items() if key != FIRST}
    level = LEVEL / max(1, len(others))
    first = arms[FIRST]
    tested = {key: p_value(arm, first) for key, arm in others.items()}
    better = [key for key, p in tested.items() if p < level and others[key].rate > first.rate]
    if better:
        winner = max(better, key=lambda key: (others[key].rate, key))
        return Decision(winner, True, tested[winner])
    lowest = min(tested.values(), default=1.0)
    worse = bool(tested) and all(
        p < level and others[key].rate < first.rate for key, p in tested.items()
    )
    return Decision(FIRST, worse, lowest)


@dataclass(frozen=True, slots=True)
class Power:
    """What a test of a size can show: the smallest rise over `base` found in 4 of 5 cases, and
    how many people a variant needs to find a rise by a fifth."""

    people: int
    smallest: float | None
    for_a_fifth: int


def plan_power(*, people: int, base: float, variants: int) -> Power:
    """The power of a test with so many people a variant, at this rate of clicks or orders."""
    level = LEVEL / max(1, variants - 1)
    return Power(
        people,
        smallest_effect(base, (people, people), level),
        people_needed(base, base / 5, level),
    )
