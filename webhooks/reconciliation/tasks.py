"""The workers' entry points: look after each store's connection, begin reconciliations."""

from celery import shared_task

from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask
from webhooks.reconciliation import keeping


@shared_task(base=TenantTask)
def keep_in_step(tenant: Tenant) -> None:
    """Begin what is due for the store, and tell its owners of trouble."""
    keeping.keep_in_step(tenant=tenant)


@shared_task
def sweep_connections() -> None:
    """Have each store looked after."""
    for_every_tenant(lambda tenant: keep_in_step.delay(tenant.pk), reason="connection sweep")
