"""When people buy: months, weekdays, hours and promotions."""

from dataclasses import dataclass
from datetime import date

FIRST_DAYS = 396  # how long before its making the store opened: thirteen months
ORDERS_A_DAY = 3.45

MONTHS = {
    1: 0.85, 2: 0.75, 3: 0.85, 4: 0.9, 5: 1.0, 6: 0.95,
    7: 0.85, 8: 0.8, 9: 0.95, 10: 1.05, 11: 1.4, 12: 1.75,
}  # fmt: skip
# Monday first: people look on Sunday evening and buy until Monday.
WEEKDAYS = (1.15, 0.95, 0.9, 0.95, 0.9, 0.95, 1.2)
# After the last day for posting nobody buys presents any more.
QUIET_DAYS = frozenset({(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)})
HOURS = {
    7: 2, 8: 4, 9: 4, 10: 4, 11: 4, 12: 7, 13: 6, 14: 4, 15: 4,
    16: 4, 17: 5, 18: 6, 19: 8, 20: 10, 21: 9, 22: 5, 23: 2,
}  # fmt: skip


@dataclass(frozen=True)
class Promotion:
    """A code that works on some days of every year, and draws people in."""

    code: str
    percent: int
    begins: tuple[int, int]
    ends: tuple[int, int]
    pull: float


PROMOTIONS = (
    Promotion("WARMUP15", 15, (11, 20), (11, 30), 1.7),
    Promotion("LASTPOST10", 10, (12, 10), (12, 18), 1.4),
    Promotion("NEWYEAR20", 20, (1, 2), (1, 14), 1.5),
    Promotion("SPRING10", 10, (3, 18), (4, 2), 1.3),
    Promotion("LONGDAYS15", 15, (6, 18), (7, 2), 1.4),
)
WELCOME = Promotion("WELCOME10", 10, (1, 1), (12, 31), 1.0)


def find_promotion(day: date) -> Promotion | None:
    """The promotion of the day."""
    today = (day.month, day.day)
    return next((p for p in PROMOTIONS if p.begins <= today <= p.ends), None)


def expected_orders(day: date, opening: date) -> float:
    """How many orders the day brings on average: a young shop grows for a year."""
    if (day.month, day.day) in QUIET_DAYS:
        return 0.8
    growth = 0.65 + 0.7 * min((day - opening).days / 365, 1.0)
    promotion = find_promotion(day)
    pull = promotion.pull if promotion else 1.0
    return ORDERS_A_DAY * MONTHS[day.month] * WEEKDAYS[day.weekday()] * growth * pull
