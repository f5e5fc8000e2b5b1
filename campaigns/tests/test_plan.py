"""The plan gives each person of the audience one reason; the freeze writes the same."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from campaigns import audience
from campaigns.models import Campaign, Message, Preference, SendingSettings, Suppression, Topic
from campaigns.tests.conftest import make_customer, make_message
from customers.models import Customer
from segments.models import Segment, SegmentMember

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def make_segment(name: str, *people: Customer) -> Segment:
    segment = Segment.objects.create(name=name, kind="static")
    for customer in people:
        SegmentMember.objects.create(segment=segment, customer=customer, valid_from=NOW)
    return segment


@pytest.fixture
def everybody(campaign, kim, lee) -> Segment:
    segment = make_segment("Everybody", kim, lee)
    campaign.audiences.create(segment=segment)
    return segment


def join(segment: Segment, *people: Customer) -> None:
    for customer in people:
        SegmentMember.objects.create(segment=segment, customer=customer, valid_from=NOW)


def planned(tenant, campaign, customer) -> audience.PlannedPerson:
    rows = audience.list_people(tenant=tenant, campaign=campaign, now=NOW)
    [found] = [row for row in rows if row.customer_id == customer.pk]
    return found


def test_who_may_be_written_to_is_queued(in_anas_store, campaign, everybody, kim):
    found = planned(in_anas_store, campaign, kim)

    assert (found.state, found.reason, found.variant) == ("queued", "", "A")
    assert (found.address, found.not_before) == ("kim@example.com", NOW)


def test_members_of_an_excluded_segment_are_no_part_of_it(in_anas_store, campaign, everybody, lee):
    campaign.audiences.create(segment=make_segment("Not these", lee), excluded=True)

    found = audience.summarize(tenant=in_anas_store, campaign=campaign, now=NOW)

    assert found == {"queued": 1}


def test_who_has_left_is_no_part_of_it(in_anas_store, campaign, everybody, lee):
    SegmentMember.objects.filter(customer=lee).update(valid_to=NOW + timedelta(days=1))

    assert audience.summarize(tenant=in_anas_store, campaign=campaign, now=NOW) == {"queued": 1}


@pytest.mark.parametrize(
    "consent", ["pending", "unsubscribed", "not_subscribed", "invalid", "redacted", None]
)
def test_only_subscribed_is_sendable(in_anas_store, campaign, everybody, consent):
    sam = make_customer(3, "sam@example.com", consent)
    join(everybody, sam)

    found = planned(in_anas_store, campaign, sam)

    assert (found.state, found.reason) == ("skipped", "no_consent")


@pytest.mark.parametrize("email", [None, ""])
def test_nobody_is_written_to_without_an_address(in_anas_store, campaign, everybody, email):
    sam = make_customer(3, email)
    join(everybody, sam)

    assert planned(in_anas_store, campaign, sam).reason == "no_address"


def test_a_suppressed_address_is_suppressed_in_any_case(in_anas_store, campaign, everybody):
    sam = make_customer(3, "Sam@Example.com")
    join(everybody, sam)
    Suppression.objects.create(address="sam@example.com", reason="bounced")

    assert planned(in_anas_store, campaign, sam).reason == "suppressed"


def test_a_topic_that_is_not_wanted(in_anas_store, campaign, everybody, kim):
    campaign.topic = Topic.objects.create(name="Sales")
    Preference.objects.create(customer=kim, topic=campaign.topic)

    assert planned(in_anas_store, campaign, kim).reason == "not_wanted"


def test_who_has_paused_is_listed_with_the_end(in_anas_store, campaign, everybody, kim):
    Preference.objects.create(customer=kim, until=NOW + timedelta(days=3))

    found = planned(in_anas_store, campaign, kim)

    assert (found.reason, found.free_from) == ("paused", NOW + timedelta(days=3))


def test_of_one_address_the_person_known_longest(in_anas_store, campaign, everybody, kim):
    twin = make_customer(9, "KIM@example.com")
    join(everybody, twin)

    assert planned(in_anas_store, campaign, kim).reason == ""
    assert planned(in_anas_store, campaign, twin).reason == "duplicate"


def test_a_twin_without_consent_does_not_keep_the_other_out(in_anas_store, campaign, everybody):
    first = make_customer(3, "two@example.com", "unsubscribed")
    second = make_customer(4, "two@example.com")
    join(everybody, first, second)

    assert planned(in_anas_store, campaign, first).reason == "no_consent"
    assert planned(in_anas_store, campaign, second).reason == ""


def was_written_to(customer: Customer, ago: timedelta, sender) -> None:
    other = Campaign.objects.create(name=f"Before {ago}", sender=sender)
    make_message(other, customer, state="sent", handed_at=NOW - ago)


def test_capped_people_are_listed_with_when_they_are_free(
    in_anas_store, campaign, everybody, kim, sender
):
    was_written_to(kim, timedelta(hours=10), sender)

    found = planned(in_anas_store, campaign, kim)

    assert (found.reason, found.free_from) == ("capped", NOW + timedelta(hours=6))


def test_the_cap_is_the_stores(in_anas_store, campaign, everybody, kim, sender):
    SendingSettings.objects.create(cap_messages=2, cap_hours=24)
    was_written_to(kim, timedelta(hours=10), sender)
    assert planned(in_anas_store, campaign, kim).reason == ""

    was_written_to(kim, timedelta(hours=12), sender)

    found = planned(in_anas_store, campaign, kim)
    assert (found.reason, found.free_from) == ("capped", NOW + timedelta(hours=12))


def test_a_person_may_choose_how_often(in_anas_store, campaign, everybody, kim, sender):
    Preference.objects.create(customer=kim, most=1)
    was_written_to(kim, timedelta(days=20), sender)

    found = planned(in_anas_store, campaign, kim)

    assert (found.reason, found.free_from) == ("capped", NOW + timedelta(days=10))


def many(segment: Segment, count: int) -> None:
    people = Customer.objects.bulk_create(
        Customer(
            tenant_id=segment.tenant_id,
            shopify_id=1_000 + n,
            email=f"p{n}@example.com",
            email_consent="subscribed",
            country="US" if n % 2 else "GB",
            region="US-CA" if n % 2 else "",
        )
        for n in range(count)
    )
    SegmentMember.objects.bulk_create(
        SegmentMember(tenant_id=segment.tenant_id, segment=segment, customer=person, valid_from=NOW)
        for person in people
    )


def test_a_share_is_held_out_and_always_the_same(in_anas_store, campaign, everybody):
    many(everybody, 1_000)
    campaign.holdout_percent = Decimal(10)

    first = audience.list_people(
        tenant=in_anas_store, campaign=campaign, most=2_000, reason="holdout", now=NOW
    )
    later = audience.list_people(
        tenant=in_anas_store, campaign=campaign, most=2_000, reason="holdout", now=NOW
    )

    assert first == later
    assert 70 <= len(first) <= 130  # 5 standard deviations are 47, and the lot is fixed
    assert {row.state for row in first} == {"holdout"}


def test_variants_divide_the_audience(in_anas_store, campaign, everybody):
    many(everybody, 1_000)
    campaign.variants = [{"key": "B", "subject": "Other words"}]

    rows = audience.list_people(tenant=in_anas_store, campaign=campaign, most=2_000, now=NOW)

    shares = [sum(row.variant == key for row in rows) for key in ("A", "B")]
    assert sum(shares) == 1_002
    assert min(shares) > 420


def test_a_test_takes_exactly_the_planned_size(in_anas_store, campaign, everybody):
    many(everybody, 300)
    campaign.variants, campaign.decided_at_size = [{"key": "B"}], 50

    rows = audience.list_people(tenant=in_anas_store, campaign=campaign, most=2_000, now=NOW)

    counts = {key: sum(row.variant == key for row in rows) for key in ("A", "B", "")}
    assert counts == {"A": 50, "B": 50, "": 202}


def test_each_at_their_own_eight_o_clock(in_anas_store, campaign, everybody):
    many(everybody, 2)
    campaign.clock = Campaign.Clock.RECIPIENT
    campaign.scheduled_for = NOW + timedelta(days=1)  # 13:00 in London

    rows = audience.list_people(tenant=in_anas_store, campaign=campaign, now=NOW)

    assert sorted({row.not_before for row in rows}) == [
        NOW + timedelta(days=1),
        NOW + timedelta(days=1, hours=8),
    ]


def test_the_freeze_writes_what_the_plan_says(in_anas_store, campaign, everybody, sender):
    many(everybody, 200)
    campaign.holdout_percent = Decimal(20)
    campaign.variants = [{"key": "B"}]
    Suppression.objects.create(address="p3@example.com", reason="complained")
    was_written_to(Customer.objects.get(shopify_id=1_004), timedelta(hours=1), sender)
    plan = audience.list_people(tenant=in_anas_store, campaign=campaign, most=2_000, now=NOW)

    audience.insert_messages(tenant=in_anas_store, campaign=campaign, now=NOW)

    columns = ("customer_id", "address", "state", "reason", "free_from", "variant", "not_before")
    written = Message.objects.filter(campaign=campaign).order_by("customer_id")
    assert [audience.PlannedPerson(*row) for row in written.values_list(*columns)] == plan
    assert {row.reason for row in plan} == {"", "holdout", "suppressed", "capped"}


def test_pages_say_of_everybody_what_the_whole_says(
    in_anas_store, campaign, everybody, sender, monkeypatch
):
    """A page is read by itself, of several segments; one address may be on two pages, or with who
    is in no segment."""
    many(everybody, 60)
    numbered = Customer.objects.filter(shopify_id__gte=1_000).order_by("shopify_id")
    others = [make_customer(n, f"other{n}@example.com") for n in range(2_000, 2_010)]
    campaign.audiences.create(segment=make_segment("Also", *numbered[10:30], *others))
    campaign.audiences.create(segment=make_segment("Not", *numbered[25:40:3]), excluded=True)
    campaign.holdout_percent = Decimal(20)
    people = Customer.objects.order_by("-shopify_id")
    people.filter(shopify_id__in=[1_003, 1_020, 1_055]).update(email="p40@example.com")
    make_customer(900, "p9@example.com")
    was_written_to(Customer.objects.get(shopify_id=1_004), timedelta(hours=1), sender)
    whole = audience.list_people(tenant=in_anas_store, campaign=campaign, most=2_000, now=NOW)
    audience.insert_messages(tenant=in_anas_store, campaign=campaign, now=NOW)
    written = dict(Message.objects.filter(campaign=campaign).values_list("customer_id", "reason"))

    monkeypatch.setattr(audience, "MEMBERS", "not to be asked for")
    pages, after = [], 0
    while page := audience.list_people(
        tenant=in_anas_store, campaign=campaign, after=after, most=7, now=NOW
    ):
        pages += page
        after = page[-1].customer_id

    assert pages == whole
    assert len(pages) == len({row.customer_id for row in pages}) == 2 + 60 + 10 - 5
    assert {row.customer_id: row.reason for row in pages} == written
    assert {"duplicate", "capped", "holdout", ""} <= set(written.values())


def test_freezing_again_adds_nobody(in_anas_store, campaign, everybody):
    audience.insert_messages(tenant=in_anas_store, campaign=campaign, now=NOW)

    audience.insert_messages(tenant=in_anas_store, campaign=campaign, now=timezone.now())

    assert Message.objects.count() == 2


def test_the_other_stores_people_are_no_part_of_it(cys_store, in_anas_store, campaign, everybody):
    from xeno.lib.postgres.scope import tenant_scope

    with tenant_scope(cys_store.pk):
        foreign = make_segment("Cy's", make_customer(1, "cy@example.com"))
    rows = audience.summarize(tenant=in_anas_store, campaign=campaign, now=NOW)

    assert rows == {"queued": 2}
    assert foreign.pk != everybody.pk
