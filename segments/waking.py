"""Waking a worker for a store's segments; the sweep finds what waits where Redis does not."""

from django.db import transaction

from tenants.models import Tenant


def wake_keeper(tenant: Tenant) -> None:
    """Have the store's segments kept as soon as the open transaction is committed."""
    tenant_id = tenant.pk
    transaction.on_commit(lambda: send(tenant_id), robust=True)


def send(tenant_id: int) -> None:
    """Queue the task."""
    from segments.tasks import keep_segments

    keep_segments.delay(tenant_id)
