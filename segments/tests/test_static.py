"""Static segments: whoever was put in, until they are taken out."""

import pytest

from customers.tests.builders import make_customer
from segments import static
from segments.models import Segment, SegmentMember, SegmentState
from segments.static import (
    SegmentNotStatic,
    TooManyCustomers,
    add_matching,
    add_members,
    remove_matching,
    remove_members,
)
from segments.tests.conftest import inside
from tenants.audit import Actor
from tenants.models import AuditEntry, Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(in_anas_store: Tenant) -> Tenant:
    return in_anas_store


def add(store: Tenant, segment: Segment, *ids: int) -> int:
    return add_members(actor=Actor(), tenant=store, segment_id=segment.pk, customer_ids=list(ids))


def test_customers_are_put_in_once_and_taken_out(store, make_segment):
    segment, kim, lee = make_segment(), make_customer(store), make_customer(store)

    added = add(store, segment, kim.pk, lee.pk, 10**12), add(store, segment, kim.pk)
    removed = remove_members(
        actor=Actor(), tenant=store, segment_id=segment.pk, customer_ids=[kim.pk]
    )

    assert (*added, removed) == (2, 0, 1)
    assert inside(segment) == {lee.pk}
    assert SegmentState.objects.get(segment=segment).members_count == 1


def test_whoever_comes_back_has_two_rows(store, make_segment):
    segment, kim = make_segment(), make_customer(store)
    add(store, segment, kim.pk)
    remove_members(actor=Actor(), tenant=store, segment_id=segment.pk, customer_ids=[kim.pk])

    add(store, segment, kim.pk)

    first, second = SegmentMember.objects.order_by("valid_from")
    assert first.valid_from < first.valid_to < second.valid_from
    assert second.valid_to is None


def test_another_stores_customers_are_left_out(store, cys_store, make_segment):
    segment, stranger = make_segment(), make_customer(cys_store)

    assert add(store, segment, stranger.pk) == 0
    assert inside(segment) == set()


def test_a_dynamic_segment_takes_nobody_by_hand(store, make_segment):
    segment, kim = make_segment("number_of_orders > 5"), make_customer(store)

    with pytest.raises(SegmentNotStatic):
        add(store, segment, kim.pk)
    assert inside(segment) == set()


def test_a_call_takes_only_so_many(store, make_segment, monkeypatch):
    monkeypatch.setattr(static, "MOST_IDS", 2)
    segment = make_segment()

    with pytest.raises(TooManyCustomers):
        add(store, segment, 1, 2, 3)
    assert add(store, segment, make_customer(store).pk) == 1


def test_a_query_and_another_segment_put_in_and_take_out(store, make_segment, keep):
    few, many = make_customer(store), make_customer(store, orders_count=6)
    segment, regulars = make_segment(), make_segment("number_of_orders > 5")
    keep()
    how = {"actor": Actor(), "tenant": store, "segment_id": segment.pk}

    added = add_matching(**how, query="number_of_orders < 9")
    everybody = inside(segment)
    removed = remove_matching(**how, other_id=regulars.pk)

    assert (added, removed) == (2, 1)
    assert everybody == {few.pk, many.pk}
    assert inside(segment) == {few.pk}


def test_a_segment_that_names_a_static_one_follows_it(store, make_segment, keep):
    kim, chosen = make_customer(store), make_segment()
    naming = make_segment(f"segment('{chosen.pk}') MATCHES ()")
    keep()

    add(store, chosen, kim.pk)
    keep()
    joined = inside(naming)
    remove_members(actor=Actor(), tenant=store, segment_id=chosen.pk, customer_ids=[kim.pk])
    keep()

    assert joined == {kim.pk}
    assert inside(naming) == set()


def test_what_was_done_by_hand_is_in_the_audit_trail(store, make_segment):
    segment, kim = make_segment(), make_customer(store)

    add(store, segment, kim.pk)
    add(store, segment, kim.pk)

    lines = AuditEntry.objects.filter(object_id=str(segment.pk)).order_by("pk")
    assert [line.action for line in lines] == ["segment.created", "segment.members_added"]
