"""The workers' entry points: exports and imports, and files whose time is over."""

from celery import shared_task

from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask
from webhooks.files import exporting, importing, working


@shared_task(base=TenantTask)
def make_exports(tenant: Tenant) -> None:
    """Make the store's exports for one turn; the next one queues up again."""
    if working.make_exports(tenant=tenant):
        make_exports.delay(tenant.pk)


@shared_task(base=TenantTask)
def run_imports(tenant: Tenant) -> None:
    """Go on with the store's imports for one turn; the next one queues up again."""
    if working.run_imports(tenant=tenant):
        run_imports.delay(tenant.pk)


@shared_task
def sweep_files() -> None:
    """Wake a worker for each store whose files wait, and take away what is over."""
    for_every_tenant(wake, reason="files sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's turn when something is due."""
    if working.is_due():
        make_exports.delay(tenant.pk)
    if working.imports_are_due():
        run_imports.delay(tenant.pk)
    exporting.remove_old()
    importing.remove_old()
