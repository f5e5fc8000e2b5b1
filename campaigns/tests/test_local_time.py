"""08:00 in the store's time or in each person's, and never in the quiet hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st

from campaigns.local_time import (
    REGIONS,
    Quiet,
    first_moment,
    moment_in,
    moments_of,
    out_of_quiet,
    quiet_until,
    zone_of,
)

LONDON = ZoneInfo("Europe/London")
NIGHT = Quiet(time(22), time(7))
EIGHT = datetime(2026, 6, 1, 7, tzinfo=UTC)  # 08:00 in London


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("US", "US-CA", "America/Los_Angeles"),
        ("US", "", "America/New_York"),
        ("AU", "AU-WA", "Australia/Perth"),
        ("AU", "", "Australia/Sydney"),
        ("JP", "JP-13", "Asia/Tokyo"),
        ("DE", "", "Europe/Berlin"),
    ],
)
def test_a_place_has_the_time_of_most_people_there(country, region, zone):
    assert str(zone_of(country, region)) == zone


@pytest.mark.parametrize("place", [("", ""), ("XX", ""), ("ZZ", "ZZ-1")])
def test_a_place_that_is_not_known_has_none(place):
    assert zone_of(*place) is None


def test_every_region_of_the_table_is_a_zone():
    assert all(zone_of(region[:2], region) for region in REGIONS)


def test_eight_o_clock_is_eight_there():
    found = moments_of(
        [("GB", ""), ("US", "US-CA"), ("", "")],
        scheduled=EIGHT,
        now=EIGHT,
        store=LONDON,
        by_recipient=True,
        quiet=None,
    )

    assert found["GB", ""] == EIGHT
    assert found["US", "US-CA"] == datetime(2026, 6, 1, 15, tzinfo=UTC)
    assert found["", ""] == EIGHT


EAST = {"JP": 9, "AU": 10, "NZ": 12}  # hours before Greenwich on that day


@pytest.mark.parametrize("country", EAST)
def test_eight_o_clock_in_the_east_is_the_same_day_where_it_began_in_time(country):
    begins = first_moment(EIGHT, store=LONDON)
    by_clock = {"store": LONDON, "by_recipient": True, "quiet": NIGHT}

    found = moments_of([(country, "")], scheduled=EIGHT, now=begins, **by_clock)
    late = moments_of([(country, "")], scheduled=EIGHT, now=EIGHT, **by_clock)

    there = datetime(2026, 6, 1, 8, tzinfo=UTC) - timedelta(hours=EAST[country])
    assert begins <= there
    assert found[country, ""] == there
    assert late[country, ""] == there + timedelta(days=1)  # nobody is written to in the past


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/London", "Pacific/Honolulu"])
def test_a_campaign_begins_when_its_hour_comes_first(zone):
    store = ZoneInfo(zone)
    scheduled = datetime(2026, 6, 1, 8, tzinfo=store)
    every = [(country, "") for country in pytz.country_timezones]

    found = moments_of(
        every,
        scheduled=scheduled,
        now=first_moment(scheduled, store=store),
        store=store,
        by_recipient=True,
        quiet=None,
    )

    there = {moment.astimezone(zone_of(*place) or store) for place, moment in found.items()}
    assert min(found.values()) >= first_moment(scheduled, store=store)
    assert {(moment.hour, moment.date()) for moment in there} == {(8, date(2026, 6, 1))}


def test_by_the_stores_clock_all_leave_at_once_but_for_the_quiet():
    found = moments_of(
        [("GB", ""), ("US", "US-CA")],
        scheduled=EIGHT,
        now=EIGHT,
        store=LONDON,
        by_recipient=False,
        quiet=NIGHT,
    )

    assert found["GB", ""] == EIGHT
    assert found["US", "US-CA"] == datetime(2026, 6, 1, 14, tzinfo=UTC)  # 07:00 in Los Angeles


@pytest.mark.parametrize(
    ("day", "leaves"),
    [
        # At 01:00 London goes on at 02:00: an hour that the clock skips is the next.
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # At 02:00 it goes back to 01:00: of an hour that comes twice, the first.
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_f046_on_a_day_with_a_gap_or_an_overlap_half_past_one_is_one_moment_of_that_day(
    day, leaves
):
    scheduled = datetime.combine(day, time(1, 30), UTC)

    found = moment_in(scheduled, store=ZoneInfo("UTC"), zone=LONDON)

    assert found == leaves
    assert found.astimezone(LONDON).date() == day


@given(
    st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: EIGHT + timedelta(minutes=minutes)),
    st.times(),
    st.times(),
    st.sampled_from(
        ["Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"]
    ),
)
def test_nothing_leaves_in_the_quiet_hours(moment, begins, ends, name):
    zone, quiet = ZoneInfo(name), Quiet(begins, ends)

    found = out_of_quiet(moment, zone=zone, quiet=quiet)

    assert moment <= found <= moment + timedelta(hours=25, minutes=1)
    assert found == moment or found.astimezone(zone).time() >= ends


def test_quiet_hours_that_end_in_an_hour_that_comes_twice_end_in_the_first_that_is_ahead():
    new_york, quiet = ZoneInfo("America/New_York"), Quiet(time(22), time(1, 30))
    second = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)  # 01:10, for the second time

    found = out_of_quiet(second, zone=new_york, quiet=quiet)

    assert found == second + timedelta(minutes=20)


def test_who_is_in_their_quiet_hours_is_so_until_these_end():
    told = {"now": EIGHT, "store": LONDON, "quiet": NIGHT}

    assert quiet_until(("US", "US-CA"), **told) == datetime(2026, 6, 1, 14, tzinfo=UTC)
    assert quiet_until(("GB", ""), **told) is None
    assert quiet_until(("", ""), **told) is None
