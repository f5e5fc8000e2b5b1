"""What happened to a customer, newest first, for whom it may be shown."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from conftest import PASSWORD
from customers.models import ConsentChange, Customer
from customers.tests.builders import make_customer
from customers.timeline import Event, timeline
from orders.models import Refund
from orders.tests.builders import make_order
from segments.models import Segment, SegmentMember
from tenants.models import Tenant
from tenants.roles import Right

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def hour(number: int) -> datetime:
    return NOON + timedelta(hours=number)


@pytest.fixture
def kim(in_anas_store: Tenant, make_segment) -> Customer:
    """Subscribed, joined a segment, ordered, was refunded, left it again."""
    kim = make_customer(in_anas_store, first_name="Kim")
    ConsentChange.objects.create(
        customer=kim, channel="email", state="subscribed", source="t", changed_at=hour(0)
    )
    SegmentMember.objects.create(
        segment=make_segment(name="Regulars"), customer=kim, valid_from=hour(1), valid_to=hour(4)
    )
    order = make_order(in_anas_store, customer=kim, processed_at=hour(2))
    Refund.objects.create(shopify_id=1, order=order, amount=5, refunded_at=hour(3))
    return kim


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


def test_all_that_happened_stands_in_one_line(kim):
    assert kinds(timeline(kim, holds=lambda right: True)) == [
        "segment.left",
        "order.refunded",
        "order.placed",
        "segment.joined",
        "consent.subscribed",
    ]


def test_pages_follow_each_other_without_a_gap(kim):
    whole = timeline(kim, holds=lambda right: True)

    paged, before = list[Event](), None
    while page := timeline(kim, holds=lambda right: True, before=before, most=2):
        paged += page
        before = page[-1].place

    assert paged == whole


def test_what_one_may_not_see_is_left_out(kim):
    shown = timeline(kim, holds=lambda right: right != Right.VIEW_ORDERS)

    assert kinds(shown) == ["segment.left", "segment.joined", "consent.subscribed"]


def test_a_deleted_segment_is_in_nobodys_timeline(kim):
    Segment.objects.update(deleted_at=NOON)

    assert "segment.joined" not in kinds(timeline(kim, holds=lambda right: True))


def test_another_customers_events_are_not_shown(in_anas_store, kim):
    assert timeline(make_customer(in_anas_store), holds=lambda right: True) == []


def test_the_timeline_stands_on_the_customers_page(kim, ana, client: Client):
    client.login(username=ana.email, password=PASSWORD)

    page = client.get(f"/admin/customers/customer/{kim.pk}/change/")

    assert "Joined the segment Regulars" in page.content.decode()
