"""Intervals hold what they promise, over many stores that are made up with fixed seeds."""

import numpy as np
import pytest

from campaigns.measuring.lift import ArmSpending, measure_lift, smallest_lift
from campaigns.measuring.proportions import (
    Arm,
    newcombe,
    p_value,
    people_needed,
    power,
    smallest_effect,
    wilson,
)
from campaigns.measuring.revenue import revenue_lift
from campaigns.measuring.variants import decide, plan_power

MEDIAN, SPREAD = np.log(50), 0.7  # of an order's amount: log-normal, as shops' amounts are
# People, the share who order unasked, the rise, the share held out.
SHOPS = {200: (0.25, 0.05, 0.5), 2_000: (0.08, 0.02, 0.3), 20_000: (0.03, 0.006, 0.2)}


def test_newcombes_own_example():
    """Newcombe (1998), table II, row (a): 56/70 against 48/80."""
    found = newcombe(Arm(70, 56), Arm(80, 48))

    assert found.estimate == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_wilsons_interval_of_nobody_is_everything():
    assert (wilson(Arm(0, 0)).low, wilson(Arm(0, 0)).high) == (0, 1)


@pytest.mark.parametrize("converted", [0, 50])
def test_an_arm_without_a_difference_is_no_division_by_zero(converted):
    assert p_value(Arm(50, converted), Arm(50, converted)) == 1


def test_the_size_that_is_needed_finds_the_effect():
    people = people_needed(0.1, 0.02)

    assert power(0.1, 0.02, (people, people)) >= 0.8
    assert power(0.1, 0.02, (people - 1, people - 1)) < 0.8
    assert smallest_effect(0.1, (people, people)) == pytest.approx(0.02, rel=0.01)


def test_below_ten_conversions_nothing_is_told():
    found = measure_lift(
        treated=ArmSpending(500, [10.0] * 40), holdout=ArmSpending(50, [10.0] * 9), seed=1
    )

    assert (found.conversion, found.revenue) == (None, None)
    assert "40, 9" in found.refusal


def test_the_same_seed_gives_the_same_interval():
    arms = {"treated": [5.0] * 30 + [90.0], "control": [5.0] * 20}
    told = {"treated_people": 300, "control_people": 300}

    assert revenue_lift(**arms, **told, seed=3) == revenue_lift(**arms, **told, seed=3)


def test_what_an_audience_can_show_shrinks_with_it():
    large = smallest_lift(people=20_000, holdout_percent=20, base=0.03)
    small = smallest_lift(people=2_000, holdout_percent=20, base=0.03)

    assert large < small
    assert smallest_lift(people=4, holdout_percent=20, base=0.03) is None


# --- Coverage ---------------------------------------------------------------------------------


def simulate(people: int, stores: int, seed: int) -> dict[str, float]:
    """How often the true lift lies within the interval, and the median width over that of who
    knows the true variance."""
    base, rise, held = SHOPS[people]
    random = np.random.default_rng(seed)
    control = round(people * held)
    treated = people - control
    mean = np.exp(MEDIAN + SPREAD**2 / 2)
    square = np.exp(2 * MEDIAN + 2 * SPREAD**2)
    truth = {"conversion": rise, "revenue": rise * mean}
    variance = {
        "conversion": lambda p: p * (1 - p),
        "revenue": lambda p: p * square - (p * mean) ** 2,
    }
    inside = {"conversion": 0, "revenue": 0}
    widths: dict[str, list[float]] = {"conversion": [], "revenue": []}
    for store in range(stores):
        amounts = [
            random.lognormal(MEDIAN, SPREAD, random.binomial(n, p))
            for n, p in ((treated, base + rise), (control, base))
        ]
        found = measure_lift(
            treated=ArmSpending(treated, amounts[0]),
            holdout=ArmSpending(control, amounts[1]),
            seed=store,
        )
        for name in inside:
            interval = getattr(found, name)
            inside[name] += interval.low <= truth[name] <= interval.high
            widths[name].append(interval.width)
    told = {}
    for name, spread in variance.items():
        known = 2 * 1.96 * np.sqrt(spread(base + rise) / treated + spread(base) / control)
        told[f"{name} covered"] = inside[name] / stores
        told[f"{name} width"] = float(np.median(widths[name]) / known)
    return told


def test_intervals_cover_in_a_small_shop():
    """The short form: 300 stores of 200; of 300, 95 % are found within 3.2 points of 95."""
    found = simulate(200, stores=300, seed=1)

    for name in ("conversion", "revenue"):
        assert 0.918 <= found[f"{name} covered"] <= 0.985
        assert found[f"{name} width"] <= 1.15


@pytest.mark.slow
@pytest.mark.parametrize("people", SHOPS)
def test_intervals_cover_over_two_thousand_stores(people):
    found = simulate(people, stores=2_000, seed=7)

    for name in ("conversion", "revenue"):
        assert 0.935 <= found[f"{name} covered"] <= 0.97, found
        assert found[f"{name} width"] <= 1.15, found


# --- Variants ---------------------------------------------------------------------------------


def winners(base: float, rise: float, people: int, tests: int, variants: int = 2) -> float:
    """How often another variant than A wins."""
    random = np.random.default_rng(11)
    won = 0
    for _ in range(tests):
        arms = {"A": Arm(people, int(random.binomial(people, base)))}
        for number in range(1, variants):
            rate = base + (rise if number == 1 else 0)
            arms[chr(ord("A") + number)] = Arm(people, int(random.binomial(people, rate)))
        won += decide(arms).winner != "A"
    return won / tests


@pytest.mark.parametrize("variants", [2, 4])
def test_equal_variants_seldom_make_a_winner(variants):
    assert winners(0.05, 0, people=2_000, tests=2_000, variants=variants) <= 0.05


def test_the_stated_effect_is_found_in_four_of_five():
    told = plan_power(people=2_000, base=0.05, variants=2)

    assert winners(0.05, told.smallest, people=2_000, tests=2_000) >= 0.8 - 0.03


def test_the_power_of_a_test_is_told_beforehand():
    told = plan_power(people=told_size(), base=0.05, variants=2)

    assert told.smallest == pytest.approx(0.01, rel=0.02)


def told_size() -> int:
    return plan_power(people=100, base=0.05, variants=2).for_a_fifth


def test_where_chance_cannot_be_ruled_out_a_stays():
    decided = decide({"A": Arm(100, 10), "B": Arm(100, 12)})

    assert (decided.winner, decided.proven) == ("A", False)


def test_a_worse_variant_never_wins():
    decided = decide({"A": Arm(1_000, 200), "B": Arm(1_000, 100)})

    assert (decided.winner, decided.proven) == ("A", True)
