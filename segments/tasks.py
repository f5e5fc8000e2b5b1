"""The workers' part of segments."""

from celery import shared_task

from segments import due, keeping, troubles
from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask


@shared_task(base=TenantTask, autoretry_for=troubles.TRANSIENT, retry_backoff=1, max_retries=5)
def keep_segments(tenant: Tenant) -> None:
    """Bring the store's segments in step for one turn; the next one queues up again."""
    if keeping.keep(tenant=tenant):
        keep_segments.delay(tenant.pk)


@shared_task
def sweep_segments() -> None:
    """Wake a worker for each store whose segments wait, or whose day has begun."""
    for_every_tenant(wake, reason="segments sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's turn when something is due."""
    if due.is_due(tenant=tenant):
        keep_segments.delay(tenant.pk)
