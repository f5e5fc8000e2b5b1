"""The workers' part of segments."""

from celery import shared_task

from segments import due, keeping, troubles
from segments.jobs import working
from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask


@shared_task(base=TenantTask, autoretry_for=troubles.TRANSIENT, retry_backoff=1, max_retries=5)
def keep_segments(tenant: Tenant) -> None:
    """Bring the store's segments in step for one turn; the next one queues up again."""
    if keeping.keep(tenant=tenant):
        keep_segments.delay(tenant.pk)


@shared_task(base=TenantTask)
def work_segment_jobs(tenant: Tenant) -> None:
    """Work off the store's taggings and imports for one turn; the next one queues up again."""
    if working.work(tenant=tenant):
        work_segment_jobs.delay(tenant.pk)


@shared_task
def sweep_segments() -> None:
    """Wake a worker for each store whose segments wait, or whose day has begun."""
    for_every_tenant(wake, reason="segments sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's turn when something is due."""
    if due.is_due(tenant=tenant):
        keep_segments.delay(tenant.pk)
    if working.is_due(tenant=tenant):
        work_segment_jobs.delay(tenant.pk)
