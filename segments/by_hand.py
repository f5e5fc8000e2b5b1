"""Refreshing segments now, in the caller's own process."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from segments import leases
from segments.definitions import load_definitions
from segments.keeping import refresh_one
from tenants.models import Tenant
from xeno.lib.errors import Mistake


@dataclass(slots=True)
class Done:
    """What a refresh by hand did; `troubles` are sentences about those that failed."""

    segments: int = 0
    joined: int = 0
    left: int = 0
    troubles: list[str] = field(default_factory=list)


def refresh_all(
    *,
    tenant: Tenant,
    segment_ids: Iterable[int],
    on_progress: Callable[[int], object] = lambda done: None,
    patience: float = 60.0,
) -> Done:
    """Refresh these segments as a whole, whatever their state; waits for a keeper's turn to end.

    Raises SegmentsAreKept when a keeper holds the store for longer than `patience` seconds.
    """
    done, holder = Done(), uuid4()
    wait_for_lease(tenant=tenant, holder=holder, patience=patience)
    try:
        definitions, broken = load_definitions()
        wanted = set(segment_ids)
        done.troubles = [f"Segment {pk}: {code}." for pk, code in broken.items() if pk in wanted]
        for definition in (each for each in definitions if each.id in wanted):
            leases.take_lease(tenant=tenant, holder=holder)
            moved = refresh_one(tenant=tenant, holder=holder, definition=definition, now=None)
            if moved is None:
                done.troubles.append(f"Segment {definition.id} was not refreshed; see its page.")
            else:
                done.segments += 1
                done.joined, done.left = done.joined + moved.joined, done.left + moved.left
            on_progress(1)
    finally:
        leases.give_back(tenant=tenant, holder=holder)
    return done


class SegmentsAreKept(Mistake):
    """A worker is at the store's segments and does not end its turn."""

    code = "segments_are_kept"
    message = "A worker is at this store's segments. Try again in a minute."
    retryable = True


def wait_for_lease(*, tenant: Tenant, holder: UUID, patience: float) -> None:
    """Take the lease as soon as it is free; raises SegmentsAreKept."""
    end = time.monotonic() + patience
    while not leases.take_lease(tenant=tenant, holder=holder):
        if time.monotonic() > end:
            raise SegmentsAreKept
        time.sleep(0.1)
