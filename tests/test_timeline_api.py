"""GET /customers/{id}/timeline: pages without gaps or repeats, by the rights of who asks."""

from datetime import UTC, datetime

import pytest

from conftest import api_of, make_member
from customers.tests.builders import make_customer
from orders.models import Checkout
from orders.tests.builders import make_order
from tenants.roles import Role
from tests.rows import make_row
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def kim(anas_store):
    """With five orders, all placed in one moment."""
    kim = make_customer(anas_store, first_name="Kim")
    for _ in range(5):
        make_order(anas_store, customer=kim, processed_at=NOON)
    return kim


@pytest.fixture
def ask(ana_api, kim):
    return lambda **query: ana_api.get(f"/customers/{kim.pk}/timeline", query)


def test_pages_of_one_moment_have_no_gap_and_no_repeat(ana_api, ask):
    page, seen = ask(page_size=2).json(), list[str]()
    while True:
        seen += [event["object_id"] for event in page["results"]]
        if page["next"] is None:
            break
        page = ana_api.get(page["next"]).json()

    assert len(seen) == len(set(seen)) == 5


def test_an_event_says_what_it_is_about(ask):
    event = ask().json()["results"][0]

    assert (event["kind"], event["object_type"]) == ("order.placed", "orders.order")
    assert event["at"].startswith("2026-03-01T12:00")


@pytest.mark.parametrize("query", [{"cursor": "made-up"}, {"page_size": "x"}, {"kind": "order"}])
def test_what_it_does_not_know_is_refused(ask, query):
    assert ask(**query).status_code == 400


def test_one_kind_can_be_asked_for_in_pages(ana_api, ask, kim, anas_store):
    with tenant_scope(anas_store.pk):
        make_row(Checkout, customer=kim, created_at=NOON)

    page = ask(kind="orders", page_size=3).json()
    rest = ana_api.get(page["next"]).json()

    assert [len(part["results"]) for part in (page, rest)] == [3, 2]
    assert [event["kind"][:9] for event in ask(kind="checkouts").json()["results"]] == ["checkout."]


def test_a_kind_that_one_may_not_see_is_refused_with_the_right(anas_store, kim):
    sam = api_of(make_member(anas_store, "sam@example.com", Role.SUPPORT))

    response = sam.get(f"/customers/{kim.pk}/timeline", {"kind": "opens"})

    assert response.status_code == 403
    assert "view_campaigns" in response.json()["errors"][0]["detail"]


def test_a_cursor_of_one_customer_fits_no_other(ana_api, ask, anas_store):
    link = ask(page_size=1).json()["next"]
    other = make_customer(anas_store, first_name="Lee")

    response = ana_api.get(f"/customers/{other.pk}/timeline?{link.partition('?')[2]}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid_cursor"
