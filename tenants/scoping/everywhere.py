"""The only way to do something in every store: one scope after the other, and logged."""

from collections.abc import Callable

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from tenants.models import Tenant
from tenants.scoping.choice import SECRETS
from xeno.lib.logs import trouble
from xeno.lib.postgres.scope import tenant_scope

log = structlog.get_logger(__name__)


def for_every_tenant(work: Callable[[Tenant], object], *, reason: str) -> int:
    """Call `work(tenant)` within each store's own scope; give the number of stores.

    A failure in one store is logged and does not keep the others from their turn.
    """
    done = 0
    # Without the secrets: one that no key opens would keep every store from its turn.
    stores = Tenant.objects.order_by("pk").defer(*SECRETS)
    # A list, not a server-side cursor: it would die with a connection that one store broke.
    for tenant in list(stores):
        with tenant_scope(tenant.pk):
            try:
                work(tenant)
            except SoftTimeLimitExceeded:
                raise  # the task's time is up, not this store's work wrong
            except Exception as error:
                found = trouble(error)
                log.error("tenant_work_failed", reason=reason, tenant_id=tenant.pk, **found)
        done += 1
    log.debug("every_tenant_worked", reason=reason, tenants=done)
    return done
