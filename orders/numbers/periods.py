"""Periods of whole days of the store, and the stretches that a chart cuts them into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils import timezone

from tenants.models import Tenant

FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)  # room for a zone on either side
DAY = timedelta(days=1)


class Interval(TextChoices):
    """How long a stretch of a chart is."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"


class Against(TextChoices):
    """Which period one is compared with."""

    PREVIOUS = "previous", "The days before, as many"
    YEAR = "year", "The same days a year earlier"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day of the store, both within."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self, against: Against = Against.PREVIOUS) -> "Period":
        """The period that this one is compared with."""
        if against == Against.YEAR:
            return Period(year_before(self.first), year_before(self.last))
        return Period(back(self.first, self.days), back(self.first, 1))

    def stretches(self, interval: Interval) -> Iterator["Period"]:
        """The days, weeks (from Monday) or months that it touches, the outer ones cut off."""
        first = self.first
        while first <= self.last:
            last = min(end_of(first, interval), self.last)
            yield Period(first, last)
            first = last + DAY


def back(day: date, days: int) -> date:
    """So many days earlier; at the begin of the calendar it stops."""
    return FIRST_DAY if (day - FIRST_DAY).days < days else day - timedelta(days=days)


def year_before(day: date) -> date:
    """The same day a year earlier; of 29 February the day before."""
    year = max(day.year - 1, 1)
    return (
        day.replace(year=year, day=28)
        if (day.month, day.day) == (2, 29)
        else day.replace(year=year)
    )


def begin_of(day: date, interval: Interval) -> date:
    """The first day of the stretch in which the day lies."""
    match interval:
        case Interval.DAY:
            return day
        case Interval.WEEK:
            return back(day, day.weekday())
        case Interval.MONTH:
            return day.replace(day=1)


def end_of(day: date, interval: Interval) -> date:
    """The last day of the stretch in which the day lies."""
    match interval:
        case Interval.DAY:
            return day
        case Interval.WEEK:
            left = 6 - day.weekday()
            return LAST_DAY if (LAST_DAY - day).days < left else day + timedelta(days=left)
        case Interval.MONTH:
            if (day.year, day.month) == (9999, 12):
                return LAST_DAY
            return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of the store's day, in UTC; where midnight is skipped, what follows."""
    held = min(max(day, FIRST_DAY), LAST_DAY)
    return datetime.combine(held, time.min, zone).astimezone(UTC)


def bounds_of(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of the period, and the first after it."""
    return start_of(period.first, zone), start_of(period.last + DAY, zone)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The store's day in which the moment lies; at the calendar's ends the nearest there is."""
    try:
        day = at.astimezone(zone).date()
    except OverflowError:
        day = at.date()
    return min(max(day, FIRST_DAY), LAST_DAY)


def today_of(tenant: Tenant) -> date:
    """The store's day."""
    return day_of(timezone.now(), tenant.zone)


def last_days(*, tenant: Tenant, days: int = 30) -> Period:
    """So many days of the store, today the last of them."""
    today = today_of(tenant)
    return Period(back(today, days - 1), today)
