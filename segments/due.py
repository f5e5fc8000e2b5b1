"""What of a store's segments waits for its keeper."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from segments.definitions import Definition, clock_of
from segments.models import DataChange
from segments.troubles import LONGEST_HOLD
from tenants.models import Tenant
from xeno.lib.leases import over_sql
from xeno.lib.upsert import array, run

# What the store's day and settings are now, beside those that the members are true of.
STALE = """
    trouble_is_over AND (asked > done OR timezone <> %(timezone)s OR currency <> %(currency)s
        OR follows_the_day AND day IS DISTINCT FROM %(today)s)
"""
OVER = over_sql("s.held_until", seconds=LONGEST_HOLD)
DUE = f"""
    SELECT segment_id FROM (
        SELECT s.*, COALESCE({OVER}, true) AS trouble_is_over
        FROM segments_segmentstate s
        JOIN segments_segment g ON g.tenant_id = s.tenant_id AND g.id = s.segment_id
            AND g.kind = 'dynamic' AND g.deleted_at IS NULL
        WHERE s.tenant_id = %(tenant)s
    ) AS state
    WHERE {STALE} ORDER BY refreshed_at NULLS FIRST, segment_id
"""


def params_of(tenant: Tenant, now: datetime | None) -> dict[str, object]:
    """What DUE is given."""
    today = clock_of(tenant=tenant, now=now).today
    return {
        "tenant": tenant.pk,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "today": today,
    }


def is_due(*, tenant: Tenant, now: datetime | None = None) -> bool:
    """Whether anything of the store's segments waits for a keeper."""
    return (
        DataChange.objects.exists()
        or bool(run(f"{DUE} LIMIT 1", params_of(tenant, now)))
        or bool(run(DELETED, [tenant.pk]))
    )


DELETED = "SELECT 1 FROM segments_segment WHERE tenant_id = %s AND deleted_at IS NOT NULL LIMIT 1"


def find_due(
    *, tenant: Tenant, definitions: Sequence[Definition], now: datetime | None
) -> Definition | None:
    """The segment to be refreshed next: those that others name come before them."""
    tenant.refresh_from_db(fields=["timezone", "currency"])
    ids = [pk for (pk,) in run(DUE, params_of(tenant, now))]
    known = {each.id: each for each in definitions}
    due = [known[pk] for pk in ids if pk in known]
    waiting = {each.id for each in due}
    return min(due, key=lambda each: len(each.includes & waiting), default=None)


ASK = """
    UPDATE segments_segmentstate SET asked = asked + 1,
        stale_since = COALESCE(stale_since, clock_timestamp())
    WHERE tenant_id = %s AND segment_id = ANY(%s::bigint[])
"""


def ask_for_refresh(*, tenant: Tenant, segment_ids: Iterable[int]) -> None:
    """Ask, within the caller's transaction, for a whole refresh of these segments."""
    if ids := sorted(set(segment_ids)):
        run(ASK, [tenant.pk, array(ids)])
