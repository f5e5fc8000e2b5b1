"""A stand-in for Shopify on a port of its own, and a shop in it that granted us a token."""

import pytest

from tenants.shopify import http
from tenants.shopify.client import AdminApi
from tenants.shopify.scopes import SCOPES
from xeno.demo.shopify.server import running

SHOP = "hats.myshopify.com"


@pytest.fixture
def shopify(settings):
    with running(secret=settings.SHOPIFY_API_SECRET) as standin:
        settings.SHOPIFY_FAKE_URL = standin.url
        yield standin
    http.client.cache_clear()


@pytest.fixture
def shop(shopify):
    return shopify.shop(SHOP)


@pytest.fixture
def api(shop):
    token = shop.grant(",".join(SCOPES))
    return AdminApi(shop=SHOP, token=token.access)
