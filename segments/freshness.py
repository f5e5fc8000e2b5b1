"""How far a segment's members follow what is written: what stands beside the count."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from segments.definitions import clock_of
from tenants.models import Tenant
from xeno.lib.upsert import array, run


@dataclass(frozen=True, slots=True)
class Freshness:
    """`as_of`: everything written before is in the members; None: never refreshed yet.

    `pending`: something written since waits. `trouble`: why the segment does not follow, a code.
    """

    members_count: int
    as_of: datetime | None
    pending: bool
    refreshed_at: datetime | None
    trouble: str = ""


NEW = Freshness(members_count=0, as_of=None, pending=True, refreshed_at=None)

FIND = """
    WITH waiting AS (
        SELECT min(noted_at) AS since FROM segments_datachange WHERE tenant_id = %(tenant)s
    )
    SELECT s.segment_id, s.members_count, s.refreshed_at, s.trouble, g.kind = 'dynamic',
        CASE WHEN s.asked > s.done THEN COALESCE(s.stale_since, clock_timestamp())
            WHEN s.timezone <> %(timezone)s OR s.currency <> %(currency)s THEN s.refreshed_at
            WHEN s.follows_the_day AND s.day IS DISTINCT FROM %(today)s THEN %(midnight)s
        END AS stale_since,
        waiting.since, clock_timestamp()
    FROM segments_segmentstate s
    JOIN segments_segment g ON g.tenant_id = s.tenant_id AND g.id = s.segment_id, waiting
    WHERE s.tenant_id = %(tenant)s AND s.segment_id = ANY(%(ids)s::bigint[])
"""


def freshness_of(*, tenant: Tenant, segment_ids: Collection[int]) -> Mapping[int, Freshness]:
    """How fresh each of these segments is, in one statement for all of a page."""
    clock = clock_of(tenant=tenant)
    params = {
        "tenant": tenant.pk,
        "ids": array(sorted(segment_ids)),
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "today": clock.today,
        "midnight": clock.start_of(clock.today),
    }
    found: dict[int, Freshness] = {}
    for pk, count, refreshed_at, trouble, dynamic, stale_since, noted_at, now in run(FIND, params):
        since = [each for each in (stale_since, noted_at) if each] if dynamic else []
        as_of = min(since, default=now)
        if dynamic and refreshed_at is None:
            as_of = None
        found[pk] = Freshness(count, as_of, bool(since), refreshed_at, trouble)
    return found
