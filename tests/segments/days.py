"""Days, months and moments of a store's clock, worked out here and not taken from the product."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from segments.language.tree import DateValue, Day, Moment, Named, Offset

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
EARLIEST, LATEST = date(1, 1, 5), date(9999, 12, 25)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
Span = tuple[datetime, datetime]


def day_at(moment: datetime, zone: ZoneInfo) -> date:
    """The day that the store's calendar shows at the moment."""
    return moment.astimezone(zone).date()


def moved(day: date, count: int, unit: str) -> date:
    """The day so many days, weeks, months or years away; a month that is too short ends it."""
    try:
        if unit in "dw":
            return day + timedelta(days=count * (7 if unit == "w" else 1))
        months = day.month - 1 + count * (12 if unit == "y" else 1)
        year, month = day.year + months // 12, months % 12 + 1
        for number in range(day.day, 27, -1):
            if exists(year, month, number):
                return date(year, month, number)
        return date(year, month, day.day)
    except (OverflowError, ValueError):
        return date.max if count > 0 else date.min


def exists(year: int, month: int, number: int) -> bool:
    """Whether the calendar has this day."""
    try:
        date(year, month, number)
    except ValueError:
        return False
    return True


@cache
def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The first moment at which the store's calendar shows this day, or a later one."""
    if day < EARLIEST:
        return BEGINNING
    if day > LATEST:
        return END
    midnight = datetime.combine(day, time(), UTC)
    hours = [midnight + number * HOUR for number in range(-36, 37)]
    offsets = {hour.astimezone(zone).utcoffset() for hour in hours}
    candidates = [midnight - offset for offset in offsets if offset is not None]
    for before, after in pairwise(hours):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            candidates.append(change_between(before, after, zone))
    return min(moment for moment in candidates if day_at(moment, zone) >= day)


def change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock is changed, within this hour."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def clock_shows(naive: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the store's clock shows this, the first of two; within an hour that is
    skipped, what the clock would have shown had it not been changed."""
    assumed = naive.replace(tzinfo=UTC)
    around = [assumed + number * HOUR for number in range(-26, 27)]
    offsets = {each.astimezone(zone).utcoffset() or timedelta() for each in around}
    shown = [assumed - offset for offset in offsets]
    exact = [each for each in shown if each.astimezone(zone).replace(tzinfo=None) == naive]
    # In a gap: read with the offset before it, which gives the later of the two.
    return min(exact) if exact else max(shown)


def span_of(value: DateValue, today: date, zone: ZoneInfo) -> Span:
    """What the literal names: a whole day, or the second of a moment; the end is outside."""
    match value:
        case Moment():
            start = clock_shows(value.value, zone)
            return start, start + SECOND
        case Day():
            day = value.value
        case Offset():
            day = moved(today, value.count, value.unit)
        case Named():
            day = moved(today, -1 if value.name == "yesterday" else 0, "d")
    return first_moment(day, zone), first_moment(moved(day, 1, "d"), zone)
