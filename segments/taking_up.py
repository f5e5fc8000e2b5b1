"""Taking up what was noted: touched customers at once, and whole refreshes where that is less."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import Error, transaction

from segments import leases
from segments.definitions import clock_of, load_definitions, reading
from segments.due import ask_for_refresh
from segments.models import DataChange, Segment
from segments.touching import refresh_touched
from segments.troubles import is_transient
from tenants.models import Tenant
from xeno.lib.logs import trouble
from xeno.lib.upsert import array, run

log = structlog.get_logger(__name__)

MOST_ROWS = 500  # of the queue, looked at in one step
MOST_TOUCHED = 1_000  # customers of one statement
WHOLE_FROM = 10_000  # customers that wait: from here on a whole refresh is cheaper


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the queue."""

    id: int
    customers: list[int]
    kinds: list[str]
    everybody: bool
    removed: dict[str, int]


def take_up_changes(*, tenant: Tenant, holder: UUID, now: datetime | None = None) -> bool:
    """Take up the oldest changes in one transaction, or ask for whole refreshes in their place."""
    changes = read_changes()
    try:
        with transaction.atomic():
            if not leases.still_holds(tenant=tenant, holder=holder):
                return False
            follow(tenant=tenant, changes=first_of(changes), now=now)
    except Error as error:
        if is_transient(error):
            raise
        log.error("touched_failed", tenant_id=tenant.pk, **trouble(error))
        # Each by itself, whole: the one that cannot be evaluated is found, and left out then.
        with transaction.atomic():
            settle(tenant=tenant, changes=changes, asking=[e.id for e in load_definitions()[0]])
    return True


def read_changes() -> list[Change]:
    """What was noted first."""
    columns = ("pk", "customers", "kinds", "everybody", "removed")
    rows = DataChange.objects.order_by("pk").values_list(*columns)[:MOST_ROWS]
    return [Change(*row) for row in rows]


def first_of(changes: list[Change]) -> list[Change]:
    """As many as one statement takes; all, when so many wait that it pays to refresh whole."""
    waiting = sum(len(change.customers) for change in changes)
    if waiting > WHOLE_FROM:
        return changes
    taken, customers = list[Change](), 0
    for change in changes:
        customers += len(change.customers)
        if taken and customers > MOST_TOUCHED:
            break
        taken.append(change)
    return taken


def follow(*, tenant: Tenant, changes: list[Change], now: datetime | None = None) -> None:
    """Bring the touched in step within the caller's transaction, and take the rows away."""
    tenant.refresh_from_db(fields=["timezone", "currency"])
    everywhere = {kind for change in changes if change.everybody for kind in change.kinds}
    partly = [change for change in changes if not change.everybody]
    touched = {pk for change in partly for pk in change.customers}
    kinds = {kind for change in partly for kind in change.kinds}
    definitions, _ = load_definitions()
    if len(touched) > WHOLE_FROM:
        everywhere, touched = everywhere | kinds, set()
    whole = {each.id for each in reading(definitions, everywhere)}
    failing = set(
        Segment.objects.exclude(states__trouble="")
        .filter(kind="dynamic")
        .values_list("pk", flat=True)
    )
    concerned = reading(definitions, kinds)
    whole |= {each.id for each in concerned if each.id in failing}
    refresh_touched(
        tenant=tenant,
        customer_ids=touched,
        definitions=[each for each in concerned if each.id not in whole],
        clock=clock_of(tenant=tenant, now=now),
    )
    settle(tenant=tenant, changes=changes, asking=whole)


TAKE_OFF = """
    UPDATE segments_segmentstate s SET members_count = s.members_count - gone.members
    FROM (
        SELECT key::bigint AS segment_id, sum(value::bigint) AS members
        FROM segments_datachange, jsonb_each_text(removed)
        WHERE tenant_id = %s AND id = ANY(%s::bigint[]) GROUP BY key
    ) AS gone
    WHERE s.tenant_id = %s AND s.segment_id = gone.segment_id
"""


def settle(*, tenant: Tenant, changes: Iterable[Change], asking: Iterable[int]) -> None:
    """Ask for these segments' whole refresh, count who was deleted, take the rows away."""
    ids = array(sorted(change.id for change in changes))
    ask_for_refresh(tenant=tenant, segment_ids=asking)
    if any(change.removed for change in changes):
        run(TAKE_OFF, [tenant.pk, ids, tenant.pk])
    run(
        "DELETE FROM segments_datachange WHERE tenant_id = %s AND id = ANY(%s::bigint[])",
        [tenant.pk, ids],
    )
