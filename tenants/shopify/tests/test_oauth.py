"""What Shopify signs is believed, for a day; anything else is not."""

import time

import pytest

from tenants.shopify.errors import InstallRefused, ShopNotValid
from tenants.shopify.oauth import check_signed, permission_url, session_class
from tenants.shopify.scopes import SCOPES, missing

SHOP = "hats.myshopify.com"


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.SHOPIFY_API_KEY, settings.SHOPIFY_API_SECRET = "key", "hush"
    settings.SHOPIFY_API_SECRET_PREVIOUS, settings.SHOPIFY_FAKE_URL = "", ""


def signed(secret="hush", **params):
    told = {
        "code": "c0de",
        "shop": SHOP,
        "state": "s",
        "timestamp": str(int(time.time())),
        **params,
    }
    return {**told, "hmac": session_class(secret).calculate_hmac(told)}


def test_the_signature_is_shopifys():
    told = {
        "code": "0907a61c0c8d55e99db179b68161bc00", "shop": "some-shop.myshopify.com",
        "state": "0.6784241404160823", "timestamp": "1337178173",
    }  # fmt: skip

    assert session_class("hush").calculate_hmac(told) == (
        "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"
    )


def test_signed_parameters_are_believed():
    check_signed(signed())


def test_the_secret_before_a_rotation_is_still_believed(settings):
    settings.SHOPIFY_API_SECRET, settings.SHOPIFY_API_SECRET_PREVIOUS = "new", "hush"

    check_signed(signed())


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"hmac": "00"},
        signed("other secret"),
        {**signed(), "shop": "evil.myshopify.com"},
        {**signed(), "extra": "1"},
        signed(timestamp=str(int(time.time()) - 90_000)),
        {**signed(), "hmac": "é"},
        {**signed(), "timestamp": "soon"},
    ],
)
def test_what_shopify_did_not_sign_today_is_refused(params):
    with pytest.raises(InstallRefused):
        check_signed(params)


def test_the_merchant_is_sent_to_their_own_shop_with_our_scopes():
    url = permission_url(shop=SHOP, state="a state")

    assert url.startswith(f"https://{SHOP}/admin/oauth/authorize?client_id=key&scope=")
    assert all(scope in url for scope in SCOPES)
    assert "state=a+state" in url
    assert "%2Fshopify%2Fcallback" in url


def test_nobody_is_sent_to_another_host():
    with pytest.raises(ShopNotValid):
        permission_url(shop="evil.com", state="s")


def test_a_right_to_write_holds_the_right_to_read():
    assert missing(["write_customers", "read_orders", "read_products", "read_customer_merge"]) == []
    assert missing(["read_customers", "read_orders"]) == [
        "read_customer_merge", "read_products", "write_customers",
    ]  # fmt: skip
