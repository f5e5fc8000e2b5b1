"""What every test may ask for: the people, their stores, and clients that speak for them."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from rest_framework.test import APIClient

from tenants import actions, sign_in
from tenants.models import Tenant, User
from tenants.roles import Role
from tests import emptying
from tests.longest import LONGEST, SWEEPS
from tests.templates import find_template
from webhooks.inbox import forget_stores
from xeno.lib.postgres.scope import tenant_scope

# The same hash, cheap: what a test of access waits for should not be argon2.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 8
Argon2PasswordHasher.parallelism = 1

PASSWORD = "correct horse battery staple"


def make_store(domain: str, *, currency: str = "GBP", timezone: str = "Europe/London") -> Tenant:
    """A store without members."""
    name = domain.partition(".")[0].title()
    return actions.create_store(shop_domain=domain, name=name, currency=currency, timezone=timezone)


def make_member(tenant: Tenant, email: str, role: Role) -> User:
    """A user with the role in the store."""
    user = User.objects.create_user(email, PASSWORD, name=email.partition("@")[0].title())
    actions.save_member(tenant=tenant, user=user, role=role)
    return user


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the sweeps. What takes long comes first: a worker that gets it last is waited for by
    the other."""
    for item in items:
        if item.nodeid.startswith(SWEEPS):
            item.add_marker("sweep")
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: it need not be gone through for garbage.

    Nor is what is new as often as by default: a page makes more objects than that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any
) -> None:
    """The test database begins as a copy of one that is migrated; see tests/templates.py."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = find_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """pytest-django makes a test database only when the mark or `db` is asked for statically;
    without it a test would quietly run on the real one."""
    settings = connection.settings_dict
    assert settings["NAME"] == settings["TEST"]["NAME"], "mark the test with django_db"
    emptying.remember()


@pytest.fixture(autouse=True)
def _forgotten_stores() -> None:
    """No test sees the shop domains that another one's webhooks taught this process."""
    forget_stores()


@pytest.fixture
def anas_store(db: None) -> Tenant:
    """The store of the stories: Ana owns it, Ben is her analyst."""
    return make_store("ana.myshopify.com")


@pytest.fixture
def cys_store(db: None) -> Tenant:
    """Another store, of which Ana and Ben must see nothing, as Cy of theirs."""
    return make_store("cy.myshopify.com", currency="USD", timezone="America/New_York")


@pytest.fixture
def ana(anas_store: Tenant) -> User:
    return make_member(anas_store, "ana@example.com", Role.OWNER)


@pytest.fixture
def ben(anas_store: Tenant) -> User:
    return make_member(anas_store, "ben@example.com", Role.ANALYST)


@pytest.fixture
def cy(cys_store: Tenant) -> User:
    return make_member(cys_store, "cy@example.com", Role.OWNER)


@pytest.fixture
def in_anas_store(anas_store: Tenant) -> Iterator[Tenant]:
    """The test itself runs within the scope of Ana's store."""
    with tenant_scope(anas_store.pk):
        yield anas_store


def api_of(user: User) -> APIClient:
    """A client that is signed in as the user; what a 500 hides is shown as the answer."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in.start_sign_in(user=user).access}")
    return client


@pytest.fixture
def api(db: None) -> APIClient:
    """A client that has not signed in."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def ana_api(ana: User) -> APIClient:
    return api_of(ana)


@pytest.fixture
def ben_api(ben: User) -> APIClient:
    return api_of(ben)


@pytest.fixture
def cy_api(cy: User) -> APIClient:
    return api_of(cy)
