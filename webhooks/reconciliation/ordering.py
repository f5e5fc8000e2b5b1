"""A sync that somebody orders or calls off: refused where it cannot be, and noted in the trail."""

from django.db import transaction

from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from tenants.shopify.errors import NotConnected
from tenants.shopify.standing import State, standing_of
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.reconciliation.keeping import (
    begin_history,
    begin_reconciliation,
    tell_worker_to_cancel,
)

DEAD = (State.NEVER, State.UNINSTALLED, State.TOKEN_DEAD)
NOTED = {
    Sync.Kind.HISTORY: "sync.begin_ordered",
    Sync.Kind.RECONCILIATION: "sync.reconcile_ordered",
}


@transaction.atomic
def order_sync(
    *, actor: Actor, tenant: Tenant, kind: str = Sync.Kind.HISTORY, whole: bool = False
) -> Sync:
    """Begin a sync and tell a worker; raises SyncRunning, or NotConnected where none could end.

    `whole` has a reconciliation compare everything; a history is always whole.
    """
    if standing_of(tenant).state in DEAD:
        raise NotConnected
    if kind == Sync.Kind.RECONCILIATION:
        sync = begin_reconciliation(tenant=tenant, user=actor.user, whole=whole)
    else:
        sync = begin_history(tenant=tenant, user=actor.user)
    save_audit(actor=actor, action=NOTED[Sync.Kind(kind)], target=sync)
    return sync


@transaction.atomic
def cancel_order(*, actor: Actor, tenant: Tenant, sync: Sync | None = None) -> Sync:
    """End this sync, or the running one; what it brought stays. Raises SyncNotRunning.

    Shopify is told by a worker: it is slow to answer now and then, and we are in a request.
    """
    ended = running.end_running(sync=sync)
    save_audit(actor=actor, action="sync.cancel_ordered", target=ended)
    tell_worker_to_cancel(tenant)
    return ended
