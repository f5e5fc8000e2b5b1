"""Members kept in step by what happens are those whom the oracle finds in what is stored; and who
was in at any moment is who was recorded then."""

import os
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import make_store
from segments import history, keeping
from segments.actions import SegmentData, create_segment, delete_segment, edit_segment
from segments.language.formatter import format_query
from segments.language.parser import parse
from segments.models import Segment
from segments.static import add_members
from tenants.audit import Actor
from tenants.models import Tenant
from tests.segments.asking import NotKept, oracle_of, our_ids
from tests.segments.happenings import NOW, Shop
from tests.segments.queries import Asker, told_shapes
from tests.segments.reading import read_store
from tests.segments.stores import Case
from tests.segments.test_differential import quietly, widely
from webhooks.inbox import forget_stores
from webhooks.tests.shopify import Shopify, at, customer, order
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
LONG = int(os.environ.get("XENO_SEGMENT_EXAMPLES", "2000"))
ZONES = ("Europe/London", "America/New_York", "Pacific/Kiritimati")
HOURS = (0, 1, 13, 24, 24 * 31)
# One for each kind of thing that can change, beside the random ones.
ALWAYS = (
    "segment('hands') MATCHES () OR number_of_orders > 1",
    "products_purchased MATCHES (tag = 'vip')",
    "products_purchased MATCHES (category = 'aa-1')",
    "abandoned_checkout_date IS NOT NULL",
    "orders_placed MATCHES (date >= -30d, sum_amount > 20)",
    "customer_tags CONTAINS 'vip' OR email_subscription_status = 'SUBSCRIBED'",
    "customer_countries CONTAINS 'CA' AND last_order_date < -7d",
)


class Story:
    """One store in which things happen, its segments, and who was in them at each stop."""

    def __init__(self, tenant: Tenant, random: Random) -> None:
        self.tenant, self.random, self.now = tenant, random, NOW
        self.shop, self.shopify = Shop(random, NOW), Shopify(tenant, Client())
        self.records: list[tuple[int, datetime, set[int]]] = []
        self.told: list[str] = []

    def happen(self, number: int) -> None:
        """So many webhooks arrive, and are applied together."""
        for _ in range(number):
            topic, body = self.shop.next()
            self.told.append(f"{topic} {body}")
            assert self.shopify.send(topic, body).status_code == 200
        self.shopify.apply()

    def segment(self) -> None:
        """One more segment, of a random query over what the store holds now."""
        asker = Asker(self.random, Case(read_store(self.tenant), self.now))
        query = asker.query(told_shapes(asker.case), depth=1)
        name = f"S{Segment.objects.count()}-{len(self.told)}-{len(self.records)}"
        data = SegmentData(name=name, kind="dynamic", query=format_query(query))
        create_segment(actor=Actor(), tenant=self.tenant, data=data)

    def by_hand(self) -> None:
        """Somebody is put into the static segment, which another one names."""
        segment = Segment.objects.get(name="hands")
        people = [pk for pk in our_ids().values() if self.random.choice((True, False))]
        add_members(actor=Actor(), tenant=self.tenant, segment_id=segment.pk, customer_ids=people)

    def edit(self) -> None:
        """One of the segments asks for something else."""
        asker = Asker(self.random, Case(read_store(self.tenant), self.now))
        segment = self.random.choice(list(Segment.objects.filter(name__startswith="S")))
        text = format_query(asker.query(told_shapes(asker.case), depth=1))
        if f"segment('{segment.name}')" not in text:
            edit_segment(actor=Actor(), tenant=self.tenant, segment_id=segment.pk, query=text)

    def move(self) -> None:
        """The store's clock goes on, or its clock is another one."""
        self.now += timedelta(hours=self.random.choice(HOURS))
        self.shop.now = self.now

    def keep(self) -> None:
        """A worker keeps the segments, and each has the members that the oracle finds."""
        assert keeping.keep(tenant=self.tenant, seconds=60, now=self.now) is False
        store, ids = read_store(self.tenant), our_ids()
        oracle = oracle_of(store, self.now)
        for segment in Segment.objects.all():
            inside = set(history.members(segment).values_list("customer_id", flat=True))
            if segment.dynamic:
                found = {ids[who] for who in oracle.finds(parse(segment.query))}
                assert inside == found, f"{segment.query}\n {self.now} after {self.told}"
            self.records.append((segment.pk, moment(), inside))

    def check_records(self) -> None:
        """Who was in at each stop is who was in then, but for those who are deleted since."""
        living = set(our_ids().values())
        for segment_id, stop, inside in self.records:
            segment = Segment.objects.filter(pk=segment_id).first()
            if segment is not None:
                rows = history.members_as_of(segment, stop)
                assert set(rows.values_list("customer_id", flat=True)) == inside & living


