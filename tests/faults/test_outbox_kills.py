"""A worker killed with -9 around the moment at which Shopify has made a change: the next one sees
that it has, tells it nothing twice, and settles."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from customers.editing import edit_customer
from customers.models import Customer
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.shopify import http
from tenants.shopify.client import AdminApi
from tests.faults.inboxes import inside
from tests.faults.processes import SHOP, Database
from tests.outbox.conftest import CHANGES, DEE, WHO
from webhooks.models import Edit
from webhooks.outbox import queueing, sending, telling
from xeno.demo.shopify import graph
from xeno.demo.shopify.server import running
from xeno.demo.shopify.world import Shop
from xeno.lib.postgres.scope import tenant_scope

# After which call the worker dies: where it is looked up, and its name.
POINTS = {
    "the turn taken": (sending, "take"),
    "Shopify asked": (AdminApi, "ask"),
    "the note told": (telling, "tell_note"),
    "one told, nothing settled": (sending, "tell"),
    "in the middle of settling": (sending, "save_tag_words"),
    "one settled": (sending, "settle"),
    "done, the lease not given back": (sending, "give_back"),
}


@pytest.fixture
def asked(monkeypatch: Any) -> list[str]:
    """The changes that the shop was asked for, in any process."""
    names: list[str] = []
    healthy = graph.answer

    def answer(shop: Shop, base: str, body: dict[str, Any]) -> Any:
        names.extend(name for name in CHANGES if f"{name}(" in body["query"])
        return healthy(shop, base, body)

    monkeypatch.setattr(graph, "answer", answer)
    return names


@pytest.fixture
def shop(settings: Any, asked: list[str], monkeypatch: Any) -> Iterator[Shop]:
    monkeypatch.setattr(queueing, "nudge", lambda tenant_id: None)
    with running(secret=settings.SHOPIFY_API_SECRET) as standin:
        settings.SHOPIFY_FAKE_URL = standin.url
        shop = standin.shop(SHOP)
        shop.hear("customers/create", dict(WHO))
        shop.customer(DEE)["tags"] = ["old"]
        yield shop
    http.client.cache_clear()


def edit_everything(database: Database, token: str) -> None:
    with inside(database):
        Tenant.objects.update(access_token=token)
        customer = Customer.objects.create(shopify_id=DEE, email=WHO["email"], note=WHO["note"])
        tenant = Tenant.objects.get(pk=database.tenant_id)
        edit_customer(
            actor=Actor(), tenant=tenant, customer_id=customer.pk, note="Rang us",
            add_tags=["New"], email_consent="unsubscribed",
        )  # fmt: skip


def work_and_die(database: Database, owner: Any, name: str) -> None:
    """A worker of its own process, which dies as soon as this call has ended."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            connection.connection = None
            connection.settings_dict["NAME"] = database.name
            http.client.cache_clear()
            healthy = getattr(owner, name)

            def call(*args: Any, **kwargs: Any) -> Any:
                healthy(*args, **kwargs)
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(owner, name, call)
            telling.TELLERS = {
                field: call if teller is healthy else teller
                for field, teller in telling.TELLERS.items()
            }
            with tenant_scope(database.tenant_id):
                sending.send_edits(tenant=Tenant.objects.get(pk=database.tenant_id))
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"it did not die after {name}"


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_while_an_edit_is_sent_shows_nowhere(
    database: Database, shop: Shop, asked: list[str], point: str
) -> None:
    edit_everything(database, shop.grant("write_customers").access)
    work_and_die(database, *POINTS[point])
    # A dead worker's lease runs out by itself.
    database.ask("UPDATE webhooks_senderlease SET held_until = now()")

    with inside(database):
        tenant = Tenant.objects.get(pk=database.tenant_id)
        assert sending.send_edits(tenant=tenant) is False
        assert set(Edit.objects.values_list("state", flat=True)) == {"sent"}
        assert Edit.objects.filter(payload={}).count() == 3
    known = shop.customer(DEE)
    assert (known["note"], known["tags"]) == ("Rang us", ["New", "old"])
    assert known["consents"]["email"]["state"] == "unsubscribed"
    assert sorted(asked) == ["customerEmailMarketingConsentUpdate", "customerUpdate", "tagsAdd"]
