"""Whole-day conditions change their answer at the store's midnight, and are refreshed then."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from conftest import make_store
from customers.tests.builders import make_customer
from segments import due, keeping
from segments.actions import SegmentData, create_segment
from segments.definitions import clock_of
from segments.models import SegmentMember, SegmentState
from segments.tests.conftest import inside
from tenants.audit import Actor
from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
RECENT = "last_order_date > -2d"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(in_anas_store: Tenant) -> Tenant:
    return in_anas_store


def test_a_segment_of_days_is_refreshed_when_the_stores_day_begins(store, make_segment, keep):
    noon = datetime(2026, 6, 10, 12, tzinfo=UTC)
    kim = make_customer(store, last_order_at=noon - timedelta(days=1))
    recent, plain = make_segment(RECENT), make_segment("number_of_orders > 5")
    keep(noon)

    before = due.is_due(tenant=store, now=datetime(2026, 6, 10, 22, 59, 59, tzinfo=UTC))
    midnight = datetime(2026, 6, 10, 23, tzinfo=UTC)  # of London's summer
    keep(midnight)

    assert before is False
    assert [row.customer_id for row in SegmentMember.objects.exclude(valid_to=None)] == [kim.pk]
    days = SegmentState.objects.order_by("segment").values_list("segment", "day")
    assert dict(days) == {
        recent.pk: date(2026, 6, 11),
        plain.pk: date(2026, 6, 10),
    }


def test_an_order_of_the_future_counts_when_its_day_has_come(store, make_segment, keep):
    now = datetime(2026, 6, 10, 12, tzinfo=UTC)
    kim = make_customer(store, last_order_at=now + timedelta(days=3))
    past = make_segment("last_order_date <= today")
    keep(now)
    before = inside(past)

    keep(now + timedelta(days=3))

    assert before == set()
    assert inside(past) == {kim.pk}


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 3, 29), id="an hour is skipped"),
        pytest.param(date(2026, 10, 25), id="an hour comes twice"),
    ],
)
def test_f046_a_day_with_a_gap_or_an_overlap_is_refreshed_exactly_once(
    store, make_segment, keep, day
):
    make_segment(RECENT)
    begins = clock_of(tenant=store, now=LONG_AGO).start_of(day)
    keep(begins - timedelta(hours=1))
    refreshed = []

    for step in range(26 * 4):
        now = begins + timedelta(minutes=15 * step)
        if clock_of(tenant=store, now=now).today == day and due.is_due(tenant=store, now=now):
            refreshed.append(now)
            keep(now)

    assert refreshed == [begins]


def test_f046_a_midnight_that_the_clock_skips_begins_where_it_goes_on(make_segment, keep, store):
    store.timezone = "America/Santiago"  # 6 September 2026: 00:00 is 01:00
    store.save()
    make_segment(RECENT)
    keep(datetime(2026, 9, 6, 3, 59, tzinfo=UTC))

    assert not due.is_due(tenant=store, now=datetime(2026, 9, 6, 3, 59, 59, tzinfo=UTC))
    assert due.is_due(tenant=store, now=datetime(2026, 9, 6, 4, tzinfo=UTC))


ZONES = ("UTC", "Europe/London", "America/New_York", "Pacific/Apia", "Asia/Kathmandu")


class TestZones(TestCase):
    """Row 47: the last days as each store counts them."""

    @settings(max_examples=15, deadline=None)
    @given(
        zone=st.sampled_from(ZONES),
        now=st.integers(0, 3 * 365 * 24 * 60).map(
            lambda minutes: LONG_AGO + timedelta(minutes=minutes)
        ),
        hours=st.lists(st.integers(0, 24 * 40), min_size=1, max_size=6, unique=True),
        days=st.integers(1, 35),
    )
    def test_f047_the_last_days_are_those_of_the_stores_clock(self, zone, now, hours, days):
        store = make_store(f"s{uuid4().hex[:8]}.myshopify.com", timezone=zone)
        ordered = {}
        for ago in hours:
            at = now - timedelta(hours=ago)
            ordered[make_customer(store, last_order_at=at).pk] = at
        with tenant_scope(store.pk):
            data = SegmentData(name="Recent", query=f"last_order_date >= -{days}d")
            segment = create_segment(actor=Actor(), tenant=store, data=data)
            keeping.keep(tenant=store, seconds=60, now=now)
            found = inside(segment)

        first = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=days)
        slow = {pk for pk, at in ordered.items() if at.astimezone(ZoneInfo(zone)).date() >= first}
        assert found == slow
