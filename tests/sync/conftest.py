"""A store that is connected to a shop of the stand-in, which tells a small story."""

from datetime import date

import pytest

from conftest import make_store
from tenants.models import Tenant
from tenants.shopify import http
from tenants.shopify.scopes import SCOPES
from xeno.demo.shopify.server import running
from xeno.demo.story import tell_story
from xeno.lib.postgres.scope import tenant_scope

SHOP = "xeno-demo.myshopify.com"
ALL = ",".join([*SCOPES, "read_all_orders"])


@pytest.fixture(scope="session")
def story():
    """Two months of a shop's life: the events that tell it."""
    return list(tell_story(opening=date(2026, 5, 1), until=date(2026, 7, 1)))


@pytest.fixture
def shop(settings, tmp_path, story):
    settings.XENO_HOME = tmp_path
    with running(secret=settings.SHOPIFY_API_SECRET) as standin:
        settings.SHOPIFY_FAKE_URL = standin.url
        shop = standin.shop(SHOP)
        for event in story:
            shop.hear(event.topic, event.body)
        yield shop
    http.client.cache_clear()


@pytest.fixture
def store(db, shop):
    """The connected store, within its scope."""
    tenant = make_store(SHOP)
    token = shop.grant(ALL)
    tenant.access_token, tenant.scopes = token.access, ALL
    tenant.save()
    with tenant_scope(tenant.pk):
        yield Tenant.objects.get(pk=tenant.pk)
