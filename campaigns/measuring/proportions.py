"""Shares of people who did something: intervals, tests, and how large an effect can be seen.

Sources: R. G. Newcombe, "Interval estimation for the difference between independent proportions",
Statistics in Medicine 17 (1998), method 10; J. L. Fleiss, B. Levin and M. C. Paik, "Statistical
Methods for Rates and Proportions" (2003), chapter 4, for size and power.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
POWER = 0.8
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Arm:
    """So many people, of whom so many did it."""

    people: int
    converted: int

    @property
    def rate(self) -> float:
        """The share, 0 of nobody."""
        return self.converted / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its confidence interval."""

    estimate: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """From end to end."""
        return self.high - self.low


def z_of(confidence: float) -> float:
    """How many standard deviations hold this share of a normal distribution, on both sides."""
    return NORMAL.inv_cdf(0.5 + confidence / 2)


def wilson(arm: Arm, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval of one share."""
    if not arm.people:
        return Interval(0.0, 0.0, 1.0)
    z, n, p = z_of(confidence), arm.people, arm.rate
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half))


def newcombe(treated: Arm, control: Arm, confidence: float = CONFIDENCE) -> Interval:
    """The treated share minus the control's, by Newcombe's hybrid score interval."""
    one, other = wilson(treated, confidence), wilson(control, confidence)
    difference = treated.rate - control.rate
    below = sqrt((one.estimate - one.low) ** 2 + (other.high - other.estimate) ** 2)
    above = sqrt((one.high - one.estimate) ** 2 + (other.estimate - other.low) ** 2)
    return Interval(difference, difference - below, difference + above)


def p_value(one: Arm, other: Arm) -> float:
    """How often chance alone makes a difference as large, in either direction; pooled z-test."""
    people = one.people + other.people
    if not one.people or not other.people:
        return 1.0
    pooled = (one.converted + other.converted) / people
    deviation = sqrt(pooled * (1 - pooled) * (1 / one.people + 1 / other.people))
    if not deviation:
        return 1.0
    return 2 * (1 - NORMAL.cdf(abs(one.rate - other.rate) / deviation))


def power(base: float, effect: float, people: tuple[int, int], level: float = 0.05) -> float:
    """How often a true difference of `effect` over the rate `base` is found by `p_value`."""
    p, q = base, base + effect
    n, m = people
    if not n or not m or not 0 <= q <= 1:
        return 0.0
    pooled = (n * p + m * q) / (n + m)
    null = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    true = sqrt(p * (1 - p) / n + q * (1 - q) / m)
    if not true:
        return float(effect != 0)
    z = NORMAL.inv_cdf(1 - level / 2)
    return NORMAL.cdf((abs(effect) - z * null) / true) + NORMAL.cdf(
        (-abs(effect) - z * null) / true
    )


def smallest_effect(base: float, people: tuple[int, int], level: float = 0.05) -> float | None:
    """The smallest rise over `base` that is found in 4 of 5 cases; None when none is."""
    low, high = 0.0, 1.0 - base
    if power(base, high, people, level) < POWER:
        return None
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if power(base, middle, people, level) >= POWER else (middle, high)
    return high


def people_needed(base: float, effect: float, level: float = 0.05) -> int:
    """How many people in each of two equal arms find this effect in 4 of 5 cases."""
    low, high = 1, 2
    while power(base, effect, (high, high), level) < POWER:
        high *= 2
        if high > 10**9:
            raise ValueError("no size finds an effect of nothing")
    while low < high:
        middle = (low + high) // 2
        found = power(base, effect, (middle, middle), level) >= POWER
        low, high = (low, middle) if found else (middle + 1, high)
    return high
