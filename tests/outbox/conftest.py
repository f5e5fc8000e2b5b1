"""A store that is connected to a shop of the stand-in, with one customer whom both know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from conftest import make_store
from customers.editing import edit_customer
from customers.models import Customer
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.shopify import http
from tenants.shopify.scopes import SCOPES
from webhooks.models import Edit
from webhooks.outbox import sending
from webhooks.tests.shopify import Shopify
from xeno.demo.shopify import graph
from xeno.demo.shopify.server import running
from xeno.demo.shopify.world import Shop
from xeno.lib.postgres.scope import tenant_scope

SHOP, DEE = "hats.myshopify.com", 7
CREATED = "2026-01-01T00:00:00+00:00"
WHO = {
    "id": DEE, "email": "dee@example.com", "first_name": "Dee", "note": "Likes jugs",
    "created_at": CREATED, "updated_at": CREATED,
}  # fmt: skip
CHANGES = ("tagsAdd", "tagsRemove", "customerUpdate", "customerEmailMarketingConsentUpdate")


@pytest.fixture
def shop(settings, tmp_path):
    settings.XENO_HOME = tmp_path
    with running(secret=settings.SHOPIFY_API_SECRET) as standin:
        settings.SHOPIFY_FAKE_URL = standin.url
        shop = standin.shop(SHOP)
        shop.hear("customers/create", dict(WHO))
        shop.customer(DEE)["tags"] = ["VIP", "old"]
        yield shop
    http.client.cache_clear()


@pytest.fixture
def store(db, shop):
    tenant = make_store(SHOP)
    tenant.access_token, tenant.scopes = shop.grant(",".join(SCOPES)).access, ",".join(SCOPES)
    tenant.save()
    with tenant_scope(tenant.pk):
        yield Tenant.objects.get(pk=tenant.pk)


@pytest.fixture
def shopify(store):
    """Webhooks of the shop to the store."""
    return Shopify(store, Client())


@pytest.fixture
def dee(shopify) -> Customer:
    """The customer, as the shop's webhooks told of her."""
    shopify.tell("customers/create", WHO)
    tell_tags(shopify, ["VIP", "old"], at=CREATED)
    return Customer.objects.get(shopify_id=DEE)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The names of the changes that the shop was asked for."""
    names: list[str] = []
    healthy = graph.answer

    def answer(shop: Shop, base: str, body: dict[str, Any]) -> Any:
        names.extend(name for name in CHANGES if f"{name}(" in body["query"])
        return healthy(shop, base, body)

    monkeypatch.setattr(graph, "answer", answer)
    return names


def edit(store: Tenant, **changes: Any) -> list[str]:
    """Somebody of the install edits her."""
    pk = Customer.objects.get(shopify_id=DEE).pk
    return edit_customer(actor=Actor(), tenant=store, customer_id=pk, **changes)


def send(store: Tenant) -> dict[str, str]:
    """A worker's turns until nothing can be sent; the state of each edit by its field."""
    while sending.send_edits(tenant=store, seconds=0):
        pass
    return dict(Edit.objects.values_list("field", "state"))


def tell_tags(shopify: Shopify, tags: list[str], *, at: str, removed: bool = False) -> None:
    topic = "customer.tags_removed" if removed else "customer.tags_added"
    body = {"customerId": f"gid://shopify/Customer/{DEE}", "tags": tags, "occurredAt": at}
    shopify.tell(topic, body)


def theirs(shop: Shop, **changes: Any) -> dict[str, Any]:
    """The body of a webhook about her as the shop has her, with these changes."""
    known = shop.customer(DEE)
    return {**{key: known.get(key) for key in WHO}, **changes}


def later(**of: Any) -> str:
    """A moment from now, as Shopify tells it."""
    return (datetime.now(UTC) + timedelta(**of)).isoformat(timespec="seconds")
