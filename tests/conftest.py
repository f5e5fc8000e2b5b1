"""What the tests of the walls share: rows on both sides, and the two database logins."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest
from django.db import connection, models

from customers.models import Customer
from orders.models import Order
from tenants.models import Tenant
from tests.canaries import Shops, full_shops
from tests.rows import make_row, owned_models
from xeno.lib.postgres.migrator import as_migrator
from xeno.lib.postgres.scope import tenant_scope

Rows = dict[type[models.Model], models.Model]


@pytest.fixture
def anas_rows(anas_store: Tenant) -> Rows:
    """A row of each tenant-owned model in Ana's store."""
    with tenant_scope(anas_store.pk):
        return {model: make_row(model) for model in owned_models()}


@pytest.fixture
def cys_rows(cys_store: Tenant) -> Rows:
    """A row of each tenant-owned model in Cy's store."""
    with tenant_scope(cys_store.pk):
        return {model: make_row(model) for model in owned_models()}


@pytest.fixture
def autocommit(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """No transaction around the test, which must write no row: nothing is flushed after it."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture
def as_owner(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The whole test logs in as the migrator, for whom row-level security does not exist."""
    with django_db_blocker.unblock(), as_migrator(connection):
        assert not connection.in_atomic_block, "ask for as_owner before db"
        yield


@pytest.fixture(params=["with row-level security", "without"])
def either_login(request: pytest.FixtureRequest) -> None:
    """Once as the application; once as the migrator, so that what is claimed holds by itself."""
    if request.param == "without":
        request.getfixturevalue("as_owner")


@pytest.fixture
def log_in(django_db_setup: None) -> Callable[[str], AbstractContextManager[psycopg.Connection]]:
    """A connection of its own to the test's database, as `application` or `migrator`."""
    return connect


def connect(role: str) -> psycopg.Connection:
    """Log in to the test's database beside Django."""
    settings = connection.settings_dict
    login = {**settings, **(settings["MIGRATOR"] if role == "migrator" else {})}
    return psycopg.connect(
        dbname=login["NAME"],
        user=login["USER"],
        password=login["PASSWORD"],
        host=login["HOST"],
        port=login["PORT"] or None,
        autocommit=True,
        prepare_threshold=None,  # row 25 runs the suite behind a pooler
    )


@pytest.fixture(scope="module")
def shops(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Shops]:
    """Ana's and Cy's stores full of canaries, committed for all tests of the module."""
    with django_db_blocker.unblock(), connect("migrator") as owner, full_shops(owner) as made:
        yield made


def make_shop(domain: str, base: int) -> Tenant:
    """A bare store (no roles: they cost more than the rest) with two customers, three orders."""
    tenant = Tenant.objects.create(shop_domain=domain, name=domain, currency="GBP")
    with tenant_scope(tenant.pk):
        kim = make_row(Customer, shopify_id=base + 1, note="same")
        lee = make_row(Customer, shopify_id=base + 2, note="same")
        for number, customer in ((11, kim), (12, kim), (13, lee)):
            make_row(Order, shopify_id=base + number, customer=customer)
    return tenant


@pytest.fixture
def two_shops(either_login: None, db: None) -> tuple[Tenant, Tenant]:  # in this order: log in first
    """Ana's customers are 1 and 2, her orders 11 to 13; Cy's are 101 and 102, and 111 to 113."""
    return make_shop("ana.myshopify.com", 0), make_shop("cy.myshopify.com", 100)
