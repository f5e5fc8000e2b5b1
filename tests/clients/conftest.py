"""A running server with a store in it, and its own description, as a client's author finds it."""

import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conftest import make_member
from customers.tests.builders import make_customer
from orders.models import Order
from orders.tests.builders import make_order, make_product
from tenants.models import Tenant
from tenants.roles import Role
from xeno.demo.store import PASSWORD, save_demo_store

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api"
SCHEMA_TYPE = "application/vnd.oai.openapi+json"


class Shop(NamedTuple):
    """Where it is served, and what is in it."""

    address: str
    store: Tenant
    order: Order
    password: str = PASSWORD


@pytest.fixture
def shop(live_server: Any, cys_store: Tenant) -> Shop:
    """The demo store with its three people, five customers and three orders, on a server."""
    store = save_demo_store(today=datetime.now(UTC).date())
    named = [make_customer(store, email=f"{n}@example.com", total_spent=n) for n in range(5)]
    order = make_order(store, customer=named[0], lines=2, refunds=1)
    make_order(store), make_order(store)
    make_product(store, "Mug")
    make_member(cys_store, "cy@example.com", Role.OWNER)
    return Shop(live_server.url, store, order)


@pytest.fixture(scope="module")
def description(
    django_db_setup: None,
    django_db_blocker: Any,
    live_server: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The OpenAPI description as the server gives it."""
    asked = urllib.request.Request(f"{live_server.url}/schema", headers={"Accept": SCHEMA_TYPE})
    path = tmp_path_factory.mktemp("description") / "schema.json"
    with django_db_blocker.unblock(), urllib.request.urlopen(asked) as answer:
        path.write_bytes(answer.read())
    return path
