"""Ana's store with a few customers, browsers of each kind of staff, segments and their keeper."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from conftest import make_member
from customers.tests.builders import make_customer
from segments import keeping
from segments.actions import SegmentData, create_segment
from segments.models import Segment
from tenants.audit import Actor
from tenants.models import Membership, Tenant
from tenants.roles import Right, Role
from tenants.team import take_right
from xeno.lib.postgres.scope import tenant_scope

Make = Callable[..., Segment]
PAGES = "/admin/segments/segment/"


def browser_of(store: Tenant, role: str) -> Client:
    """A browser in which a new member with this role is signed in."""
    client = Client()
    client.force_login(make_member(store, f"{role}@staff.test", Role(role)),
                       "django.contrib.auth.backends.ModelBackend")  # fmt: skip
    return client


@pytest.fixture
def anas(anas_store):
    """Ana's browser."""
    return browser_of(anas_store, "owner")


@pytest.fixture
def bens(anas_store):
    """Ben's, who may look and not edit."""
    return browser_of(anas_store, "analyst")


@pytest.fixture
def sams(anas_store):
    """Sam's of the support, who sees customers and no segments."""
    return browser_of(anas_store, "support")


@pytest.fixture
def people(anas_store):
    """Kim who bought much, Lee who bought once, Max who never did."""
    now = datetime.now(UTC)
    return [
        make_customer(
            anas_store, first_name=name, email=f"{name.lower()}@shop.test", orders_count=orders,
            total_spent=Decimal(orders * 100), tags=tags,
            last_order_at=now - timedelta(days=80) if orders else None,
        )
        for name, orders, tags in (
            ("Kim", 12, ("VIP", "vinyl")), ("Lee", 1, ("new",)), ("Max", 0, ()),
        )
    ]  # fmt: skip


@pytest.fixture
def make(anas_store) -> Make:
    """Makes a segment of a query, or a static one without."""

    def make(query: str = "", *, name: str = "Buyers", **more: str) -> Segment:
        kind = "dynamic" if query else "static"
        with tenant_scope(anas_store.pk):
            return create_segment(
                actor=Actor(),
                tenant=anas_store,
                data=SegmentData(name=name, kind=kind, query=query, **more),
            )

    return make


@pytest.fixture
def keep(anas_store):
    """Lets a worker bring the segments in step."""

    def keep() -> None:
        with tenant_scope(anas_store.pk):
            keeping.keep(tenant=anas_store, seconds=60)

    return keep


def lacks(store: Tenant, role: str, right: Right) -> None:
    """Take a single right from the member with this role."""
    owner = Actor(make_member(store, "taker@staff.test", Role.OWNER))
    membership = Membership.objects.get(tenant=store, user__email=f"{role}@staff.test")
    with tenant_scope(store.pk):
        take_right(actor=owner, membership=membership, right=right)


def found(store: Tenant, **wanted: object) -> Segment:
    """The store's segment of this kind."""
    with tenant_scope(store.pk):
        return Segment.objects.get(**wanted)
