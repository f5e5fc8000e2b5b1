"""When people buy: promotions on their days of every year, quiet days, and a shop that grows."""

from datetime import date, timedelta

import pytest

from xeno.demo.seasons import (
    HOURS,
    MONTHS,
    ORDERS_A_DAY,
    PROMOTIONS,
    QUIET_DAYS,
    WEEKDAYS,
    expected_orders,
    find_promotion,
)

OPENING = date(2025, 10, 22)
YEAR = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]


@pytest.mark.parametrize("promotion", PROMOTIONS, ids=lambda promotion: promotion.code)
@pytest.mark.parametrize("year", [2024, 2026])
def test_a_promotion_works_from_its_first_to_its_last_day_of_every_year(promotion, year):
    first, last = date(year, *promotion.begins), date(year, *promotion.ends)

    assert find_promotion(first) == find_promotion(last) == promotion
    assert find_promotion(first - timedelta(days=1)) != promotion
    assert find_promotion(last + timedelta(days=1)) != promotion


def test_on_most_days_there_is_none():
    assert sum(find_promotion(day) is not None for day in YEAR) < 100


def test_no_two_promotions_meet():
    for day in YEAR:
        today = (day.month, day.day)
        assert sum(p.begins <= today <= p.ends for p in PROMOTIONS) <= 1


def test_every_month_and_weekday_and_some_hours_have_their_share():
    assert sorted(MONTHS) == list(range(1, 13))
    assert len(WEEKDAYS) == 7
    assert set(HOURS) <= set(range(24))


@pytest.mark.parametrize("quiet", sorted(QUIET_DAYS))
def test_on_a_quiet_day_hardly_anybody_buys(quiet):
    assert expected_orders(date(2026, *quiet), OPENING) < min(
        expected_orders(day, OPENING) for day in YEAR if (day.month, day.day) not in QUIET_DAYS
    )


def test_a_young_shop_grows_for_a_year_and_then_no_more():
    day = date(2026, 5, 4)
    sold = [expected_orders(day, day - timedelta(days=age)) for age in (0, 180, 365, 3650)]

    assert sold[0] < sold[1] < sold[2] == sold[3]


def test_a_promotion_draws_people_in():
    with_, without = date(2026, 6, 18), date(2026, 6, 11)  # two Thursdays

    assert expected_orders(with_, OPENING) > expected_orders(without, OPENING)


def test_december_sells_more_than_february():
    december, february = (
        sum(expected_orders(day, OPENING) for day in YEAR if day.month == month)
        for month in (12, 2)
    )

    assert december > 1.5 * february


def test_a_day_is_never_far_from_the_average():
    sold = [expected_orders(day, OPENING) for day in YEAR]

    assert 0 < min(sold) < max(sold) < 5 * ORDERS_A_DAY
