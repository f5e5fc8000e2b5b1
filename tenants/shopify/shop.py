"""A shop's domain, the only host that Shopify's API is asked at."""

import re

from django.conf import settings

from tenants.models import SHOP_DOMAIN
from tenants.shopify.errors import ShopNotValid


def read_shop(text: str) -> str:
    """The domain in lower case; ShopNotValid for everything that is not exactly one.

    No part of a URL is taken off: what needs mending is refused, so that no other host can
    hide in it.
    """
    shop = text.lower()
    # fullmatch: `$` would let a line feed through; ASCII: lower() makes an "i" of some signs.
    if not (text.isascii() and re.fullmatch(SHOP_DOMAIN, shop)):
        raise ShopNotValid(field="shop")
    return shop


def base_url(shop: str) -> str:
    """Where the shop answers; a fake Shopify of development or of a test, if there is one."""
    if settings.SHOPIFY_FAKE_URL:
        return f"{settings.SHOPIFY_FAKE_URL}/shops/{read_shop(shop)}"
    return f"https://{read_shop(shop)}"
