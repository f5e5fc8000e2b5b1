"""The base of Celery tasks that work for one store."""

from typing import Any

from celery import Task

from tenants.models import Tenant
from xeno.lib.postgres.scope import NoTenant, tenant_scope


class TenantTask(Task):  # type: ignore[misc]  # celery has no types
    """A task whose first argument is a tenant's id; its body gets the Tenant, within its scope.

    Queue it with `.delay_on_commit(tenant.pk, …)`: ids only, so that nothing of the caller's
    scope travels. A store that is gone by then is no error: the work is gone too.
    """

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not args or not isinstance(args[0], int) or isinstance(args[0], bool):
            raise NoTenant(f"{self.name} needs a tenant's id as its first argument.")
        tenant = Tenant.objects.filter(pk=args[0]).first()
        if tenant is None:
            return None
        with tenant_scope(tenant.pk):
            # Not super(): it would push a second request, without id, retries and first arguments.
            return self.run(tenant, *args[1:], **kwargs)
