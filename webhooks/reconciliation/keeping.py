"""Looking after a store's connection: one look every few minutes, from beat."""

import structlog
from django.db import transaction
from django.utils import timezone

from tenants.models import Tenant, User
from tenants.shopify.errors import ShopifyError
from tenants.shopify.tokens import get_api
from webhooks.backfill import running
from webhooks.backfill.beginning import begin_owed
from webhooks.backfill.models import Sync
from webhooks.backfill.running import SyncRunning
from webhooks.reconciliation import starting, watching

log = structlog.get_logger(__name__)


def keep_in_step(*, tenant: Tenant) -> None:
    """Begin a reconciliation when it is due, and tell the owners of trouble.

    A Shopify that cannot be asked is no reason not to tell them.
    """
    store, now, in_gap = Tenant.objects.get(pk=tenant.pk), timezone.now(), False
    try:
        if starting.is_reachable(store):
            if store.trouble:
                get_api(tenant=store).ask("shop")  # raises while it lasts
            begin_owed(tenant=store)
            in_gap = starting.is_in_gap(store, now)
            due = in_gap or starting.is_nightly_due(store, now)
            if due and not starting.was_tried_lately(now):
                begin_reconciliation(tenant=store)
    except SyncRunning:
        pass  # somebody was faster
    except ShopifyError as error:
        log.warning("connection_not_asked", tenant_id=tenant.pk, code=error.code)
    watching.watch(tenant=store, in_gap=in_gap)


def begin_reconciliation(*, tenant: Tenant, user: User | None = None, whole: bool = False) -> Sync:
    """Start one and tell a worker; raises SyncRunning."""
    sync = starting.start_reconciliation(tenant=tenant, user=user, whole=whole)
    tell_worker(tenant)
    return sync


def begin_history(*, tenant: Tenant, user: User | None = None) -> Sync:
    """Start a sync of everything and tell a worker; raises SyncRunning."""
    sync = running.start_sync(tenant=tenant, user=user)
    tell_worker(tenant)
    return sync


def tell_worker(tenant: Tenant) -> None:
    """Queue the sync's first turn; without Redis the sweep finds the row."""
    from webhooks.tasks import advance_sync

    transaction.on_commit(lambda: advance_sync.delay(tenant.pk), robust=True)


def tell_worker_to_cancel(tenant: Tenant) -> None:
    """Queue telling Shopify of what was called off; a Redis that is away is no reason not to."""
    from webhooks.tasks import tell_cancelled

    transaction.on_commit(lambda: tell_cancelled.delay(tenant.pk), robust=True)
