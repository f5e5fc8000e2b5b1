"""Who is in a segment, who was at any moment, who came and went: reads in pages, by indexes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from segments.models import Segment, SegmentMember
from tenants.models import Tenant
from xeno.lib.upsert import run


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of who was not in before and is after, and of who was in before and is not after."""

    joined: QuerySet[SegmentMember]
    left: QuerySet[SegmentMember]


def members(segment: Segment) -> QuerySet[SegmentMember]:
    """The rows of who is in now; order them by `customer_id` for pages."""
    return SegmentMember.objects.filter(segment=segment, valid_to=None)


def members_as_of(segment: Segment, at: datetime) -> QuerySet[SegmentMember]:
    """The rows of who was in at the moment; order them by `customer_id` for pages."""
    return SegmentMember.objects.filter(covering(at), segment=segment)


def covering(at: datetime) -> Q:
    """That the row holds at the moment; two rows of one customer never do."""
    return Q(valid_from__lte=at) & (Q(valid_to=None) | Q(valid_to__gt=at))


def diff(segment: Segment, before: datetime, after: datetime) -> Difference:
    """Who joined and who left between two moments, by how it was at each of them.

    Who left and came back is in neither. Order by `customer_id` for pages.
    """
    rows = SegmentMember.objects.filter(segment=segment)
    same = SegmentMember.objects.filter(segment=segment, customer=OuterRef("customer"))
    joined = rows.filter(covering(after), valid_from__gt=before)
    left = rows.filter(covering(before), valid_to__lte=after)
    return Difference(
        joined=joined.filter(~Exists(same.filter(covering(before)))),
        left=left.filter(~Exists(same.filter(covering(after)))),
    )


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many joined and left within the store's day, and how many were in at its end."""

    day: date
    joined: int
    left: int
    members: int


# The moves of each day; the counts at the days' ends are those of now less the moves since.
MOVES = """
    SELECT (at AT TIME ZONE %(zone)s)::date AS day, sum(joined)::bigint, sum(gone)::bigint
    FROM (
        SELECT valid_from AS at, 1 AS joined, 0 AS gone FROM segments_segmentmember
        WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s AND valid_from >= %(start)s
        UNION ALL
        SELECT valid_to, 0, 1 FROM segments_segmentmember
        WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s AND valid_to >= %(start)s
    ) AS moves
    GROUP BY 1
"""
COUNT = """
    SELECT count(*) FROM segments_segmentmember
    WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s
        AND valid_from < %(start)s AND (valid_to IS NULL OR valid_to >= %(start)s)
"""


def counts_by_day(*, tenant: Tenant, segment: Segment, first: date, last: date) -> list[DayCount]:
    """One row a day of the store, both ends included."""
    from segments.definitions import clock_of

    start = clock_of(tenant=tenant).start_of(first)
    params: dict[str, Any] = {
        "tenant": tenant.pk,
        "segment": segment.pk,
        "zone": tenant.timezone,
        "start": start,
    }
    moves = {day: (joined, left) for day, joined, left in run(MOVES, params)}
    ((inside,),) = run(COUNT, params)
    found = list[DayCount]()
    for day in days(first, last):
        joined, left = moves.get(day, (0, 0))
        inside += joined - left
        found.append(DayCount(day, joined, left, inside))
    return found


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
