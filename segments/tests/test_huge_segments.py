"""A segment over very many customers: memory stays flat, and no statement takes too long."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from segments import changes
from segments.history import diff, members, members_as_of
from segments.models import Segment, SegmentMember, SegmentState
from segments.tests.conftest import Keep, MakeSegment
from tenants.models import Tenant
from xeno.lib.upsert import run

pytestmark = pytest.mark.django_db
MAKE = """
    INSERT INTO customers_customer (tenant_id, shopify_id, orders_count, total_spent,
        orders_count_source, total_spent_source, version_order_id)
    SELECT %s, n, 6 + n %% 2, 0, 'computed', 'computed', 0 FROM generate_series(1, %s) n
"""
MOST_BYTES = 8 * 1024 * 1024  # of Python's own memory, however many members
PAGE = 50


@contextmanager
def flat() -> Iterator[None]:
    """What happens within takes no more of this process's memory than so much."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES


def slowest(work: Callable[[], object]) -> tuple[float, str]:
    """The seconds of the work's slowest statement, and what it is."""
    with CaptureQueriesContext(connection) as seen:
        work()
    return max((float(query["time"]), query["sql"][:200]) for query in seen.captured_queries)


def live_through(
    store: Tenant, make_segment: MakeSegment, keep: Keep, customers: int, seconds: float
) -> Segment:
    """Make, refresh, change and refresh again a segment of so many; checks each step."""
    # Plans of foreign keys that this connection made while other tests had a handful of rows.
    run("DISCARD PLANS", [])
    run(MAKE, [store.pk, customers])
    run("SELECT xeno_analyze()", [])  # as a load of so many does
    segment = make_segment("number_of_orders > 5")
    with flat():
        first = slowest(keep)
        run(
            "UPDATE customers_customer SET orders_count = 0"
            " WHERE tenant_id = %s AND orders_count = 7",
            [store.pk],
        )
        changes.note_everybody(tenant=store, kinds=["totals"])
        second = slowest(keep)
    assert max(first, second)[0] < seconds
    assert SegmentState.objects.get().members_count == customers // 2
    assert SegmentMember.objects.count() == customers
    return segment


def check_pages(segment: Segment) -> None:
    """Each read gives its page without the rest."""
    state = SegmentState.objects.get()
    first = SegmentMember.objects.filter(segment=segment).order_by("valid_from").first()
    assert first is not None
    assert state.moved_at is not None
    difference = diff(segment, first.valid_from, state.moved_at)
    with flat():
        for rows in (
            members(segment), members_as_of(segment, first.valid_from), difference.left,
        ):  # fmt: skip
            began = time.monotonic()
            assert len(rows.order_by("customer_id")[:PAGE]) == PAGE
            assert time.monotonic() - began < 2


def test_f054_a_large_segment_is_kept_in_little_memory(in_anas_store, make_segment, keep):
    segment = live_through(in_anas_store, make_segment, keep, 20_000, seconds=5)

    check_pages(segment)


@pytest.mark.slow
def test_f054_a_segment_of_a_million_is_kept_in_little_memory(
    in_anas_store, make_segment, keep, record_property
):
    began = time.monotonic()
    segment = live_through(in_anas_store, make_segment, keep, 1_000_000, seconds=120)

    record_property("seconds", round(time.monotonic() - began))
    check_pages(segment)
