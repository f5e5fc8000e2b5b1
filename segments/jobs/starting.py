"""Ordering a piece of work: the row is written here, a worker finds it."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from customers.bulk_tagging import MOST_AT_ONCE
from customers.editing import read_tags
from segments.history import members_as_of
from segments.jobs import working
from segments.jobs.models import SegmentJob
from segments.models import Segment
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from tenants.shopify.errors import NotConnected
from tenants.shopify.standing import State, standing_of
from xeno.lib.errors import Mistake

UNREACHABLE = (State.NEVER, State.UNINSTALLED, State.TOKEN_DEAD)


class ImportRunning(Mistake):
    """Shopify's segments are being fetched."""

    code = "import_running"
    status = 409
    message = "The segments of this store are being fetched already."


class NoTagsGiven(Mistake):
    """A tagging that would change nothing."""

    code = "no_tags_given"
    message = "Name a tag to add or to remove."


@transaction.atomic
def start_tagging(
    *,
    actor: Actor,
    tenant: Tenant,
    segment: Segment,
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> SegmentJob:
    """Tag whoever is in the segment now; few are done at once, many by a worker.

    Raises TagNotValid, NoTagsGiven.
    """
    adding, removing = read_tags(add), read_tags(remove)
    if not adding and not removing:
        raise NoTagsGiven(field="add")
    job: SegmentJob = SegmentJob.objects.create(
        kind=SegmentJob.Kind.TAG,
        segment=segment,
        add_tags=list(adding.values()),
        remove_tags=list(removing.values()),
        user=actor.user,
        key=actor.key,
    )
    job.refresh_from_db()
    job.total = members_as_of(segment, job.as_of).count()
    job.save(update_fields=["total"])
    save_audit(actor=actor, action="segment.tagged", target=segment)
    if job.total <= MOST_AT_ONCE:
        working.step(tenant=tenant, job=job)
        job.refresh_from_db()
    else:
        tell_worker(tenant)
    return job


@transaction.atomic
def start_import(*, actor: Actor, tenant: Tenant) -> SegmentJob:
    """Fetch the segments that the store has in Shopify; raises ImportRunning, NotConnected."""
    if standing_of(tenant).state in UNREACHABLE:
        raise NotConnected
    try:
        with transaction.atomic():
            job: SegmentJob = SegmentJob.objects.create(
                kind=SegmentJob.Kind.IMPORT, user=actor.user, key=actor.key
            )
    except IntegrityError:
        raise ImportRunning from None
    job.refresh_from_db()
    save_audit(actor=actor, action="segment.import_ordered", target=job)
    tell_worker(tenant)
    return job


def tell_worker(tenant: Tenant) -> None:
    """Queue a turn after the commit; without Redis the sweep finds the row."""
    from segments.tasks import work_segment_jobs

    transaction.on_commit(lambda: work_segment_jobs.delay(tenant.pk), robust=True)
