"""A batch of a reconciliation: compared, applied by the same path, compared again, written down."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tenants.models import Tenant
from webhooks.applying import apply_news, leave_out_deleted
from webhooks.backfill.models import Sync, SyncPart
from webhooks.news import News
from webhooks.outbox import keeping
from webhooks.privacy import late
from webhooks.reconciliation import ledger
from webhooks.reconciliation.comparing import compare
from webhooks.reconciliation.models import Finding
from xeno.lib.upsert import array, run

# Which list of the news is about the kind itself.
LISTS = {
    SyncPart.Kind.CUSTOMERS: "customers",
    SyncPart.Kind.ORDERS: "orders",
    SyncPart.Kind.PRODUCTS: "products",
    SyncPart.Kind.CHECKOUTS: "checkouts",
}


def mend(*, tenant: Tenant, sync: Sync, kind: str, news: News, read_at: datetime) -> None:
    """Write the news, and into the ledger what of it was off and what still is.

    Within the caller's transaction: a batch that is rolled back leaves no word in the ledger,
    and one that is done again finds nothing any more.
    """
    # Nobody who was erased or deleted is missed.
    late.veil(tenant=tenant, news=news)
    leave_out_deleted(news)
    keeping.keep_edits(news)  # what is on its way to Shopify is not off
    off = compare(tenant=tenant, kind=kind, news=news, read_at=read_at)
    different = {each.shopify_id for each in off if each.trouble == Finding.Trouble.DIFFERENT}
    believe(news, kind, different, read_at)
    told = [item.shopify_id for item in getattr(news, LISTS[SyncPart.Kind(kind)])]
    apply_news(tenant=tenant, news=news)
    if sync.since is None:
        note_seen(tenant=tenant, sync=sync, kind=kind, numbers=told)
    still = compare(tenant=tenant, kind=kind, news=news, read_at=read_at) if off else []
    ledger.note(
        tenant=tenant, sync=sync, kind=kind, off=off, still={each.shopify_id for each in still}
    )


TABLES = {
    SyncPart.Kind.CUSTOMERS: "customers_customer",
    SyncPart.Kind.ORDERS: "orders_order",
    SyncPart.Kind.PRODUCTS: "orders_product",
}


def note_seen(*, tenant: Tenant, sync: Sync, kind: str, numbers: Sequence[int]) -> None:
    """Note that Shopify named these, also those that it had no news of: what keeps an older
    `synced_at` than the sync is gone there."""
    if table := TABLES.get(SyncPart.Kind(kind)):
        run(
            f"UPDATE {table} SET synced_at = statement_timestamp() WHERE tenant_id = %s"
            " AND shopify_id = ANY(%s::bigint[]) AND synced_at < %s",
            [tenant.pk, array(sorted(set(numbers))), sync.started_at],
        )


def believe(news: News, kind: str, numbers: Collection[int], read_at: datetime) -> None:
    """Let Shopify's word on these stand beside one of the same version.

    It told this at `read_at`, so a webhook of that `updated_at` that was sent before is older.
    """
    name = LISTS[SyncPart.Kind(kind)]
    items: list[Any] = getattr(news, name)
    setattr(
        news,
        name,
        [
            replace(item, triggered_at=max(read_at, item.triggered_at))
            if item.triggered_at and item.shopify_id in numbers
            else item
            for item in items
        ],
    )
