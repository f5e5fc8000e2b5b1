"""The workers' entry points: send one store's campaigns, and find what nobody was told of."""

from collections.abc import Sequence

from celery import shared_task
from django.db import OperationalError

from campaigns import domains
from campaigns.content import trying
from campaigns.numbers import reach
from campaigns.providers.base import ProviderAway
from campaigns.sending import due, handing
from campaigns.tracking import events, unsubscribing
from campaigns.tracking.events import Event
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
    """Queue the store's turn when there is something in it; finish unsubscribes that waited."""
    unsubscribing.catch_up(tenant=tenant)
    if due.has_due():
        send_campaigns.delay(tenant.pk)
    if reach.is_due(tenant=tenant):
        count_reach.delay(tenant.pk)


@shared_task(base=TenantTask)
def count_reach(tenant: Tenant) -> None:
    """Count whom the store could write to; once, however often it was told."""
    if reach.is_due(tenant=tenant):
        reach.count_reach(tenant=tenant)


@shared_task(base=TenantTask)
def check_senders(tenant: Tenant) -> None:
    """Ask the DNS for the records of senders that were not looked at of late."""
    domains.check_senders(tenant=tenant)


@shared_task
def sweep_senders() -> None:
    """Have each store's senders looked at whose day has come."""
    for_every_tenant(look_at_senders, reason="sender domains")


def look_at_senders(tenant: Tenant) -> None:
    """Queue the store's look when a sender waits for one."""
    if domains.has_due():
        check_senders.delay(tenant.pk)


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


# Events, not ids: a provider's word is kept in no table of its own.
@shared_task(base=TenantTask, autoretry_for=(OperationalError,), retry_backoff=5, max_retries=8)
def take_in_events(tenant: Tenant, told: list[Event]) -> None:
    """Take in what a provider told of the store's messages; what was taken in before is not."""
    events.take_in(tenant=tenant, events=told)


@shared_task
def take_in_unplaced(told: list[Event]) -> None:
    """Look in each store for the messages of events that name no store."""

    def look(tenant: Tenant) -> None:
        events.take_in(tenant=tenant, events=told)

    for_every_tenant(look, reason="provider events")