def moment() -> datetime:
    """The database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def tell_story(random: Random, chapters: int) -> None:
    """A store with segments lives through so many chapters; nothing of it is kept."""
    try:
        with transaction.atomic():
            forget_stores()
            tenant = make_store("story.myshopify.com", timezone=random.choice(ZONES))
            if random.choice((True, True, False)):
                Tenant.objects.filter(pk=tenant.pk).update(history_complete_since=NOW)
                tenant.refresh_from_db()
            with tenant_scope(tenant.pk):
                live(Story(tenant, random), chapters)
            raise NotKept
    except NotKept:
        pass


def live(story: Story, chapters: int) -> None:
    """Begin with some orders and segments; then whatever comes, in any order."""
    story.happen(12)
    hands = SegmentData(name="hands", kind="static")
    create_segment(actor=Actor(), tenant=story.tenant, data=hands)
    for number, query in enumerate(ALWAYS):
        named = SegmentData(name=f"always {number}", query=query)
        create_segment(actor=Actor(), tenant=story.tenant, data=named)
    for _ in range(4):
        story.segment()
    story.keep()
    for _ in range(chapters):
        verbs = (story.move, story.edit, story.by_hand, story.segment)
        story.happen(story.random.choice((1, 1, 2, 4, 0)))
        if story.random.choice((True, False)):
            story.random.choice(verbs)()
        if story.random.choice((True, True, False)):
            story.keep()
    story.keep()
    story.check_records()


@settings(quietly, max_examples=2)
@given(st.randoms(use_true_random=False))
def test_members_follow_whatever_happens(random):
    tell_story(random, chapters=5)


@pytest.mark.slow
@settings(widely, max_examples=max(LONG // 20, 1))
@given(st.randoms(use_true_random=False))
def test_members_follow_long_stories(random):
    tell_story(random, chapters=20)


def test_a_deleted_segment_takes_nobody_with_it(in_anas_store):
    story = Story(in_anas_store, Random(1))
    story.happen(6)
    for _ in range(3):
        story.segment()
    story.keep()
    gone = Segment.objects.order_by("pk").first()

    delete_segment(actor=Actor(), tenant=in_anas_store, segment_id=gone.pk)
    story.happen(4)

    story.keep()
    story.check_records()
    assert not Segment.objects.filter(pk=gone.pk).exists()


def cart(number: int, minutes: int) -> dict:
    """A checkout that was left by this customer, as it is told at the minute."""
    return {
        "id": 201,
        "token": "t",
        "email": "a@example.com",
        "currency": "GBP",
        "total_price": "5.00",
        "created_at": at(0),
        "updated_at": at(minutes),
        "completed_at": None,
        "customer": customer(number),
    }


@pytest.mark.parametrize(
    ("query", "topic", "body"),
    [
        ("abandoned_checkout_date IS NOT NULL", "checkouts/update", cart),
        ("orders_placed MATCHES ()", "orders/updated",
         lambda who, minutes: order(1, minutes=minutes, customer=customer(who))),
    ],
)  # fmt: skip
def test_whose_it_was_leaves_when_it_is_told_of_another(in_anas_store, query, topic, body):
    shopify = Shopify(in_anas_store, Client())
    for number in (1, 2):
        shopify.tell("customers/create", customer(number))
    data = SegmentData(name="with one", query=query)
    segment = create_segment(actor=Actor(), tenant=in_anas_store, data=data)

    found = []
    for who, minutes in ((1, 1), (2, 2)):
        shopify.tell(topic, body(who, minutes))
        assert keeping.keep(tenant=in_anas_store, seconds=60) is False
        found += history.members(segment).values_list("customer__shopify_id", flat=True)

    assert found == [1, 2]
