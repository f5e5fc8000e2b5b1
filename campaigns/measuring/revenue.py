"""Revenue per recipient of two arms, with a bootstrap-t interval.

Source: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 12.5, in
its symmetric form (P. Hall, "The Bootstrap and Edgeworth Expansion", 1992, chapter 3.6), which
keeps its promise in small and skewed arms where the two-sided one falls short;
the draws are of whole people, of whom most spent nothing, so only those who spent are drawn.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from campaigns.measuring.proportions import CONFIDENCE, Interval

if TYPE_CHECKING:
    from numpy import ndarray
    from numpy.random import Generator

DRAWS = 1_999
MOST_AT_ONCE = 4_000_000  # drawn amounts in memory; larger arms are drawn in parts


def revenue_lift(
    *,
    treated: Sequence[float],
    treated_people: int,
    control: Sequence[float],
    control_people: int,
    seed: int,
    confidence: float = CONFIDENCE,
    draws: int = DRAWS,
) -> Interval:
    """Revenue per treated person minus per control person.

    `treated` and `control` are the amounts of those who spent anything, the people all who were
    planned. The same seed gives the same interval. ValueError for an arm of fewer than two.
    """
    import numpy as np

    if min(treated_people, control_people) < 2:
        raise ValueError("an arm needs two people")
    random = np.random.default_rng(seed)
    one, other = np.asarray(treated, float), np.asarray(control, float)
    mean, error = moments(one.sum(), np.square(one).sum(), treated_people)
    base, base_error = moments(other.sum(), np.square(other).sum(), control_people)
    difference, deviation = float(mean - base), float(np.sqrt(error + base_error))
    if not deviation:
        return Interval(difference, difference, difference)
    means, errors = drawn(random, one, treated_people, draws)
    bases, base_errors = drawn(random, other, control_people, draws)
    deviations = np.sqrt(errors + base_errors)
    usable = deviations > 0
    ratios = ((means - bases)[usable] - difference) / deviations[usable]
    half = float(np.quantile(np.abs(ratios), confidence)) * deviation
    return Interval(difference, difference - half, difference + half)


def moments(total: "ndarray", squares: "ndarray", people: int) -> "tuple[ndarray, ndarray]":
    """Mean per person, and the squared standard error of that mean."""
    import numpy as np

    mean = total / people
    variance = np.maximum(squares - people * np.square(mean), 0) / (people - 1)
    return mean, variance / people


def drawn(
    random: "Generator", amounts: "ndarray", people: int, draws: int
) -> "tuple[ndarray, ndarray]":
    """Mean and squared error of so many draws of the arm, with replacement."""
    import numpy as np

    totals, squares = np.zeros(draws), np.zeros(draws)
    if len(amounts):
        counts = random.binomial(people, len(amounts) / people, draws)
        part = max(1, int(MOST_AT_ONCE / max(1, len(amounts))))
        for first in range(0, draws, part):
            here = counts[first : first + part]
            values = amounts[random.integers(0, len(amounts), here.sum())]
            owner = np.repeat(np.arange(len(here)), here)
            totals[first : first + part] = np.bincount(owner, values, len(here))
            squares[first : first + part] = np.bincount(owner, np.square(values), len(here))
    return moments(totals, squares, people)
