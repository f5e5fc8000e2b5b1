"""Days over a change of the clocks, several currencies, nothing at all, and what changes later."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from orders.data import RefundData
from orders.models import Order
from orders.numbers.cohorts import find_cohorts
from orders.numbers.figures import change_of, find_figures, find_gaps
from orders.numbers.groups import find_groups
from orders.numbers.periods import Against, Interval, Period, start_of
from orders.numbers.series import PeriodTooLong, find_growth, find_series
from orders.numbers.tops import SCAN, find_top_customers, find_top_products
from orders.rollups import keeping, state
from orders.rollups.models import SalesChange, StaleStretch
from orders.tasks import keep_numbers
from tests.numbers import recount
from tests.numbers.test_rollups_follow import BEGIN, order_of, place, tell
from tests.rows import make_row
from webhooks.models import Delivery

OCTOBER = Period(date(2025, 10, 1), date(2025, 10, 31))


def hours_to(*moment):
    """From BEGIN to a moment of UTC."""
    return (datetime(*moment, tzinfo=UTC) - BEGIN) / timedelta(hours=1)


def by_day(store, period):
    found = find_series(tenant=store, period=period, interval=Interval.DAY)
    return {p.stretch.first: p.sales.orders for p in found if p.sales.orders}


@pytest.mark.parametrize(("zone", "days"), [
    # London's 26 October has 25 hours: it begins at 23:00 UTC of the day before, in summer time.
    ("Europe/London", {date(2025, 10, 25): 1, date(2025, 10, 26): 3, date(2025, 10, 27): 1}),
    ("UTC", {date(2025, 10, 25): 2, date(2025, 10, 26): 2, date(2025, 10, 27): 1}),
    ("America/New_York", {date(2025, 10, 25): 3, date(2025, 10, 26): 2}),
])  # fmt: skip
def test_a_day_of_25_hours_has_the_orders_of_all_of_them(in_anas_store, zone, days):
    in_anas_store.timezone = zone
    in_anas_store.save()
    moments = [(2025, 10, 25, 22, 59), (2025, 10, 25, 23, 0), (2025, 10, 26, 0, 30),
               (2025, 10, 26, 23, 59), (2025, 10, 27, 0, 0)]  # fmt: skip
    place(in_anas_store, *(
        order_of(n, n, hours_to(*at), version=n) for n, at in enumerate(moments, 1)
    ))  # fmt: skip

    assert by_day(in_anas_store, OCTOBER) == days


def test_a_midnight_that_is_skipped_begins_the_day_an_hour_late(in_anas_store):
    in_anas_store.timezone = "America/Santiago"  # 7 September 2025 begins at 1:00
    in_anas_store.save()
    begin = start_of(date(2025, 9, 7), in_anas_store.zone)
    assert begin == datetime(2025, 9, 7, 4, tzinfo=UTC)
    place(
        in_anas_store,
        order_of(1, 1, hours_to(2025, 9, 7, 3, 59), version=1),
        order_of(2, 2, hours_to(2025, 9, 7, 4, 0), version=2),
    )

    september = Period(date(2025, 9, 1), date(2025, 9, 30))
    assert by_day(in_anas_store, september) == {date(2025, 9, 6): 1, date(2025, 9, 7): 1}


def test_of_another_currency_orders_are_told_apart_and_never_added(in_anas_store):
    place(
        in_anas_store,
        order_of(1, 1, 0, version=1, amount=20),
        order_of(2, 1, 1, version=2, amount=700, currency="EUR"),
        order_of(3, 2, 2, version=3, amount=9_000, currency="JPY"),
    )

    figures = find_figures(tenant=in_anas_store, period=OCTOBER)

    assert (figures.sales.currency, figures.sales.orders, figures.sales.revenue) == ("GBP", 1, 20)
    assert {each.currency: each.revenue for each in figures.others} == {"EUR": 700, "JPY": 9_000}
    assert (figures.customers, figures.repeat_customers) == (2, 1)
    top = find_top_customers(tenant=in_anas_store, period=OCTOBER)
    assert [(each.orders, each.revenue, each.share) for each in top] == [(1, 20, 1.0)]
    products = find_top_products(tenant=in_anas_store, period=OCTOBER)
    assert sum(each.revenue for each in products) == 20


def test_an_average_is_rounded_as_its_currency_is(in_anas_store):
    yens = [order_of(n, 1, n, version=n, amount=n * 5, currency="JPY") for n in (1, 2)]
    place(in_anas_store, order_of(3, 1, 3, version=3, amount=10), *yens)

    figures = find_figures(tenant=in_anas_store, period=OCTOBER)

    assert (figures.sales.average, figures.others[0].average) == (Decimal("10.00"), Decimal(8))


def test_an_empty_store_has_numbers_too(in_anas_store):
    store = in_anas_store
    keeping.keep_whole(tenant=store)

    figures = find_figures(tenant=store, period=OCTOBER)

    assert (figures.sales.orders, figures.sales.average, figures.repeat_rate) == (0, None, None)
    assert find_gaps(tenant=store, period=OCTOBER).median is None
    assert len(find_series(tenant=store, period=OCTOBER, interval=Interval.WEEK)) == 5
    assert [
        p.total for p in find_growth(tenant=store, period=OCTOBER, interval=Interval.MONTH)
    ] == [0]
    assert find_cohorts(tenant=store, period=OCTOBER, unit=Interval.MONTH) == []
    assert find_top_customers(tenant=store, period=OCTOBER) == []
    assert find_top_products(tenant=store, period=OCTOBER) == []
    assert find_groups(tenant=store).scored_on is None
    assert not state.is_due(tenant=store)


def test_a_refund_of_later_takes_from_the_orders_own_day(in_anas_store):
    place(in_anas_store, order_of(1, 1, 0, version=1, amount=20))
    refund = RefundData(9, 1, Decimal(5), BEGIN + timedelta(days=500), "")
    tell(in_anas_store, refunds=[refund])
    keeping.keep_whole(tenant=in_anas_store)

    figures = find_figures(tenant=in_anas_store, period=OCTOBER)

    assert (figures.sales.orders, figures.sales.revenue) == (1, 15)


def test_a_first_order_that_arrives_late_moves_its_customers_cohort(in_anas_store):
    place(in_anas_store, order_of(1, 1, 24 * 40, version=1), order_of(2, 1, 24 * 80, version=2))
    before = recount.held()["month"]
    place(in_anas_store, order_of(3, 1, 0, version=3))

    assert {cohort for cohort, _ in before} == {date(2025, 12, 1)}
    assert {cohort for cohort, _ in recount.held()["month"]} == {date(2025, 10, 1)}
    assert recount.held() == recount.expected(in_anas_store)


def test_the_days_follow_when_the_store_moves_to_another_zone(in_anas_store):
    place(in_anas_store, *(order_of(n, n % 3, n * 7, version=n) for n in range(1, 30)))
    london = recount.held()
    in_anas_store.timezone = "Pacific/Auckland"
    in_anas_store.save()
    assert state.is_due(tenant=in_anas_store)
    keeping.keep_whole(tenant=in_anas_store)

    assert recount.held() == recount.expected(in_anas_store) != london


def test_cohorts_follow_when_the_store_changes_its_currency(in_anas_store):
    place(
        in_anas_store,
        order_of(1, 1, 0, version=1),
        order_of(2, 1, 1, version=2, amount=7, currency="EUR"),
    )
    in_anas_store.currency = "EUR"
    in_anas_store.save()
    keeping.keep_whole(tenant=in_anas_store)

    [cohort] = find_cohorts(tenant=in_anas_store, period=OCTOBER, unit=Interval.MONTH)
    assert [cell.revenue for cell in cohort.cells] == [7]


def test_the_same_word_again_changes_nothing_and_an_older_one_neither(in_anas_store):
    new = order_of(1, 1, 0, version=5, amount=20)
    place(in_anas_store, new)
    held = recount.held()
    place(in_anas_store, new)
    place(in_anas_store, order_of(1, 2, 48, version=1, amount=99))

    assert recount.held() == held


def test_freshness_tells_what_waits_and_since_when(in_anas_store):
    place(in_anas_store, order_of(1, 1, 0, version=1))
    fresh = state.find_freshness(tenant=in_anas_store)
    tell(in_anas_store, orders=[order_of(2, 1, 5, version=2)])
    waiting = state.find_freshness(tenant=in_anas_store)
    keeping.keep_whole(tenant=in_anas_store)
    again = state.find_freshness(tenant=in_anas_store)

    assert (fresh.waiting_since, again.waiting_since) == (None, None)
    assert waiting.waiting_since is not None
    assert fresh.version == waiting.version < again.version


def test_a_patient_keeper_leaves_cohorts_for_a_while_but_no_day(in_anas_store):
    place(in_anas_store, order_of(1, 1, 0, version=1))
    tell(in_anas_store, orders=[order_of(2, 1, 5, version=2)])
    assert keeping.keep(tenant=in_anas_store, seconds=30) is False

    assert by_day(in_anas_store, OCTOBER) == {date(2025, 10, 24): 2}
    assert set(StaleStretch.objects.values_list("unit", flat=True)) == {"week", "month"}
    assert not SalesChange.objects.exists()


def test_top_customers_found_by_what_they_ever_spent_equal_those_by_reading_all(
    in_anas_store, monkeypatch
):
    store = in_anas_store
    store.history_complete_since = BEGIN
    store.save()
    place(store, *(
        order_of(n, n % 17 + 1, n * 5, version=n, amount=1 + n * n % 37) for n in range(1, 150)
    ))  # fmt: skip
    read = [find_top_customers(tenant=store, period=each, limit=5) for each in PERIODS]
    monkeypatch.setattr("orders.numbers.tops.SCANNED", 0)
    monkeypatch.setattr("orders.numbers.tops.CHUNK", 3)
    asked = Statements()
    with connection.execute_wrapper(asked):
        looked = [find_top_customers(tenant=store, period=each, limit=5) for each in PERIODS]

    assert looked == read
    assert all(read)
    assert SCAN not in asked.told


PERIODS = [Period(date(2025, 10, 24), date(2025, 10, 24 + n)) for n in (0, 3, 7)] + [OCTOBER]


class Statements:
    """What was asked of the database."""

    def __init__(self):
        self.told = []

    def __call__(self, execute, sql, params, many, context):
        self.told.append(sql)
        return execute(sql, params, many, context)


def test_a_periods_figures_take_two_queries_however_long_it_is(
    in_anas_store, django_assert_num_queries
):
    with django_assert_num_queries(2):
        find_figures(tenant=in_anas_store, period=Period(date(2000, 1, 1), date(2026, 1, 1)))


def test_more_points_than_anybody_looks_at_are_refused(in_anas_store):
    with pytest.raises(PeriodTooLong):
        find_series(
            tenant=in_anas_store,
            period=Period(date(1990, 1, 1), date(2026, 1, 1)),
            interval=Interval.DAY,
        )


@pytest.mark.parametrize(("against", "first", "last"), [
    (Against.PREVIOUS, date(2024, 1, 31), date(2024, 2, 29)),
    (Against.YEAR, date(2023, 3, 1), date(2023, 3, 30)),
])  # fmt: skip
def test_the_period_before_has_as_many_days_or_is_a_year_ago(against, first, last):
    assert Period(date(2024, 3, 1), date(2024, 3, 30)).before(against) == Period(first, last)


def test_a_change_is_a_share_and_none_where_nothing_was():
    assert change_of(Decimal(75), Decimal(100)) == -0.25
    assert change_of(3, 0) is None


def test_an_order_dated_at_the_calendars_end_stops_no_recount(in_anas_store):
    at = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    place(in_anas_store, order_of(1, 1, 0, version=1))
    Order.objects.update(processed_at=at)
    state.ask_for_rebuild(tenant=in_anas_store)
    keeping.keep_whole(tenant=in_anas_store)

    assert by_day(in_anas_store, OCTOBER) == {}
    assert not state.is_due(tenant=in_anas_store)


def test_a_turn_is_followed_at_once_unless_the_inbox_waits(in_anas_store, monkeypatch):
    asked = []
    monkeypatch.setattr(keep_numbers, "delay", asked.append)
    monkeypatch.setattr(keeping, "keep", lambda *, tenant: True)
    keep_numbers.run(in_anas_store)
    make_row(Delivery, state="pending")
    keep_numbers.run(in_anas_store)

    assert asked == [in_anas_store.pk]


def test_what_is_counted_is_not_counted_again(in_anas_store):
    place(in_anas_store, order_of(1, 1, 0, version=1))
    version = state.find_freshness(tenant=in_anas_store).version

    assert keeping.step(tenant=in_anas_store) is False
    assert state.find_freshness(tenant=in_anas_store).version == version
