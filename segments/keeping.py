"""Keeping a store's segments in step, turn by turn: what waits is rows, and Redis only wakes.

One keeper a store works at a time. Touched customers come before whole refreshes, so that an
order shows in the segments while a large one is still to be refreshed.
"""

import time
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from django.db import Error, transaction

from segments import leases
from segments.definitions import Definition, load_definitions
from segments.due import find_due, is_due
from segments.models import DataChange
from segments.refreshing import Moved, refresh_segment
from segments.removing import remove_deleted
from segments.taking_up import take_up_changes
from segments.troubles import code_of, is_transient, note_trouble
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.logs import trouble

log = structlog.get_logger(__name__)

TURN_SECONDS = 0.5  # then the next task goes on: a quiet store never waits for a large one's end


def keep(*, tenant: Tenant, seconds: float = TURN_SECONDS, now: datetime | None = None) -> bool:
    """Keep the store's segments for one turn; True when something is left for the next.

    Where another keeper holds the lease, this does nothing. `now` is the moment that whole days
    are counted from, where it is not the present one.
    """
    end = time.monotonic() + seconds
    while is_due(tenant=tenant, now=now):
        holder = uuid4()
        if not leases.take_lease(tenant=tenant, holder=holder):
            return False
        try:
            while step(tenant=tenant, holder=holder, now=now):
                if time.monotonic() > end:
                    return is_due(tenant=tenant, now=now)
        finally:
            leases.give_back(tenant=tenant, holder=holder)
        # Looked at again: whoever came meanwhile was sent away by our lease.
    return False


def step(*, tenant: Tenant, holder: UUID, now: datetime | None = None) -> bool:
    """The next piece of work; False when there is none, or the lease has gone to another."""
    if not leases.take_lease(tenant=tenant, holder=holder):
        return False
    if DataChange.objects.exists():
        return take_up_changes(tenant=tenant, holder=holder, now=now)
    definitions, broken = load_definitions()
    for segment_id, code in broken.items():
        note_trouble(tenant=tenant, segment_id=segment_id, code=code)
    due = find_due(tenant=tenant, definitions=definitions, now=now)
    if due is None:
        return remove_deleted(tenant=tenant)
    refresh_one(tenant=tenant, holder=holder, definition=due, now=now)
    return True


def refresh_one(
    *, tenant: Tenant, holder: UUID, definition: Definition, now: datetime | None
) -> Moved | None:
    """Refresh a segment as a whole; one that fails rests, and does not keep the others waiting.

    None when it failed, is gone, or the lease has gone to another.
    """
    try:
        with transaction.atomic():
            if not leases.still_holds(tenant=tenant, holder=holder):
                return None
            moved = refresh_segment(tenant=tenant, definition=definition, now=now)
    except (Error, Mistake) as error:
        if is_transient(error):
            raise
        log.error("refresh_failed", tenant_id=tenant.pk, segment=definition.id, **trouble(error))
        note_trouble(tenant=tenant, segment_id=definition.id, code=code_of(error))
        return None
    if moved:
        log.debug(
            "segment_refreshed",
            tenant_id=tenant.pk,
            segment=definition.id,
            joined=moved.joined,
            left=moved.left,
        )
    return moved
