"""Which days the home page is about: a few ready periods, or the days that somebody chose."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.formats import date_format

from orders.numbers.periods import (
    FIRST_DAY,
    LAST_DAY,
    Against,
    Interval,
    Period,
    back,
    today_of,
)
from tenants.models import Tenant

READY = {
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "month": "This month",
    "year": "This year",
}
CHOSEN = "custom"
DEFAULT = "30"
MOST_DAYS = 3_653  # ten years
MOST_OF_DAYS, MOST_OF_WEEKS = 62, 400  # longer periods are drawn by week, then by month


@dataclass(frozen=True, slots=True)
class Choice:
    """A ready period, for the picker."""

    name: str
    title: str
    current: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """The period of the page, and the one that it is compared with."""

    name: str
    period: Period
    before: Period
    mistake: str = ""

    @property
    def interval(self) -> Interval:
        """By what the charts are cut: never more points than a screen can show."""
        if self.period.days <= MOST_OF_DAYS:
            return Interval.DAY
        return Interval.WEEK if self.period.days <= MOST_OF_WEEKS else Interval.MONTH

    @property
    def choices(self) -> list[Choice]:
        """The ready periods."""
        return [Choice(name, title, name == self.name) for name, title in READY.items()]

    @property
    def words(self) -> str:
        """The days, as people write them."""
        return days_in_words(self.period)

    @property
    def before_words(self) -> str:
        """The days that they are compared with."""
        return days_in_words(self.before)

    @property
    def query(self) -> str:
        """What leads to this page again."""
        if self.name != CHOSEN:
            return urlencode({"period": self.name})
        first, last = self.period.first.isoformat(), self.period.last.isoformat()
        return urlencode({"period": CHOSEN, "from": first, "to": last})


def pick(asked: QueryDict, store: Tenant) -> Picked:
    """The period that the address asks for; 30 days, and why, where it makes no sense."""
    name, today = asked.get("period", DEFAULT), today_of(store)
    if name == CHOSEN:
        return pick_chosen(asked, today)
    if name == "month":
        period = Period(today.replace(day=1), today)
        return Picked(name, period, period.before())
    if name == "year":
        period = Period(today.replace(month=1, day=1), today)
        return Picked(name, period, period.before(Against.YEAR))
    days = name if name in READY else DEFAULT
    period = Period(back(today, int(days) - 1), today)
    return Picked(days, period, period.before())


def pick_chosen(asked: QueryDict, today: date) -> Picked:
    """The days that were typed."""
    first, last = day_in(asked.get("from", "")), day_in(asked.get("to", ""))
    fallback = Period(back(today, int(DEFAULT) - 1), today)
    if first is None or last is None:
        mistake = "Give both days, such as 2026-03-01."
    elif last < first:
        mistake = "The last day comes before the first."
    elif (last - first).days >= MOST_DAYS:
        mistake = "Choose at most ten years."
    else:
        period = Period(first, last)
        return Picked(CHOSEN, period, period.before())
    return Picked(DEFAULT, fallback, fallback.before(), mistake)


def day_in(text: str) -> date | None:
    """A day as a date field sends it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The days before the calendar's begin are needed to compare with.
    return day if FIRST_DAY.replace(year=1900) <= day <= LAST_DAY.replace(year=2200) else None


def days_in_words(period: Period) -> str:
    """The first and the last day, or the only one."""
    first, last = (date_format(day, "j M Y") for day in (period.first, period.last))
    return first if first == last else f"{first} – {last}"
