"""Members follow what is written: touched customers at once, whole segments when they must."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers.models import Customer
from customers.tests.builders import make_customer
from segments import changes, due, keeping, leases, taking_up
from segments.models import DataChange, MembershipLease, Segment, SegmentMember, SegmentState
from segments.tests.conftest import inside
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
REGULARS = "number_of_orders > 5"


@pytest.fixture
def store(in_anas_store: Tenant) -> Tenant:
    return in_anas_store


def state_of(segment: Segment) -> SegmentState:
    return SegmentState.objects.get(segment=segment)


def touch(store: Tenant, customer: Customer, **fields: object) -> None:
    """Write something of a customer, and note it, as whoever writes data does."""
    Customer.objects.filter(pk=customer.pk).update(**fields)
    changes.note_touched(tenant=store, customer_ids=[customer.pk], kinds=["totals"])


def test_a_new_segment_gets_its_members(store, make_segment, keep):
    many, few = (make_customer(store, orders_count=count) for count in (6, 5))
    segment = make_segment(REGULARS)

    keep()

    state = state_of(segment)
    assert inside(segment) == {many.pk}
    assert few.pk not in inside(segment)
    assert (state.members_count, state.asked, state.done, state.stale_since) == (1, 1, 1, None)


def test_a_touched_customer_joins_and_leaves(store, make_segment, keep):
    kim = make_customer(store, orders_count=0)
    segment = make_segment(REGULARS)
    keep()

    touch(store, kim, orders_count=6)
    keep()
    joined = inside(segment)
    touch(store, kim, orders_count=1)
    keep()

    [row] = SegmentMember.objects.all()
    assert joined == {kim.pk}
    assert inside(segment) == set()
    assert row.valid_from < row.valid_to
    assert state_of(segment).members_count == 0
    assert state_of(segment).moved_at == row.valid_to
    assert not DataChange.objects.exists()


def test_only_the_touched_are_looked_at(store, make_segment, keep):
    kim, _lee = make_customer(store), make_customer(store)
    segment = make_segment(REGULARS)
    keep()

    Customer.objects.update(orders_count=9)
    changes.note_touched(tenant=store, customer_ids=[kim.pk], kinds=["totals"])
    keep()

    assert inside(segment) == {kim.pk}


def test_a_store_without_dynamic_segments_writes_no_row(store, make_segment):
    kim = make_customer(store)
    make_segment()

    changes.note_touched(tenant=store, customer_ids=[kim.pk], kinds=["totals"])
    changes.note_everybody(tenant=store, kinds=["scores"])

    assert not DataChange.objects.exists()


def test_a_segment_that_does_not_read_what_changed_is_left_alone(store, make_segment, keep):
    kim = make_customer(store)
    segment = make_segment(REGULARS)
    keep()

    Customer.objects.update(orders_count=9)
    changes.note_touched(tenant=store, customer_ids=[kim.pk], kinds=["tags"])
    keep()

    assert inside(segment) == set()
    assert not DataChange.objects.exists()


def test_a_refresh_closes_and_opens_rows_at_one_moment(store, make_segment, keep):
    old, new = make_customer(store, orders_count=6), make_customer(store)
    segment = make_segment(REGULARS)
    keep()

    Customer.objects.filter(pk=old.pk).update(orders_count=1)
    Customer.objects.filter(pk=new.pk).update(orders_count=7)
    changes.note_everybody(tenant=store, kinds=["totals"])
    keep()

    gone, here = SegmentMember.objects.order_by("customer_id")
    assert (gone.customer_id, here.customer_id) == (old.pk, new.pk)
    assert gone.valid_to == here.valid_from
    assert here.valid_to is None
    assert state_of(segment).members_count == 1


def test_too_many_touched_are_refreshed_whole(store, make_segment, keep, monkeypatch):
    monkeypatch.setattr(taking_up, "WHOLE_FROM", 1)
    segment = make_segment(REGULARS)
    keep()
    people = [make_customer(store) for _ in range(3)]

    Customer.objects.update(orders_count=9)
    for one in people[:2]:
        changes.note_touched(tenant=store, customer_ids=[one.pk], kinds=["totals"])
    keep()

    assert inside(segment) == {one.pk for one in people}
    assert state_of(segment).asked == 2


def test_a_changed_time_zone_or_currency_is_a_refresh(store, make_segment, keep):
    segment = make_segment(REGULARS)
    keep()

    Tenant.objects.filter(pk=store.pk).update(currency="USD")
    store.refresh_from_db()
    was_due = due.is_due(tenant=store)
    keep()

    assert was_due
    assert not due.is_due(tenant=store)
    assert state_of(segment).currency == "USD"


def test_only_one_keeper_works_at_a_time(store, make_segment):
    segment = make_segment(REGULARS)
    assert leases.take_lease(tenant=store, holder=uuid4())

    keeping.keep(tenant=store)

    assert state_of(segment).refreshed_at is None


def test_a_dead_keepers_lease_runs_out(store, make_segment, keep):
    segment = make_segment(REGULARS)
    leases.take_lease(tenant=store, holder=uuid4())

    MembershipLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    keep()

    assert state_of(segment).refreshed_at is not None


def test_a_keeper_that_lost_its_lease_writes_nothing(store, make_segment):
    segment = make_segment(REGULARS)
    holder = uuid4()
    leases.take_lease(tenant=store, holder=holder)
    MembershipLease.objects.update(holder=uuid4())

    assert keeping.step(tenant=store, holder=holder) is False
    assert state_of(segment).refreshed_at is None


def test_one_failing_segment_rests_and_the_others_follow(store, make_segment, keep):
    kim = make_customer(store, orders_count=6)
    broken, sound = make_segment(REGULARS), make_segment(REGULARS)
    Segment.objects.filter(pk=broken.pk).update(query="no query at all")

    keep()

    failing = state_of(broken)
    assert inside(sound) == {kim.pk}
    assert (failing.trouble, failing.attempts) == ("segment_syntax", 1)
    assert failing.held_until > timezone.now()


def test_a_deleted_customer_is_no_member_any_more(store, make_segment, keep):
    kim, lee = (make_customer(store, orders_count=6) for _ in range(2))
    segment = make_segment(REGULARS)
    keep()

    changes.remove_members(tenant=store, customer_ids=[kim.pk])
    Customer.objects.filter(pk=kim.pk).delete()
    keep()

    assert inside(segment) == {lee.pk}
    assert state_of(segment).members_count == 1


def test_a_clock_that_was_set_back_does_not_end_a_row_before_it_began(store, make_segment, keep):
    kim = make_customer(store, orders_count=6)
    segment = make_segment(REGULARS)
    keep()
    ahead = timezone.now() + timedelta(hours=1)
    SegmentMember.objects.update(valid_from=ahead)
    SegmentState.objects.update(moved_at=ahead)

    touch(store, kim, orders_count=0)
    keep()

    assert SegmentMember.objects.get().valid_to > ahead
    assert inside(segment) == set()


# --- What the database itself promises ---------------------------------------------------------
def test_nobody_is_in_a_segment_twice(store, make_segment):
    segment, kim = make_segment(), make_customer(store)
    SegmentMember.objects.create(segment=segment, customer=kim, valid_from=timezone.now())

    with pytest.raises(IntegrityError, match="one_open_row_per_member"):
        SegmentMember.objects.create(segment=segment, customer=kim, valid_from=timezone.now())


def test_nobody_leaves_before_joining(store, make_segment):
    now = timezone.now()

    with pytest.raises(IntegrityError, match="member_joined_before_leaving"):
        SegmentMember.objects.create(
            segment=make_segment(), customer=make_customer(store), valid_from=now, valid_to=now
        )


def test_another_stores_customer_is_never_a_member(store, cys_store, make_segment):
    stranger, segment = make_customer(cys_store), make_segment()

    with pytest.raises(IntegrityError, match="member_and_customer_same_tenant"):
        SegmentMember.objects.create(
            segment=segment, customer_id=stranger.pk, valid_from=timezone.now()
        )


def test_a_dynamic_segment_has_a_query_and_a_static_one_none(store):
    for kind, query in (("dynamic", ""), ("static", REGULARS)):
        with (
            pytest.raises(IntegrityError, match="segment_has_a_query_if_dynamic"),
            transaction.atomic(),
        ):
            Segment.objects.create(name="S", kind=kind, query=query)
