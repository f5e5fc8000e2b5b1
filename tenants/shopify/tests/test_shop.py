"""Only a shop's own domain is ever asked; everything that merely looks like one is refused."""

import pytest

from tenants.shopify.errors import ShopNotValid
from tenants.shopify.shop import base_url, read_shop


@pytest.mark.parametrize("text", ["hats.myshopify.com", "HATS.MyShopify.com", "a.myshopify.com"])
def test_a_shop_is_read_in_lower_case(text):
    assert read_shop(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "", "evil.com", "hats", "hats.myshopify.com.evil.com", "hats.myshopify.com@evil.com",
        "evil.com/hats.myshopify.com", "https://hats.myshopify.com", "hats.myshopify.com.",
        "hats.myshopify.com\n", " hats.myshopify.com", "hats.myshopify.com/", "127.0.0.1",
        "hats.myshopify.com:443", "hats.myshopify.com#", "hats.myshopify.com?x", "-.myshopify.com",
        "hаts.myshopify.com", "hats.myshopıfy.com", "HATS.MYSHOPİFY.COM", "a b.myshopify.com",
        "a.b.myshopify.com", "hats.myshopify.com\\@evil.com", "hats%2emyshopify.com", "[::1]",
    ],
)  # fmt: skip
def test_f098_what_is_no_shop_is_refused(text):
    with pytest.raises(ShopNotValid):
        read_shop(text)
    with pytest.raises(ShopNotValid):
        base_url(text)


def test_a_shop_is_asked_by_https_at_its_own_host(settings):
    settings.SHOPIFY_FAKE_URL = ""

    assert base_url("hats.myshopify.com") == "https://hats.myshopify.com"
