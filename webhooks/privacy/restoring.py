"""After a backup was restored: whoever was erased since it was made is erased again."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from customers.models import Customer
from tenants.models import Tenant
from webhooks.privacy import receipts
from webhooks.privacy.erasing import StillArriving, redact_customer
from webhooks.privacy.leaving import erase_store
from webhooks.privacy.models import PrivacyRequest
from webhooks.privacy.receipts import Receipts
from webhooks.privacy.requests import DEADLINE, put_off
from xeno.lib.postgres.scope import tenant_scope
from xeno.lib.upsert import run


def erase_again(*, known: Receipts) -> tuple[int, int]:
    """Erase the stores and customers of these receipts; gives how many of each.

    A store that came to be after its own erasure is another one, and stays.
    """
    keep_receipts(known)
    stores = customers = 0
    for tenant in list(Tenant.objects.order_by("pk")):
        with tenant_scope(tenant.pk):
            if is_erased(known, tenant, None):
                # The backup may be older than the uninstall.
                Tenant.objects.filter(pk=tenant.pk, uninstalled_at=None).update(
                    uninstalled_at=timezone.now(), access_token="", refresh_token=""
                )
                erase_store(tenant=tenant)
                stores += 1
                continue
            for number in list(find_erased(known, tenant)):
                redact_again(tenant=tenant, customer_id=number)
                customers += 1
    return stores, customers


def is_erased(known: Receipts, tenant: Tenant, customer_id: int | None) -> bool:
    """Whether one of the receipts is this one's."""
    times = (known.get(found) for found in receipts.hashes_of(tenant.shop_domain, customer_id))
    return any(time is not None and time > tenant.created_at for time in times)


def find_erased(known: Receipts, tenant: Tenant) -> Iterator[int]:
    """Shopify's ids of the open store's customers who have a receipt."""
    for number in Customer.objects.values_list("shopify_id", flat=True).iterator():
        if is_erased(known, tenant, number):
            yield number


def redact_again(*, tenant: Tenant, customer_id: int) -> None:
    """Erase the customer here and now; what cannot be yet, a worker does."""
    with transaction.atomic():
        request: PrivacyRequest = PrivacyRequest.objects.create(
            kind=PrivacyRequest.Kind.REDACT,
            origin=PrivacyRequest.Origin.BACKUP,
            customer_shopify_id=customer_id,
            due_at=timezone.now() + DEADLINE,
        )
    try:
        redact_customer(tenant=tenant, request=request)
    except StillArriving as later:
        put_off(request, later.code)


def keep_receipts(known: Receipts) -> None:
    """Put the receipts back that the backup did not have."""
    for subject, done_at in known.items():
        run(
            "INSERT INTO webhooks_erasurereceipt (subject_hash, done_at) VALUES (%s, %s)"
            " ON CONFLICT (subject_hash) DO UPDATE SET done_at = GREATEST("
            "webhooks_erasurereceipt.done_at, excluded.done_at)",
            [subject, done_at],
        )
