"""The workers' entry points: apply one store's inbox, and find inboxes that nobody was told of."""

from uuid import UUID, uuid4

from celery import shared_task
from django.conf import settings

from orders.rollups import state as rollups
from orders.tasks import keep_numbers
from segments import due
from segments.tasks import keep_segments
from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from tenants.scoping.tasks import TenantTask
from webhooks import predicting, processing, recomputing, rescoring, subscriptions
from webhooks.backfill import running, spool
from webhooks.files import tasks as file_tasks  # noqa: F401  # found by Celery here
from webhooks.outbox import sending
from webhooks.privacy import tasks as privacy_tasks  # noqa: F401  # and here
from webhooks.reconciliation import tasks as reconciliation_tasks  # noqa: F401  # and here


@shared_task(base=TenantTask, autoretry_for=processing.TRANSIENT, retry_backoff=1, max_retries=5)
def apply_inbox(tenant: Tenant, ticket: str | None = None) -> None:
    """Apply what waits in this store's inbox for one turn; the next one queues up again."""
    mine, following = UUID(ticket) if ticket else None, uuid4()
    if processing.apply_inbox(tenant=tenant, ticket=mine, next_ticket=following):
        apply_inbox.delay(tenant.pk, str(following))
    elif rollups.is_due(tenant=tenant):
        # Where more waits to be applied the sweep does, so that a flood is counted in few turns.
        keep_numbers.delay(tenant.pk)
    if sending.is_due(tenant):
        send_edits.delay(tenant.pk)
    if due.is_due(tenant=tenant):
        keep_segments.delay(tenant.pk)


@shared_task(base=TenantTask)
def send_edits(tenant: Tenant) -> None:
    """Tell Shopify of this store's edits for one turn; the next one queues up again."""
    if sending.send_edits(tenant=tenant):
        send_edits.delay(tenant.pk)


@shared_task(base=TenantTask, autoretry_for=processing.TRANSIENT, retry_backoff=1, max_retries=5)
def recompute_totals(tenant: Tenant) -> None:
    """Recompute the store's totals for one turn; the next one queues up again."""
    if recomputing.recompute(tenant=tenant):
        recompute_totals.delay(tenant.pk)


@shared_task(base=TenantTask)
def recompute_scores(tenant: Tenant) -> None:
    """Score the store's customers anew; one that fails is found by the sweep."""
    rescoring.rescore(tenant=tenant)


@shared_task(base=TenantTask)
def predict_customers(tenant: Tenant) -> None:
    """Fit the store's models and predict anew; one that fails is found by the sweep."""
    predicting.predict(tenant=tenant)


@shared_task(base=TenantTask, autoretry_for=processing.TRANSIENT, retry_backoff=1, max_retries=5)
def advance_sync(tenant: Tenant) -> None:
    """Bring the store's sync on for one turn; the next one queues up again after its pause."""
    pause = running.advance(tenant=tenant)
    if pause is not None:
        advance_sync.apply_async((tenant.pk,), countdown=pause)


@shared_task(base=TenantTask)
def tell_cancelled(tenant: Tenant) -> None:
    """Tell Shopify of syncs that were called off."""
    running.tell_cancelled(tenant=tenant)


@shared_task(base=TenantTask)
def repair_subscriptions(tenant: Tenant) -> None:
    """Compare the store's own subscriptions with what we need, and mend them."""
    subscriptions.repair_subscriptions(tenant=tenant)


@shared_task
def sweep_subscriptions() -> None:
    """Have each connected store's subscriptions looked at."""
    for_every_tenant(look_at_subscriptions, reason="webhook subscriptions")


def look_at_subscriptions(tenant: Tenant) -> None:
    """Queue the store's repair where it can be asked."""
    if settings.SHOPIFY_SUBSCRIPTIONS != subscriptions.DECLARED and tenant.access_token:
        repair_subscriptions.delay(tenant.pk)


@shared_task
def remove_old_files() -> None:
    """Take away the files that syncs left on this machine."""
    spool.remove_old()


@shared_task
def sweep_inbox() -> None:
    """Wake a worker for each store with work waiting: Redis may have lost the nudge."""
    for_every_tenant(wake, reason="inbox sweep")


def wake(tenant: Tenant) -> None:
    """Queue the store's inbox when there is something in it, and whatever else of it is due."""
    if processing.has_pending():
        apply_inbox.delay(tenant.pk)
    if running.is_due():
        advance_sync.delay(tenant.pk)
    if sending.is_due(tenant):
        send_edits.delay(tenant.pk)
    if recomputing.is_due(tenant=tenant):
        recompute_totals.delay(tenant.pk)
        recomputing.note_told(tenant=tenant)
    if rescoring.is_due(tenant=tenant):
        recompute_scores.delay(tenant.pk)
        rescoring.note_told(tenant=tenant)
    if predicting.is_due(tenant=tenant):
        predict_customers.delay(tenant.pk)
        predicting.note_told(tenant=tenant)
