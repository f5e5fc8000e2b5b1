"""A sync of the whole history after an erasure: the shop still tells all of it. Row 115."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Customer
from orders.models import Order
from tenants.models import Tenant
from tests.sync.test_running import run_out
from webhooks.backfill.running import start_sync
from webhooks.models import PrivacyRequest
from webhooks.privacy import working
from webhooks.privacy.tests.person import dump


def sync(store):
    start_sync(tenant=store)
    assert run_out(store).state == "done"


def test_f115_a_sync_brings_the_orders_back_and_nobody_who_was_erased(store, shop):
    sync(store)
    buyer = Customer.objects.filter(orders_count__gte=2, email__gt="").first()
    theirs = set(Order.objects.filter(customer=buyer).values_list("shopify_id", flat=True))
    before = set(Order.objects.values_list("shopify_id", "amount", "current_amount"))
    PrivacyRequest.objects.create(
        kind="redact", customer_shopify_id=buyer.shopify_id, due_at=timezone.now()
    )
    working.work_off(tenant=store)
    Order.objects.filter(shopify_id__in=theirs).update(updated_at="2020-01-01T00:00Z")

    sync(store)

    found = Order.objects.filter(shopify_id__in=theirs, updated_at__year__gt=2020)
    assert found.count() == len(theirs) >= 2  # told again
    assert set(Order.objects.values_list("shopify_id", "amount", "current_amount")) == before
    assert not Order.objects.filter(shopify_id__in=theirs).exclude(customer=None).exists()
    assert not [table for table, text in dump().items() if buyer.email in text.lower()]
    assert not Customer.objects.filter(shopify_id=buyer.shopify_id).exists()


@pytest.mark.parametrize("installed", [True, False])
def test_f117_a_store_whose_uninstall_was_never_told_is_erased_once_shopify_refuses_it(
    store, shop, installed
):
    Tenant.objects.update(installed_at=timezone.now() - timedelta(days=9))
    if not installed:
        shop.tokens.clear()
    PrivacyRequest.objects.create(kind="shop", due_at=timezone.now())

    working.work_off(tenant=store)
    assert Tenant.objects.filter(pk=store.pk).exists() is installed
