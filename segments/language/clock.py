"""When and where a query is asked: whole days begin and end in the store's time zone."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from segments.language.tree import DateValue, Day, Moment, Named, Offset

MONTHS = {"m": 1, "y": 12}
DAYS = {"d": 1, "w": 7}
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)  # room for a zone on either side


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of the question (aware) and the store's zone and currency."""

    now: datetime
    zone: ZoneInfo
    currency: str = ""

    @property
    def today(self) -> date:
        """The store's day."""
        return self.now.astimezone(self.zone).date()

    def day_of(self, value: DateValue) -> date:
        """The store's day that the value names; of a moment, the day in which it lies."""
        match value:
            case Day():
                return within(value.value)
            case Moment():
                return within(value.value.date())
            case Named():
                return shifted(self.today, -1 if value.name == "yesterday" else 0, "d")
            case Offset():
                return shifted(self.today, value.count, value.unit)

    def start_of(self, day: date) -> datetime:
        """The first moment of the store's day, in UTC; where midnight is skipped, what follows."""
        return datetime.combine(within(day), time.min, self.zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The first moment after the store's day, in UTC."""
        return self.start_of(shifted(day, 1, "d"))

    def moment_of(self, value: Moment) -> datetime:
        """The moment of the store's clock, in UTC; of an hour that comes twice, the first."""
        local = datetime.combine(within(value.value.date()), value.value.time(), self.zone)
        return local.astimezone(UTC)


def within(day: date) -> date:
    """The day, or the nearest one that every time zone can hold."""
    return min(max(day, FIRST_DAY), LAST_DAY)


def shifted(day: date, count: int, unit: str) -> date:
    """The day so many days, weeks, months or years later (earlier when negative).

    One month from 31 January is the last day of February. Beyond the calendar it stops.
    """
    try:
        if unit in DAYS:
            return within(day + timedelta(days=count * DAYS[unit]))
        months = day.year * 12 + day.month - 1 + count * MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        last = calendar.monthrange(year, month)[1]
        return within(date(year, month, min(day.day, last)))
    except (OverflowError, ValueError):
        return LAST_DAY if count > 0 else FIRST_DAY
