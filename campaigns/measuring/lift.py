"""What a campaign brought over what would have come anyway: treated against holdout.

By intention to treat: everyone planned belongs to their arm, bounced or not, from the freeze on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.measuring.proportions import Arm, Interval, newcombe, smallest_effect
from campaigns.measuring.revenue import DRAWS, revenue_lift

FEWEST = 10  # conversions in each arm; below it the intervals promise more than they hold


@dataclass(frozen=True, slots=True)
class ArmSpending:
    """An arm's people, and the amounts of those who ordered."""

    people: int
    amounts: Sequence[float]

    @property
    def arm(self) -> Arm:
        """How many of them ordered."""
        return Arm(self.people, len(self.amounts))


@dataclass(frozen=True, slots=True)
class Lift:
    """The difference between the arms, or (both None) why it is not told."""

    treated: Arm
    holdout: Arm
    conversion: Interval | None
    revenue: Interval | None
    refusal: str = ""


def measure_lift(
    *, treated: ArmSpending, holdout: ArmSpending, seed: int, draws: int = DRAWS
) -> Lift:
    """Conversion and revenue per recipient, each with its interval at 95 %."""
    one, other = treated.arm, holdout.arm
    if min(one.converted, other.converted) < FEWEST:
        reason = f"Each arm needs {FEWEST} people who ordered: {one.converted}, {other.converted}."
        return Lift(one, other, None, None, reason)
    return Lift(
        one,
        other,
        newcombe(one, other),
        revenue_lift(
            treated=treated.amounts,
            treated_people=treated.people,
            control=holdout.amounts,
            control_people=holdout.people,
            seed=seed,
            draws=draws,
        ),
    )


def smallest_lift(*, people: int, holdout_percent: float, base: float) -> float | None:
    """The smallest rise of the share who order that such a campaign can show, before sending."""
    held = round(people * holdout_percent / 100)
    return smallest_effect(base, (held, people - held))
