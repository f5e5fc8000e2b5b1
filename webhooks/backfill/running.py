"""Bringing a sync on, turn by turn, from wherever the last worker left it.

Nothing that matters is in memory: which operation was asked, and how many partitions are applied,
are rows. A worker takes the sync for a turn by a lease that runs out; no lock is held while
Shopify is asked or a file is fetched.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from customers.data import UNDATED
from tenants.models import Tenant, User
from tenants.shopify.client import AdminApi
from tenants.shopify.errors import ShopifyError
from tenants.shopify.scopes import ALL_ORDERS
from tenants.shopify.standing import scopes_of
from tenants.shopify.tokens import get_api
from webhooks import predicting, recomputing, rescoring
from webhooks.backfill import asking, spool
from webhooks.backfill.applying import Writer, apply_groups, write
from webhooks.backfill.models import Sync, SyncPart
from webhooks.backfill.partitions import count_for, read_groups
from webhooks.reconciliation import settling
from webhooks.reconciliation.mending import mend
from xeno.lib.errors import Mistake
from xeno.lib.leases import is_free

log = structlog.get_logger(__name__)

TURN_SECONDS = 10.0  # then other stores' work comes before the next turn
LEASE = timedelta(seconds=120)  # longer than a partition takes; renewed with each
LONGEST_HOLD = LEASE  # its pauses are shorter
LONGEST_STILL = timedelta(hours=1)  # without getting further; then somebody should know
POLL_SECONDS = 15.0  # a webhook of the end cuts it short
TROUBLE_SECONDS = 30.0
MOST_ATTEMPTS = 3  # of operations that Shopify did not bring to an end


class SyncRunning(Mistake):
    """A sync of this store is under way."""

    code = "sync_running"
    status = 409
    message = "The store is being synced already. Wait for it, or cancel it first."


class SyncNotRunning(Mistake):
    """There is nothing to cancel."""

    code = "sync_not_running"
    status = 409
    message = "No sync of this store is running."


class BulkUnanswered(ShopifyError):
    """Shopify neither brings an operation to an end nor gets any further with it."""

    code = "bulk_unanswered"
    status = 503
    message = (
        "Shopify has been preparing the data for more than an hour without getting further. It is"
        " asked again by itself."
    )
    retryable = True


class HistoryIncomplete(ShopifyError):
    """Shopify did not bring an operation to an end, several times."""

    code = "bulk_failed"
    message = "Shopify failed to prepare the data several times. Start the sync again later."


def start_sync(
    *,
    tenant: Tenant,
    user: User | None = None,
    kind: Sync.Kind = Sync.Kind.HISTORY,
    since: datetime | None = None,
) -> Sync:
    """Begin a sync of everything, or of what changed since; raises SyncRunning.

    A worker must then `advance` it.
    """
    try:
        with transaction.atomic():
            store = Tenant.objects.get(pk=tenant.pk)
            sync: Sync = Sync.objects.create(
                started_by=user, kind=kind, since=since, all_orders=ALL_ORDERS in scopes_of(store)
            )
            SyncPart.objects.bulk_create(
                SyncPart(tenant_id=tenant.pk, sync=sync, kind=kind) for kind in SyncPart.ORDER
            )
    except IntegrityError as error:
        raise SyncRunning from error
    return sync


def cancel_sync(*, tenant: Tenant) -> Sync:
    """End the running sync here and at Shopify; what is applied stays. Raises SyncNotRunning."""
    sync = end_running()
    tell_cancelled(tenant=tenant)
    return sync


def end_running(*, sync: Sync | None = None) -> Sync:
    """Mark this sync, or whichever runs, as cancelled; raises SyncNotRunning."""
    sync = sync or find_running()
    running = Sync.objects.filter(pk=sync.pk if sync else None, state=Sync.State.RUNNING)
    ended = {"state": Sync.State.CANCELLED, "trouble": "", "finished_at": Now()}
    if sync is None or not running.update(**ended):
        raise SyncNotRunning
    sync.refresh_from_db()
    return sync


def tell_cancelled(*, tenant: Tenant) -> None:
    """Have Shopify prepare no more of what was cancelled, and take its files away; once each."""
    ended = SyncPart.objects.filter(sync__state=Sync.State.CANCELLED).select_related("sync")
    for part in ended.exclude(state__in=[SyncPart.State.WAITING, SyncPart.State.DONE]):
        if part.sync.holder is None:  # else a worker reads them, and takes them away itself
            spool.remove(part)
        if part.state == SyncPart.State.ASKED:
            try:
                asking.cancel_operation(get_api(tenant=tenant), operation_id=part.operation_id or 0)
            except ShopifyError as error:
                log.warning("bulk_not_cancelled", tenant_id=tenant.pk, code=error.code)
        SyncPart.objects.filter(pk=part.pk).update(state=SyncPart.State.WAITING)


def find_running() -> Sync | None:
    """The open store's running sync."""
    return Sync.objects.filter(state=Sync.State.RUNNING).first()


