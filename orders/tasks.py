"""The workers' part of orders."""

from celery import shared_task
from django.db import OperationalError

from orders.rollups import keeping, state
from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask


@shared_task(base=TenantTask, autoretry_for=(OperationalError,), retry_backoff=1, max_retries=5)
def keep_numbers(tenant: Tenant) -> None:
    """Bring the store's rollups in step for one turn; the next one queues up again.

    While the store has more urgent work, the sweep brings the next turn.
    """
    if keeping.keep(tenant=tenant) and not keeping.gives_way():
        keep_numbers.delay(tenant.pk)


@shared_task
def sweep_numbers() -> None:
    """Wake a worker for each store whose numbers wait."""
    for_every_tenant(wake, reason="numbers sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's turn when something is due."""
    if state.is_due(tenant=tenant):
        keep_numbers.delay(tenant.pk)
