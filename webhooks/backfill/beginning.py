"""What begins by itself: a store's history comes once it is connected, and when it may be seen."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tenants.audit import Actor
from tenants.models import Tenant
from tenants.shopify.scopes import ALL_ORDERS
from tenants.shopify.standing import scopes_of
from webhooks.backfill import running
from webhooks.backfill.models import Sync

AGAIN = timedelta(hours=6)  # after one that failed


def begin_sync(tenant: Tenant, actor: Actor) -> None:
    """Start a sync, unless one is under way, and tell a worker; the sweep tells one too."""
    from webhooks.tasks import advance_sync

    if running.find_running() is None:
        with suppress(running.SyncRunning):  # somebody was faster
            running.start_sync(tenant=tenant, user=actor.user)
    running.cut_pause()
    # robust: the install must not fail because Redis is away; the sweep finds the row.
    transaction.on_commit(lambda: advance_sync.delay(tenant.pk), robust=True)


def hear_scopes(*, before: Tenant) -> None:
    """Begin a sync when what was granted shows orders that were withheld until now.

    Within the transaction that took the word over; `before` is the store as it was. A scope that
    is lost begins nothing and takes nothing away.
    """
    store = Tenant.objects.get(pk=before.pk)
    if may_complete(store) and ALL_ORDERS not in scopes_of(before):
        begin_sync(store, Actor())


def begin_owed(*, tenant: Tenant) -> None:
    """Begin the sync that a store's history still needs to be complete, if any.

    As when the scope was granted in the middle of a sync, which had asked for less.
    """
    store = Tenant.objects.get(pk=tenant.pk)
    if not may_complete(store) or running.find_running() is not None:
        return
    last = Sync.objects.filter(all_orders=True, kind=Sync.Kind.HISTORY).order_by("-pk").first()
    cancelled = last is not None and last.state == Sync.State.CANCELLED  # somebody's decision
    lately = last is not None and timezone.now() - last.started_at < AGAIN
    if not cancelled and not lately:
        begin_sync(store, Actor())


def may_complete(store: Tenant) -> bool:
    """Whether Shopify shows orders that are not all here."""
    shown = bool(store.access_token) and ALL_ORDERS in scopes_of(store)
    return shown and not store.history_complete
