"""Erasing a store that was uninstalled: batch by batch, the last of it in one transaction."""

import structlog
from django.contrib.auth.models import Group
from django.db import transaction

from tenants.connection import note_uninstall
from tenants.models import Tenant
from tenants.shopify.errors import ShopifyError, TokenRefused
from tenants.shopify.tokens import get_api
from webhooks.inbox import forget_stores
from webhooks.privacy import receipts, spooled
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.requests import finish
from webhooks.privacy.tables import children_first, kept_to_the_end, owned_models
from xeno.lib.errors import Mistake
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

BATCH = 5_000  # rows; a killed worker loses no more of its work


class StillConnected(Mistake):
    """Shopify wants a store erased of which it never said that it was uninstalled."""

    code = "still_connected"
    message = "The store is connected: uninstall the app first."
    retryable = True


def redact_store(*, tenant: Tenant, request: PrivacyRequest) -> None:
    """Erase the store with everything of it; one that was installed again stays.

    Raises StillConnected when no uninstall is known, and Shopify still takes the store's token.
    """
    store = Tenant.objects.get(pk=tenant.pk)
    asked_at = request.triggered_at or request.received_at
    if store.installed_at and store.installed_at > asked_at:
        finish(tenant=tenant, request=request, trouble="reinstalled")
        return
    if store.uninstalled_at is None:
        if not is_refused(store):
            raise StillConnected
        note_uninstall(tenant=store, uninstalled_at=asked_at)  # its webhook was lost
    erase_store(tenant=store)


def is_refused(tenant: Tenant) -> bool:
    """Whether Shopify says that the app is not in the store any more."""
    try:
        get_api(tenant=tenant).ask("shop")
    except TokenRefused:
        return True
    except ShopifyError as error:
        log.info("connection_not_asked", tenant_id=tenant.pk, code=error.code)
    return False


def erase_store(*, tenant: Tenant) -> None:
    """Delete an uninstalled store's rows in batches, then in one transaction what is left."""
    PrivacyRequest.objects.update(delivery=None, bundle=None)  # or deliveries could not go
    kept = kept_to_the_end()
    for model in children_first(model for model in owned_models() if model not in kept):
        delete_in_batches(tenant, model._meta.db_table)
    spooled.remove_files(tenant_id=tenant.pk)
    with transaction.atomic():
        receipts.save_receipt(shop_domain=tenant.shop_domain)
        run("SELECT xeno_erase_store()", [])
        Group.objects.filter(name__startswith=f"tenant:{tenant.pk}:").delete()
        tenant_id = tenant.pk
        tenant.delete()
    forget_stores()
    log.info("store_erased", tenant_id=tenant_id)


def delete_in_batches(tenant: Tenant, table: str) -> None:
    """Delete the store's rows of a table, each batch a transaction of its own."""
    while run(
        f"WITH gone AS (DELETE FROM {table} WHERE tenant_id = %s AND id IN"
        f" (SELECT id FROM {table} WHERE tenant_id = %s ORDER BY id LIMIT {BATCH})"
        " RETURNING 1) SELECT 1 FROM gone LIMIT 1",
        [tenant.pk, tenant.pk],
    ):
        pass
