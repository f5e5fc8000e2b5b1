"""The end of a reconciliation: what is gone in Shopify goes here, and the counts are compared."""

from typing import Any

import structlog
from django.db import transaction

from customers.models import Customer, Tombstone
from orders.models import Order, Product
from tenants.models import Tenant
from tenants.shopify.client import AdminApi
from webhooks import leases
from webhooks.applying import apply_news
from webhooks.backfill.models import Sync, SyncPart
from webhooks.news import News
from webhooks.reconciliation import ledger
from webhooks.reconciliation.comparing import Off
from webhooks.reconciliation.models import Finding
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

LOCK_SECONDS = 30
BATCH = 500
# A store does not lose more than this between two looks: then it is our question that is wrong,
# and a person decides.
MOST_GONE, MOST_GONE_SHARE = 100, 0.05
DELETABLE: dict[str, tuple[Tombstone.Kind, Any]] = {
    SyncPart.Kind.PRODUCTS: (Tombstone.Kind.PRODUCT, Product),
    SyncPart.Kind.ORDERS: (Tombstone.Kind.ORDER, Order),
    SyncPart.Kind.CUSTOMERS: (Tombstone.Kind.CUSTOMER, Customer),
}


def settle(*, tenant: Tenant, sync: Sync, api: AdminApi) -> None:
    """Delete what Shopify did not name any more, where everything was asked; compare the counts."""
    if sync.since is None:
        for part in SyncPart.objects.filter(sync=sync, unreadable=0, kind__in=DELETABLE):
            bury_gone(tenant=tenant, sync=sync, kind=part.kind)
    ledger.compare_counts(tenant=tenant, sync=sync, api=api)


def bury_gone(*, tenant: Tenant, sync: Sync, kind: str) -> None:
    """Delete what is held and was not told: every row that was told is newer than the sync."""
    if kind == SyncPart.Kind.ORDERS and not ledger.sees_all_orders(tenant):
        return
    tombstone, model = DELETABLE[kind]
    # Imported people, with numbers below zero, Shopify has never told.
    untold = model.objects.filter(synced_at__lt=sync.started_at, shopify_id__gt=0)
    untold = untold.order_by("shopify_id")
    most = max(MOST_GONE, int(MOST_GONE_SHARE * model.objects.count()))
    gone = list(untold.values_list("shopify_id", flat=True)[: most + 1])
    if len(gone) > most:
        log.error("too_many_gone", tenant_id=tenant.pk, sync=sync.pk, kind=kind, most=most)
        return  # the counts differ, and say so
    for first in range(0, len(gone), BATCH):
        bury(tenant, sync, kind, tombstone, gone[first : first + BATCH])


def bury(
    tenant: Tenant, sync: Sync, kind: str, tombstone: Tombstone.Kind, numbers: list[int]
) -> None:
    """Delete these as a webhook would have had it, and write them down."""
    news = News()
    news.deletions[tombstone] |= set(numbers)
    with transaction.atomic():
        run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", [])
        leases.hold_for_transaction(tenant=tenant)
        tenant.refresh_from_db()
        apply_news(tenant=tenant, news=news)
        off = [Off(number, Finding.Trouble.EXTRA) for number in numbers]
        ledger.note(tenant=tenant, sync=sync, kind=kind, off=off, still=())
