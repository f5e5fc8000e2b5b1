"""Telling a worker that messages may leave; the sweep finds them when nobody is told."""

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from tenants.models import Tenant

log = structlog.get_logger(__name__)


def wake_sender(tenant: Tenant) -> None:
    """Queue the store's turn once the open transaction is committed."""
    tenant_id = tenant.pk
    transaction.on_commit(lambda: tell(tenant_id), robust=True)


def tell(tenant_id: int) -> None:
    """Queue the store's turn; Redis may be away."""
    from campaigns.tasks import send_campaigns

    try:
        send_campaigns.apply_async((tenant_id,), retry=False)
    except (OperationalError, OSError) as error:
        log.warning("campaign_nudge_not_sent", tenant_id=tenant_id, error=type(error).__name__)
