"""From the button to a connected store; and every other way in, refused."""

import hmac
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from conftest import make_member, make_store
from tenants.models import AuditEntry, Membership, Tenant, User
from tenants.roles import Role
from tests.shopify.conftest import SHOP
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant(client):
    user = User.objects.create_user("mia@example.com", "correct horse battery staple")
    client.force_login(user)
    return user


@pytest.fixture
def egress(monkeypatch):
    """The addresses that this process asks."""
    asked, send = [], requests.Session.send

    def note(self, request, **told):
        asked.append(request.url)
        return send(self, request, **told)

    monkeypatch.setattr(requests.Session, "send", note)
    return asked


def set_out(client, shop=SHOP, **more):
    return client.get("/shopify/install", {"shop": shop} | more)


def approve(response) -> str:
    """What the merchant's browser does at Shopify; gives where it is sent back to."""
    url = response["Location"]
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    sent = requests.post(url.partition("?")[0], data=asked, allow_redirects=False, timeout=5)
    parts = urlsplit(sent.headers["Location"])
    return f"{parts.path}?{parts.query}"


def test_a_store_is_connected_by_its_merchant(client, merchant, shopify):
    response = client.get(approve(set_out(client)))

    store = Tenant.objects.get(shop_domain=SHOP)
    assert response["Location"] == "/admin/"
    assert (store.name, store.currency, store.timezone) == ("Stand-in", "GBP", "Europe/London")
    assert shopify.shop(SHOP).admits(store.access_token)
    assert store.token_expires_at
    assert "read_orders" in store.scopes
    assert Membership.objects.get(tenant=store).role == Role.OWNER
    with tenant_scope(store.pk):
        assert AuditEntry.objects.get().action == "store.connected"


def test_a_store_that_comes_back_picks_up_where_it_was(client, merchant, shopify):
    store = make_store(SHOP)
    ana = make_member(store, "ana@example.com", Role.OWNER)
    Tenant.objects.update(uninstalled_at="2026-01-01T00:00:00Z", trouble="token_refused")

    client.get(approve(set_out(client)))
    again = Tenant.objects.get()
    assert (again.pk, again.uninstalled_at, again.trouble) == (store.pk, None, "")
    assert set(Membership.objects.values_list("user", flat=True)) == {ana.pk, merchant.pk}


def test_who_is_not_signed_in_signs_in_first(client, shopify):
    response = set_out(client)

    assert response["Location"].startswith("/admin/login/?next=/shopify/install")


@pytest.mark.parametrize(
    "shop", ["evil.com", "hats.myshopify.com.evil.com", "hats.myshopify.com@evil.com",
             "hаts.myshopify.com", "127.0.0.1", "hats.myshopify.com.", "//evil.com", ""],
)  # fmt: skip
def test_f098_nobody_is_sent_to_what_is_no_shop(client, merchant, shopify, shop, egress):
    response = set_out(client, shop)

    assert (response["Location"], response["X-Refusal"]) == ("/admin/", "shop_not_valid")
    assert egress == []


@pytest.mark.parametrize("shop", ["evil.com", "hats.myshopify.com.evil.com", "127.0.0.1"])
def test_f098_a_way_back_from_what_is_no_shop_asks_nobody(
    client, merchant, shopify, settings, shop, egress
):
    """Although it is signed, as nobody but Shopify can."""
    asked = parse_qs(urlsplit(set_out(client)["Location"]).query)
    told = {"code": "c", "shop": shop, "state": asked["state"][0], "timestamp": str(int(time()))}
    text = "&".join(f"{name}={value}" for name, value in sorted(told.items()))
    secret = settings.SHOPIFY_API_SECRET.encode()

    response = client.get(
        "/shopify/callback", told | {"hmac": hmac.new(secret, text.encode(), "sha256").hexdigest()}
    )

    assert response["X-Refusal"] in ("shop_not_valid", "install_refused")
    assert (egress, Tenant.objects.count()) == ([], 0)


def test_f097_the_way_back_is_open_once(client, merchant, shopify):
    way = approve(set_out(client))
    client.get(way)
    Tenant.objects.update(access_token="kept")

    assert client.get(way)["X-Refusal"] == "install_refused"
    assert Tenant.objects.get().access_token == "kept"


def test_f097_another_browser_cannot_come_back(client, merchant, shopify, django_user_model):
    from django.test import Client

    way = approve(set_out(client))
    other = Client()
    other.force_login(django_user_model.objects.create_user("eve@example.com", "x"))
    set_out(other)

    assert other.get(way)["X-Refusal"] == "install_refused"
    assert not Tenant.objects.exists()


@pytest.mark.parametrize(
    ("part", "instead"),
    [("state", "other"), ("state", ""), ("shop", "cats.myshopify.com"), ("code", "stolen"),
     ("hmac", "00"), ("timestamp", "1")],
)  # fmt: skip
def test_f097_a_part_that_was_changed_is_refused(client, merchant, shopify, part, instead):
    path, _, query = approve(set_out(client)).partition("?")
    told = {key: values[0] for key, values in parse_qs(query).items()} | {part: instead}

    assert client.get(path, told)["X-Refusal"] == "install_refused"
    assert not Tenant.objects.exists()


def test_f097_a_code_is_good_once_at_shopify_too(client, merchant, shopify):
    way = approve(set_out(client))
    shopify.shop(SHOP).codes.clear()

    assert client.get(way)["X-Refusal"] == "token_refused"
    assert not Tenant.objects.exists()


def test_f097_a_parameter_that_comes_twice_is_refused(client, merchant, shopify):
    way = approve(set_out(client))

    assert client.get(way + "&shop=evil.myshopify.com")["X-Refusal"] == "install_refused"


def test_f101_the_way_back_leads_nowhere_else(client, merchant, shopify):
    for name in ("next", "return_to", "host", "redirect_uri"):
        for where in ("//evil.com", "https:evil.com", "\\\\evil.com", "https://evil.com"):
            response = client.get("/shopify/callback", {name: where})
            assert response["Location"] == "/admin/"


@pytest.mark.parametrize("where", ["//evil.com", "https:evil.com", "\\\\evil.com"])
def test_f101_neither_does_an_install_that_succeeds(client, merchant, shopify, where):
    away = set_out(client, next=where, return_to=where, host=where, redirect_uri=where)

    assert away["Location"].startswith(f"{shopify.url}/")
    assert "evil" not in away["Location"]
    back = client.get(approve(away))
    assert (back["Location"], Tenant.objects.get().shop_domain) == ("/admin/", SHOP)
