"""Questions to a shop that is slow, busy, broken or has thrown us out."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tenants.shopify import client, http
from tenants.shopify.client import AdminApi
from tenants.shopify.errors import ShopifyError, ShopifyThrottled, ShopifyUnreachable, TokenRefused
from tests.shopify.conftest import SHOP

CUSTOMER = {
    "id": 7, "email": "ann@example.com", "first_name": "Ann", "state": "enabled",
    "created_at": "2026-01-01T10:00:00Z", "updated_at": "2026-01-02T10:00:00Z",
}  # fmt: skip


def test_a_question_is_answered(api, shop):
    shop.hear("customers/create", CUSTOMER)

    told = api.ask("shop").data
    assert told["shop"]["myshopifyDomain"] == SHOP
    assert {"handle": "read_orders"} in told["currentAppInstallation"]["accessScopes"]


def test_another_shops_token_opens_nothing(shopify, api):
    token = shopify.shop("other.myshopify.com").grant("read_orders")

    with pytest.raises(TokenRefused):
        AdminApi(shop=SHOP, token=token.access).ask("shop")


@pytest.mark.parametrize("trouble", ["too_many", "broken", "dropped"])
def test_f028_a_question_is_asked_again_while_shopify_is_in_trouble(api, shop, trouble):
    setattr(shop.faults, trouble, 2)

    assert api.ask("shop").data["shop"]["name"]
    assert shop.faults.seen[trouble] == 2


def test_f028_the_pause_that_shopify_asks_for_is_kept(api, shop):
    shop.faults.too_many, shop.faults.retry_after = 1, "1"
    began = time.monotonic()

    api.ask("shop")
    assert time.monotonic() - began >= 1.0


def test_f028_a_shop_that_stays_in_trouble_is_left_alone_after_few_tries(api, shop, monkeypatch):
    monkeypatch.setattr(http.Retry, "get_backoff_time", lambda self: 0)
    shop.faults.broken = 100

    with pytest.raises(ShopifyUnreachable):
        api.ask("shop")
    assert shop.faults.seen["broken"] == http.RETRIES + 1


def test_a_change_is_not_repeated_that_may_have_arrived(api, shop):
    shop.faults.broken = 1

    with pytest.raises(ShopifyUnreachable):
        api.ask("bulk_run", query="{ products { edges { node { id } } } }")
    assert shop.faults.seen["broken"] == 1
    assert not shop.bulk


def test_f028_a_throttled_question_waits_for_its_points(api, shop):
    shop.faults.throttled = 1
    began = time.monotonic()

    assert api.ask("shop").data["shop"]
    assert time.monotonic() - began >= 1.0


def test_f028_a_shop_that_throttles_for_ever_is_asked_by_a_later_task(api, shop, monkeypatch):
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 1.5)
    shop.faults.throttled = 100

    with pytest.raises(ShopifyThrottled) as refusal:
        api.ask("shop")
    assert refusal.value.retryable
    assert shop.faults.seen["throttled"] <= 3


def test_f033_a_host_that_does_not_exist_is_unreachable_after_few_tries(settings, monkeypatch):
    monkeypatch.setattr(http.Retry, "get_backoff_time", lambda self: 0)
    settings.SHOPIFY_FAKE_URL = "http://nowhere.invalid"
    http.client.cache_clear()
    asked, resolve = [], socket.getaddrinfo

    def count(host, *rest, **more):
        asked.append(host)
        return resolve(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", count)

    with pytest.raises(ShopifyUnreachable):
        AdminApi(shop=SHOP, token="t").ask("shop")
    assert asked == ["nowhere.invalid"] * (http.RETRIES + 1)


@pytest.fixture
def redirects():
    """A server that sends whoever asks to itself, within the house; and the paths it was asked."""
    asked = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/inside")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815  # as http.server asks for it

        def log_message(self, *told):
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_f033_a_redirect_leads_nowhere(settings, redirects):
    settings.SHOPIFY_FAKE_URL, asked = redirects
    http.client.cache_clear()

    with pytest.raises(ShopifyError):
        AdminApi(shop=SHOP, token="t").ask("shop")
    with pytest.raises(ShopifyUnreachable):
        list(http.read_lines(f"{settings.SHOPIFY_FAKE_URL}/bulk/1.jsonl"))

    assert "/inside" not in asked
    assert 2 <= len(asked) <= 2 * (http.RETRIES + 1)


def test_f028_a_silent_shop_costs_no_more_than_the_time_out(api, shop, monkeypatch):
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    monkeypatch.setattr(http, "RETRIES", 0)
    http.client.cache_clear()
    shop.faults.slow_seconds = 2
    began = time.monotonic()

    with pytest.raises(ShopifyUnreachable):
        api.ask("shop")
    assert time.monotonic() - began < 1.5


def test_a_field_that_is_withheld_is_told_apart(api, shop):
    shop.hear("customers/create", CUSTOMER)
    shop.faults.withheld.add("note")

    answer = api.ask("probe_customers")
    assert answer.withheld == {"customers.nodes.note"}
