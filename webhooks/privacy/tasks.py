"""The workers' entry points: privacy requests, and what is only kept for a while."""

from celery import shared_task

from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask
from webhooks.privacy import bodies, bundling, requests, working


@shared_task(base=TenantTask)
def work_privacy(tenant: Tenant) -> None:
    """Work this store's privacy requests off."""
    working.work_off(tenant=tenant)


@shared_task(base=TenantTask)
def drop_what_is_old(tenant: Tenant) -> None:
    """Drop this store's raw bodies and bundles that have been kept long enough."""
    bodies.drop_old_bodies(tenant=tenant)
    bundling.drop_old_bundles()


@shared_task
def sweep_privacy() -> None:
    """Wake a worker for each store with an open request."""
    for_every_tenant(wake, reason="privacy sweep")


@shared_task
def sweep_old() -> None:
    """Have each store's old bodies and bundles dropped, store by store."""
    for_every_tenant(lambda tenant: drop_what_is_old.delay(tenant.pk), reason="retention sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's requests when one can be worked on."""
    if requests.is_due():
        work_privacy.delay(tenant.pk)
