"""Working off the store's jobs, step by step, from wherever the last worker left them.

A job is held by a lease that runs out. A step of a tagging is one transaction, which also moves
the mark, so none is done twice; no lock is held while Shopify is asked.
"""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import uuid4

import structlog
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from customers.bulk_tagging import MOST_AT_ONCE, tag_customers
from segments.exchange.importing import import_one, told
from segments.exchange.texts import Entry
from segments.history import members_as_of
from segments.jobs.models import SegmentJob
from segments.models import Segment
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.shopify.errors import ShopifyError
from tenants.shopify.segments import read_segments
from tenants.shopify.tokens import get_api
from xeno.lib.leases import is_free

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)  # longer than a step takes
PAUSE = timedelta(seconds=30)  # after a trouble that passes
TURN_SECONDS = 10.0  # then other stores' work comes before the next turn
BUSY = "busy"  # the store's applier held the customers for too long


def is_due(*, tenant: Tenant) -> bool:
    """Whether the open store has a job that nobody is at."""
    return free_jobs().exists()


def free_jobs() -> QuerySet[SegmentJob]:
    """Running jobs that can be taken, the oldest first."""
    free = is_free("held_until", longest=LEASE)
    return SegmentJob.objects.filter(free, state=SegmentJob.State.RUNNING).order_by("pk")


def work(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Work for one turn; True when something is left that can be done at once."""
    deadline = time.monotonic() + seconds
    while job := take():
        pause = None
        try:
            while step(tenant=tenant, job=job) and time.monotonic() < deadline:
                job.refresh_from_db()
        except ShopifyError as error:
            pause = in_trouble(tenant, job, error.code, passes=error.retryable)
        except OperationalError:
            pause = in_trouble(tenant, job, BUSY, passes=True)
        finally:
            give_back(job, pause)
        if time.monotonic() >= deadline:
            break
    return is_due(tenant=tenant)


def take() -> SegmentJob | None:
    """The next job, for this worker alone; by the database's clock."""
    holder = uuid4()
    for pk in free_jobs().values_list("pk", flat=True):
        if free_jobs().filter(pk=pk).update(holder=holder, held_until=Now() + LEASE):
            return SegmentJob.objects.filter(pk=pk, holder=holder).first()
    return None


def give_back(job: SegmentJob, pause: timedelta | None) -> None:
    """Let it be taken by the next worker, after the pause if there is one."""
    until = None if pause is None else Now() + pause
    SegmentJob.objects.filter(pk=job.pk, holder=job.holder).update(holder=None, held_until=until)


def still_holds(job: SegmentJob) -> bool:
    """Whether the job is still this worker's; keeps it so until the transaction ends."""
    mine = SegmentJob.objects.select_for_update().filter(pk=job.pk, holder=job.holder)
    return mine.exists()


def in_trouble(tenant: Tenant, job: SegmentJob, code: str, *, passes: bool) -> timedelta | None:
    """Note what stands in the way; a trouble that does not pass ends the job."""
    log.warning("segment_job_in_trouble", tenant_id=tenant.pk, job=job.pk, code=code)
    SegmentJob.objects.filter(pk=job.pk).update(trouble=code)
    if passes:
        return PAUSE
    end(job, SegmentJob.State.FAILED)
    return None


def step(*, tenant: Tenant, job: SegmentJob) -> bool:
    """Do the next part of the job; False when it has ended."""
    return STEPS[job.kind](tenant, job)


def end(job: SegmentJob, state: str) -> None:
    """Note that it has ended."""
    running = SegmentJob.objects.filter(pk=job.pk, state=SegmentJob.State.RUNNING)
    running.update(state=state, finished_at=Now())


def actor_of(job: SegmentJob) -> Actor:
    """Who ordered it."""
    return Actor(user=job.user, key=job.key)


# --- Tagging ----------------------------------------------------------------------------------


@transaction.atomic
def tag_next(tenant: Tenant, job: SegmentJob) -> bool:
    """Tag the next customers who were in the segment when it was ordered."""
    if not still_holds(job):
        return False
    segment: Segment | None = Segment.objects.filter(pk=job.segment_id).first()
    if segment is None:
        end(job, SegmentJob.State.FAILED)  # deleted meanwhile
        return False
    rows = members_as_of(segment, job.as_of).filter(customer__id__gt=int(job.mark or 0))
    ids = list(rows.order_by("customer_id").values_list("customer_id", flat=True)[:MOST_AT_ONCE])
    if ids:
        tagged = tag_customers(
            actor=actor_of(job),
            tenant=tenant,
            customer_ids=ids,
            add=job.add_tags,
            remove=job.remove_tags,
        )
        SegmentJob.objects.filter(pk=job.pk).update(
            mark=str(ids[-1]),
            done=F("done") + len(ids),
            changed=F("changed") + len(tagged.changed),
            trouble="",
        )
    if len(ids) < MOST_AT_ONCE:
        end(job, SegmentJob.State.DONE)
        return False
    return True


# --- Shopify's segments -----------------------------------------------------------------------


def import_next(tenant: Tenant, job: SegmentJob) -> bool:
    """Fetch the next page and make its segments here, those that can be read."""
    page = read_segments(get_api(tenant=tenant), after=job.mark)
    with transaction.atomic():
        if not still_holds(job):
            return False
        results = [
            import_one(
                actor=actor_of(job),
                tenant=tenant,
                entry=Entry(each.name, each.query),
                shopify_id=each.shopify_id,
            )
            for each in page.segments
        ]
        report = job.report + [told(result) for result in results]
        SegmentJob.objects.filter(pk=job.pk).update(
            report=report,
            mark=page.next_cursor,
            done=F("done") + len(results),
            changed=F("changed") + sum(each.outcome == "created" for each in results),
            trouble="",
        )
        if not page.next_cursor:
            end(job, SegmentJob.State.DONE)
    return bool(page.next_cursor)


STEPS: Mapping[str, Callable[[Tenant, SegmentJob], bool]] = {
    SegmentJob.Kind.TAG: tag_next,
    SegmentJob.Kind.IMPORT: import_next,
}
