"""A store with segments, and a keeper that is called by hand."""

import itertools
from collections.abc import Callable
from datetime import datetime

import pytest

from segments import keeping
from segments.actions import SegmentData, create_segment
from segments.models import Segment, SegmentMember
from tenants.audit import Actor
from tenants.models import Tenant

_numbers = itertools.count(1)
MakeSegment = Callable[..., Segment]
Keep = Callable[..., None]


@pytest.fixture
def make_segment(in_anas_store: Tenant) -> MakeSegment:
    """Makes a dynamic segment of a query, or a static one without; it is not refreshed yet."""

    def make(query: str = "", *, name: str = "") -> Segment:
        data = SegmentData(
            name=name or f"Segment {next(_numbers)}",
            kind="dynamic" if query else "static",
            query=query,
        )
        return create_segment(actor=Actor(), tenant=in_anas_store, data=data)

    return make


@pytest.fixture
def keep(in_anas_store: Tenant) -> Keep:
    """Lets a worker bring the store's segments in step, as of a moment if one is given."""

    def keep_segments(now: datetime | None = None) -> None:
        assert keeping.keep(tenant=in_anas_store, seconds=60, now=now) is False

    return keep_segments


def inside(segment: Segment) -> set[int]:
    """Our ids of who is in the segment now."""
    rows = SegmentMember.objects.filter(segment=segment, valid_to=None)
    return set(rows.values_list("customer_id", flat=True))
