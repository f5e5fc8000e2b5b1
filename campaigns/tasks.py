"""The workers' entry points: send one store's campaigns, and find what nobody was told of."""

from collections.abc import Sequence

from celery import shared_task

from campaigns.content import trying
from campaigns.providers.base import ProviderAway
from campaigns.sending import due, handing
from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask


@shared_task(base=TenantTask)
def send_campaigns(tenant: Tenant) -> None:
    """Send what may leave of this store for one turn; the next one queues up again."""
    if handing.send_turn(tenant=tenant):
        send_campaigns.delay(tenant.pk)


@shared_task
def sweep_campaigns() -> None:
    """Wake a worker for each store with messages that may leave."""
    for_every_tenant(wake, reason="campaign sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's turn when there is something in it."""
    if due.has_due():
        send_campaigns.delay(tenant.pk)


@shared_task(base=TenantTask, autoretry_for=(ProviderAway,), retry_backoff=5, max_retries=3)
def send_test(
    tenant: Tenant,
    campaign_id: int,
    addresses: Sequence[str],
    customer_id: int | None,
    variant: str,
) -> None:
    """Send a campaign to members of the team, as that customer would get it."""
    trying.send_test_of(
        tenant=tenant,
        campaign_id=campaign_id,
        addresses=addresses,
        customer_id=customer_id,
        variant=variant,
    )
