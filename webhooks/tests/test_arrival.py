"""The door: who is let in, what is written down, and what is answered."""

import pytest
from django.conf import settings

from webhooks.models import Delivery, State
from webhooks.signature import is_signed, signature
from webhooks.tests.shopify import Shopify, customer, order


def test_a_signed_webhook_is_on_disk_byte_for_byte(shopify):
    body = b'{ "id": 1,  "odd": "spacing" }'

    response = shopify.send("orders/create", body, webhook_id="w-1", triggered_at="2026-03-01")

    row = Delivery.objects.get()
    assert response.status_code == 200
    assert bytes(row.body) == body
    assert (row.topic, row.webhook_id, row.state) == ("orders/create", "w-1", State.PENDING)
    assert row.triggered_at == "2026-03-01"


@pytest.mark.parametrize(
    ("path", "topic"),
    [("/webhook/order-create", "orders/create"), ("/webhook/customer-create", "customers/create")],
)
def test_the_owners_paths_name_their_topic_themselves(shopify, path, topic):
    assert shopify.send("anything/else", {}, path=path).status_code == 200
    assert shopify.send("", {}, path=f"{path}/").status_code == 200
    assert set(Delivery.objects.values_list("topic", flat=True)) == {topic}


def test_f001_a_retry_after_the_commit_is_the_same_row(shopify):
    first = shopify.send("orders/create", order(), webhook_id="same")
    again = shopify.send("orders/create", order(), webhook_id="same")

    assert (first.status_code, again.status_code) == (200, 200)
    assert Delivery.objects.count() == 1


def test_f039_the_same_webhook_id_of_another_shop_is_another_row(shopify, cys_store, client):
    shopify.send("orders/create", order(), webhook_id="same")
    Shopify(cys_store, client).send("orders/create", order(), webhook_id="same")

    with_cy = Delivery.objects.model._default_manager
    assert Delivery.objects.count() == 1
    from xeno.lib.postgres.scope import tenant_scope

    with tenant_scope(cys_store.pk):
        assert with_cy.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        "",
        "AAAA",
        "not base64 !",
        "é",
        signature(b"another body", settings.SHOPIFY_API_SECRET).decode(),
        signature(b"{}", "another app's secret").decode(),
        signature(b"{}", settings.SHOPIFY_API_SECRET).hex(),
        signature(b"{}", settings.SHOPIFY_API_SECRET).decode().rstrip("="),
    ],
)
def test_f099_a_wrong_or_missing_signature_is_401_and_leaves_nothing(shopify, given):
    response = shopify.send("orders/create", b"{}", X_Shopify_Hmac_Sha256=given)

    assert response.status_code == 401
    assert not Delivery.objects.exists()


def test_f099_the_secret_before_a_rotation_still_counts_and_older_ones_do_not(shopify, settings):
    old, settings.SHOPIFY_API_SECRET_PREVIOUS = settings.SHOPIFY_API_SECRET, "before"
    settings.SHOPIFY_API_SECRET = "after"

    def answer(secret: str) -> int:
        mac = signature(b"{}", secret).decode()
        return shopify.send("orders/create", b"{}", X_Shopify_Hmac_Sha256=mac).status_code

    assert [answer(secret) for secret in ("after", "before", old, "")] == [200, 200, 401, 401]


def test_f099_every_secret_is_compared_in_constant_time(monkeypatch):
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append((a, b)) or True)

    assert is_signed(b"{}", signature(b"{}", "a").decode(), ["a", "b"])
    assert len(compared) == 2


@pytest.mark.parametrize(
    "domain", ["nobody.myshopify.com", "", "ana.myshopify.com.evil.com", "a\x00.myshopify.com"]
)
def test_f100_an_unknown_shop_is_404_and_leaves_nothing(shopify, domain):
    response = shopify.send("orders/create", order(), X_Shopify_Shop_Domain=domain)

    assert response.status_code == 404
    assert not Delivery.objects.exists()


def test_a_shop_domain_is_found_in_any_case(shopify):
    response = shopify.send("orders/create", order(), X_Shopify_Shop_Domain="ANA.MyShopify.com")

    assert response.status_code == 200


def test_a_body_above_the_limit_is_413_and_one_at_the_limit_is_not(shopify, settings):
    settings.WEBHOOK_MAX_BYTES = 1000

    assert shopify.send("orders/create", b"x" * 1001).status_code == 413
    assert shopify.send("orders/create", b"x" * 1000).status_code == 200


@pytest.mark.parametrize("missing", ["X_Shopify_Webhook_Id", "X_Shopify_Topic"])
def test_a_delivery_without_id_or_topic_is_400(shopify, missing):
    response = shopify.send("orders/create", order(), **{missing: ""})

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "headers_missing"


def test_only_post_is_taken(shopify, client):
    assert client.get("/webhook/shopify").status_code == 405


def test_an_unheard_of_topic_is_stored_and_marked_not_handled(shopify):
    row = shopify.tell("themes/publish", {"id": 1})

    assert row.state == State.NOT_HANDLED


def test_f002_what_is_not_committed_is_not_acknowledged(shopify, monkeypatch):
    from webhooks.inbox import InboxUnavailable

    def lost(*args: object) -> None:
        raise InboxUnavailable

    monkeypatch.setattr("webhooks.middleware.save_arrival", lost)
    response = shopify.send("customers/create", customer())

    assert response.status_code == 503
    assert response["Retry-After"]
    assert not Delivery.objects.exists()
