"""Products, checkouts, the store's own details, scopes and the app's removal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Checkout, Product
from tenants.models import Tenant
from webhooks.models import State
from webhooks.tests.shopify import at, sample


def test_shopifys_own_product_is_applied(shopify):
    assert shopify.tell("products/update", sample("products/update")).state == State.APPLIED

    kept = Product.objects.get()
    assert (kept.title, kept.vendor) == ("Example T-Shirt", "Acme")
    assert kept.tags == ["example", "mens", "t-shirt"]


def test_f037_a_deleted_product_stays_deleted(shopify):
    told = {"id": 5, "title": "Jug", "updated_at": at(0)}
    shopify.tell("products/create", told)
    shopify.tell("products/delete", {"id": 5})
    shopify.tell("products/update", {**told, "updated_at": at(9)})

    assert not Product.objects.exists()


def test_shopifys_own_checkout_is_applied_though_its_id_is_only_in_the_name(shopify):
    payload = sample("checkouts/create")
    payload["abandoned_checkout_url"] = None
    assert shopify.tell("checkouts/create", payload).state == State.APPLIED

    kept = Checkout.objects.get()
    assert kept.shopify_id == 981820079255243537
    assert kept.customer.first_name == "John"


def test_f037_a_deleted_checkout_stays_deleted(shopify):
    told = {"id": 6, "total_price": "5", "currency": "GBP", "updated_at": at(0)}
    shopify.tell("checkouts/create", told)
    shopify.tell("checkouts/delete", {"id": 6, "presentment_currency": "GBP"})
    shopify.tell("checkouts/update", {**told, "updated_at": at(9)})

    assert not Checkout.objects.exists()


def test_the_stores_details_follow_shop_update_when_newer(shopify):
    shop = {"id": 1, "name": "Ana's", "currency": "EUR", "iana_timezone": "Europe/Paris"}
    shopify.tell("shop/update", {**shop, "updated_at": at(5)})
    shopify.tell("shop/update", {**shop, "name": "Old", "updated_at": at(1)})

    tenant = Tenant.objects.get(pk=shopify.tenant.pk)
    assert (tenant.name, tenant.currency, tenant.timezone) == ("Ana's", "EUR", "Europe/Paris")


def test_a_time_zone_that_nobody_knows_is_left_as_it_was(shopify):
    shopify.tell("shop/update", {"id": 1, "iana_timezone": "Mars/Olympus", "updated_at": at(5)})

    assert Tenant.objects.get(pk=shopify.tenant.pk).timezone == "Europe/London"


def test_scopes_follow_the_newest_word(shopify):
    told = {"id": "gid://shopify/App/1", "previous": [], "current": ["read_orders"]}
    shopify.tell("app/scopes_update", told, triggered_at=at(5))
    shopify.tell("app/scopes_update", {**told, "current": []}, triggered_at=at(1))

    assert Tenant.objects.get(pk=shopify.tenant.pk).scopes == "read_orders"


@pytest.mark.parametrize(("days", "kept"), [(-1, True), (1, False)])
def test_f043_only_an_uninstall_after_the_install_drops_the_token(shopify, days, kept):
    now = timezone.now()
    Tenant.objects.filter(pk=shopify.tenant.pk).update(installed_at=now, access_token="secret")
    removed = (now + timedelta(days=days)).isoformat()
    shopify.tell("app/uninstalled", {"id": 1, "name": "Ana"}, triggered_at=removed)

    tenant = Tenant.objects.get(pk=shopify.tenant.pk)
    assert (tenant.access_token == "secret") is kept
    assert (tenant.uninstalled_at is None) is kept