def find_still() -> Sync | None:
    """The open store's running sync, if it has got no further for too long."""
    running = Sync.objects.filter(state=Sync.State.RUNNING)
    return running.filter(moved_at__lt=Now() - LONGEST_STILL).first()


def is_due() -> bool:
    """Whether the open store has a running sync that no worker is at."""
    free = is_free("held_until", longest=LONGEST_HOLD)
    return Sync.objects.filter(free, state=Sync.State.RUNNING).exists()


def advance(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> float | None:
    """Bring the running sync on for one turn.

    Gives the seconds until the next turn is worth while; None when there is none to take, or
    another worker has it.
    """
    holder = uuid4()
    sync, pause, trouble = take(holder), None, ""
    if sync is None:
        return None
    try:
        pause = work(tenant, sync, holder, time.monotonic() + seconds)
        if pause is not None and find_still() is not None:
            trouble = BulkUnanswered.code
    except ShopifyError as error:
        log.warning("sync_in_trouble", tenant_id=tenant.pk, sync=sync.pk, code=error.code)
        if error.retryable:
            pause, trouble = TROUBLE_SECONDS, error.code
        else:
            end(sync, Sync.State.FAILED, error.code)
    finally:
        give_back(sync, holder, pause or 0.0, trouble)
    return pause


def give_back(sync: Sync, holder: UUID, pause: float, trouble: str) -> None:
    """End the turn, with what stands in the way of the next one, which may begin after the
    pause. So of two messages that come meanwhile one finds nothing to do, and ends there."""
    held = Sync.objects.filter(pk=sync.pk, holder=holder)
    held.filter(state=Sync.State.RUNNING).update(trouble=trouble)
    held.update(holder=None, held_until=Now() + timedelta(seconds=pause))


def cut_pause() -> bool:
    """Have the next turn begin at once, as Shopify says that it is ready; False without a sync."""
    resting = Sync.objects.filter(state=Sync.State.RUNNING, holder=None)
    return bool(resting.update(held_until=None))


def take(holder: UUID) -> Sync | None:
    """The running sync, for this worker alone; by the database's clock."""
    free = is_free("held_until", longest=LONGEST_HOLD)
    running = Sync.objects.filter(free, state=Sync.State.RUNNING)
    if not running.update(holder=holder, held_until=Now() + LEASE):
        return None
    return Sync.objects.filter(holder=holder).first()


def keep(sync: Sync, holder: UUID) -> bool:
    """Renew the lease; False when the sync was cancelled or another worker has it."""
    held = Sync.objects.filter(pk=sync.pk, holder=holder, state=Sync.State.RUNNING)
    return bool(held.update(held_until=Now() + LEASE))


def work(tenant: Tenant, sync: Sync, holder: UUID, deadline: float) -> float | None:
    """One step after the other until the turn is over or Shopify has to be waited for."""
    api = get_api(tenant=tenant)
    if sync.withheld is None:
        sync.withheld = asking.find_withheld(api)
        Sync.objects.filter(pk=sync.pk).update(withheld=sync.withheld)
    while keep(sync, holder):
        part = SyncPart.objects.filter(sync=sync).exclude(state="done").order_by("pk").first()
        if part is None:
            finish(tenant, sync, api)
            return None
        pause = STEPS[part.state](Step(tenant, sync, part, api, holder, deadline))
        if pause is not None:
            return pause
        if time.monotonic() > deadline:
            return 0.0
    remove_files(sync)
    return None


class Step:
    """What a step knows."""

    def __init__(
        self,
        tenant: Tenant,
        sync: Sync,
        part: SyncPart,
        api: AdminApi,
        holder: UUID,
        deadline: float,
    ) -> None:
        self.tenant, self.sync, self.part, self.api = tenant, sync, part, api
        self.holder, self.deadline = holder, deadline

    def save(self, **changes: object) -> None:
        """Note how far the part is, and that it has got there."""
        SyncPart.objects.filter(pk=self.part.pk).update(**changes)
        Sync.objects.filter(pk=self.sync.pk).update(moved_at=Now())


def ask(step: Step) -> float | None:
    """Have Shopify prepare the part."""
    operation = asking.start_operation(
        step.api, kind=step.part.kind, since=step.sync.since, withheld=step.sync.withheld or []
    )
    step.save(
        state=SyncPart.State.ASKED,
        operation_id=operation.id,
        read_at=operation.read_at,
        attempts=F("attempts") + 1,
    )
    return None


def look(step: Step) -> float | None:
    """See whether Shopify has prepared it; asked anew when it gave up."""
    part = step.part
    operation = asking.find_operation(step.api, operation_id=part.operation_id or 0)
    if operation is not None and not operation.ended:
        if operation.objects != part.total:
            step.save(total=operation.objects)
        return POLL_SECONDS
    if operation is None or not operation.complete:
        if part.attempts >= MOST_ATTEMPTS:
            raise HistoryIncomplete
        step.save(state=SyncPart.State.WAITING)
    elif not operation.url:
        step.save(state=SyncPart.State.DONE, total=0)
    else:
        partitions = count_for(operation.size, operation.objects)
        step.save(
            state=SyncPart.State.APPLYING, total=operation.objects, partitions=partitions, mark=0
        )
    return None


def apply(step: Step) -> float | None:
    """Apply partitions from the mark on, until the turn is over."""
    part = step.part
    folder = spool.folder_of(part)
    if not (folder / spool.READY).exists():
        operation = asking.find_operation(step.api, operation_id=part.operation_id or 0)
        if operation is None or not operation.url:
            step.save(state=SyncPart.State.WAITING)  # the file was kept for a week
            return None
        folder = spool.fetch(part, operation.url)
    applied = part.applied
    for number in range(part.mark, part.partitions):
        written, unreadable = apply_groups(
            tenant=step.tenant,
            kind=part.kind,
            groups=read_groups(folder, number),
            read_at=part.read_at or UNDATED,
            before=applied,
            write=writer(step.sync),
        )
        applied += written
        step.save(
            mark=number + 1,
            applied=F("applied") + written,
            unreadable=F("unreadable") + unreadable,
        )
        if time.monotonic() > step.deadline or not keep(step.sync, step.holder):
            return 0.0
    step.save(state=SyncPart.State.DONE)
    spool.remove(part)
    return None


def writer(sync: Sync) -> Writer:
    """How a batch of the sync is written: a reconciliation compares it first."""
    return partial(mend, sync=sync) if sync.kind == Sync.Kind.RECONCILIATION else write


STEPS: dict[str, Callable[[Step], float | None]] = {
    SyncPart.State.WAITING: ask,
    SyncPart.State.ASKED: look,
    SyncPart.State.APPLYING: apply,
}


def finish(tenant: Tenant, sync: Sync, api: AdminApi) -> None:
    """Note that everything is here: with all of history, our own totals count from now on."""
    if sync.kind == Sync.Kind.RECONCILIATION:
        settling.settle(tenant=tenant, sync=sync, api=api)
    with transaction.atomic():
        end(sync, Sync.State.DONE, "")
        rescoring.ask_for_scores(tenant=tenant)
        predicting.ask_for_predictions(tenant=tenant)
        store = Tenant.objects.get(pk=tenant.pk)
        whole = sync.since is None and sync.all_orders and ALL_ORDERS in scopes_of(store)
        if whole and not store.history_complete:
            Tenant.objects.filter(pk=tenant.pk).update(history_complete_since=sync.started_at)
            recomputing.ask_for_recompute(tenant=tenant)


def end(sync: Sync, state: Sync.State, trouble: str) -> None:
    """End the sync, unless it has ended already, and take its files away."""
    running = Sync.objects.filter(pk=sync.pk, state=Sync.State.RUNNING)
    running.update(state=state, trouble=trouble, finished_at=Now())
    remove_files(sync)


def remove_files(sync: Sync) -> None:
    """Take away the files of an ended sync."""
    for part in SyncPart.objects.filter(sync=sync).exclude(operation_id=None):
        spool.remove(part)
