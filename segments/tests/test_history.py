"""Who was in at any moment, who came and went, and how many there were each day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from customers.tests.builders import make_customer
from segments.history import counts_by_day, diff, members, members_as_of
from segments.models import Segment, SegmentMember
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def store(in_anas_store: Tenant) -> Tenant:
    return in_anas_store


@pytest.fixture
def segment(make_segment) -> Segment:
    return make_segment()


@pytest.fixture
def people(store: Tenant, segment: Segment) -> dict[str, int]:
    """Kim stays, Lee leaves, Max comes, Nan leaves and comes back, Ole was in for a day."""
    times = {
        "Kim": [(0, None)],
        "Lee": [(0, 5)],
        "Max": [(5, None)],
        "Nan": [(0, 3), (6, None)],
        "Ole": [(4, 5)],
    }
    found = {}
    for name, spans in times.items():
        customer = make_customer(store, first_name=name)
        found[name] = customer.pk
        for begin, end in spans:
            SegmentMember.objects.create(
                segment=segment,
                customer=customer,
                valid_from=day(begin),
                valid_to=None if end is None else day(end),
            )
    return found


def names(rows, people: dict[str, int]) -> set[str]:
    by_id = {pk: name for name, pk in people.items()}
    return {by_id[row.customer_id] for row in rows}


def test_members_are_those_of_now(segment, people):
    assert names(members(segment), people) == {"Kim", "Max", "Nan"}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (-1, set()),
        (0, {"Kim", "Lee", "Nan"}),  # a row holds from its first moment
        (3, {"Kim", "Lee"}),  # and no longer at its last
        (4, {"Kim", "Lee", "Ole"}),
        (5, {"Kim", "Max"}),
        (9, {"Kim", "Max", "Nan"}),
    ],
)
def test_who_was_in_at_a_moment(segment, people, at, expected):
    assert names(members_as_of(segment, day(at)), people) == expected


def test_a_difference_is_by_how_it_was_at_both_moments(segment, people):
    found = diff(segment, day(1), day(8))

    assert names(found.joined, people) == {"Max"}
    assert names(found.left, people) == {"Lee"}


def test_a_difference_backward_in_time_is_nobody(segment, people):
    found = diff(segment, day(8), day(8))

    assert not found.joined.exists()
    assert not found.left.exists()


def test_each_day_has_its_moves_and_the_count_at_its_end(store, segment, people):
    first = date(2026, 5, 4)  # the third day

    found = counts_by_day(tenant=store, segment=segment, first=first, last=date(2026, 5, 7))

    assert [(each.joined, each.left, each.members) for each in found] == [
        (0, 1, 2),
        (1, 0, 3),
        (1, 2, 2),
        (1, 0, 3),
    ]


def test_another_segments_members_are_not_its_own(make_segment, segment, people):
    other = make_segment()

    assert not members_as_of(other, day(1)).exists()
    assert not diff(other, day(0), day(9)).joined.exists()
