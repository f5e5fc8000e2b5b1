"""When a message may leave: local time of the store or of the person, outside of quiet hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytz

EARLIEST = timedelta(hours=14)  # the clocks of Kiritimati before those of Greenwich
# Where most people of a country with several zones live; pytz lists zones by longitude there.
MOST_PEOPLE = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "FM": "Pacific/Pohnpei", "UZ": "Asia/Tashkent",
}  # fmt: skip
EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    f"America/{city}" for city in ("New_York", "Chicago", "Denver", "Los_Angeles")
)
# Regions whose time is not their country's, each by where most of its people live.
REGIONS: dict[str, str] = {
    **{f"US-{state}": CENTRAL for state in (
        "AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX",
        "WI",
    )},
    **{f"US-{state}": MOUNTAIN for state in ("CO", "ID", "MT", "NM", "UT", "WY")},
    **{f"US-{state}": PACIFIC for state in ("CA", "NV", "OR", "WA")},
    "US-AZ": "America/Phoenix", "US-AK": "America/Anchorage", "US-HI": "Pacific/Honolulu",
    "US-PR": "America/Puerto_Rico", "US-GU": "Pacific/Guam",
    "CA-BC": "America/Vancouver", "CA-AB": "America/Edmonton", "CA-NT": "America/Edmonton",
    "CA-SK": "America/Regina", "CA-MB": "America/Winnipeg", "CA-NS": "America/Halifax",
    "CA-NB": "America/Moncton", "CA-PE": "America/Halifax", "CA-NL": "America/St_Johns",
    "CA-YT": "America/Whitehorse",
    "AU-QLD": "Australia/Brisbane", "AU-SA": "Australia/Adelaide", "AU-NT": "Australia/Darwin",
    "AU-WA": "Australia/Perth", "AU-TAS": "Australia/Hobart",
    "BR-AM": "America/Manaus", "BR-MT": "America/Cuiaba", "BR-MS": "America/Campo_Grande",
    "BR-RO": "America/Porto_Velho", "BR-RR": "America/Boa_Vista", "BR-AC": "America/Rio_Branco",
    "MX-BCN": "America/Tijuana", "MX-BCS": "America/Mazatlan", "MX-SON": "America/Hermosillo",
    "MX-SIN": "America/Mazatlan", "MX-NAY": "America/Mazatlan", "MX-ROO": "America/Cancun",
    "ES-GC": "Atlantic/Canary", "ES-TF": "Atlantic/Canary", "PT-20": "Atlantic/Azores",
    "ID-BA": "Asia/Makassar", "ID-SN": "Asia/Makassar", "ID-PA": "Asia/Jayapura",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the local day in which nothing leaves; over midnight when it begins later."""

    begins: time
    ends: time

    def covers(self, local: time) -> bool:
        """Whether the hour of the day lies in it."""
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends


@cache
def zone_of(country: str, region: str) -> ZoneInfo | None:
    """The time zone of most people there; None for a place that is not known."""
    name = REGIONS.get(region) or MOST_PEOPLE.get(country)
    if name is None:
        names = pytz.country_timezones.get(country.upper(), [])
        name = names[0] if names else None
    try:
        return ZoneInfo(name) if name else None
    except ZoneInfoNotFoundError:
        return None  # this machine's list is older than pytz's


def moment_in(scheduled: datetime, *, store: ZoneInfo, zone: ZoneInfo) -> datetime:
    """The same hour of the clock in another zone, in UTC: 08:00 of the store is 08:00 there.

    An hour that the zone skips is the next that there is; of one that comes twice, the first.
    """
    clock = scheduled.astimezone(store).replace(tzinfo=None)
    return clock.replace(tzinfo=zone).astimezone(UTC)


def out_of_quiet(moment: datetime, *, zone: ZoneInfo, quiet: Quiet | None) -> datetime:
    """The moment, or the end of the quiet hours in which it lies, in UTC."""
    local = moment.astimezone(zone)
    if quiet is None or not quiet.covers(local.time()):
        return moment.astimezone(UTC)
    end = datetime.combine(local.date(), quiet.ends, zone)
    ends = (end, end.replace(fold=1), end + timedelta(days=1))  # an hour may come twice
    moments = (each.astimezone(UTC) for each in ends)
    return next(each for each in moments if each > moment)


def first_moment(scheduled: datetime, *, store: ZoneInfo) -> datetime:
    """When the store's hour comes first anywhere: where the day begins, fourteen hours before
    Greenwich; in UTC."""
    clock = scheduled.astimezone(store).replace(tzinfo=UTC)
    return min(clock - EARLIEST, scheduled.astimezone(UTC))


def moments_of(
    places: Iterable[tuple[str, str]],
    *,
    scheduled: datetime,
    now: datetime,
    store: ZoneInfo,
    by_recipient: bool,
    quiet: Quiet | None,
) -> dict[tuple[str, str], datetime]:
    """For each (country, region) when a message may leave for people there.

    By the recipient's clock that is the scheduled hour there; where it is over already as the
    campaign begins, the same hour a day later.
    """
    found, begins = {}, min(scheduled, now)
    for country, region in places:
        zone = zone_of(country, region) or store
        moment = scheduled
        if by_recipient:
            moment = moment_in(scheduled, store=store, zone=zone)
            if moment < begins:
                moment = moment_in(scheduled + timedelta(days=1), store=store, zone=zone)
        found[country, region] = out_of_quiet(moment, zone=zone, quiet=quiet)
    return found


def quiet_until(
    place: tuple[str, str], *, now: datetime, store: ZoneInfo, quiet: Quiet
) -> datetime | None:
    """The end of the quiet hours in which people of this (country, region) are; None: of none."""
    zone = zone_of(*place) or store
    until = out_of_quiet(now, zone=zone, quiet=quiet)
    return until if until > now else None
