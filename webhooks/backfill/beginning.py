"""What begins once a store is connected: its history comes."""

from django.db import transaction

from tenants.audit import Actor
from tenants.models import Tenant
from webhooks.backfill import running


def begin_sync(tenant: Tenant, actor: Actor) -> None:
    """Start a sync, unless one is under way, and tell a worker; the sweep tells one too."""
    from webhooks.tasks import advance_sync

    if running.find_running() is None:
        running.start_sync(tenant=tenant, user=actor.user)
    running.cut_pause()
    # robust: the install must not fail because Redis is away; the sweep finds the row.
    transaction.on_commit(lambda: advance_sync.delay(tenant.pk), robust=True)
