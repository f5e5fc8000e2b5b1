"""Members that follow step by step are those of a rebuild, and the past stays what it was."""

import os
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import Phase, given, note, settings
from hypothesis.extra.django import TestCase

from segments import keeping
from segments.actions import SegmentData, create_segment
from segments.compiling.compiler import matching
from segments.definitions import clock_of, load_definitions
from segments.history import members_as_of
from segments.models import Segment, SegmentMember, SegmentState
from segments.static import add_members
from tenants.audit import Actor
from tenants.models import Tenant
from tests.membership.stories import NOON, TURNS
from webhooks.tests.shopify import Shopify
from xeno.lib.postgres.scope import tenant_scope

QUERIES = (
    "number_of_orders > 1",
    "amount_spent >= 100",
    "last_order_date > -7d",
    "first_order_date < -30d OR number_of_orders = 0",
    "customer_tags CONTAINS 'vip'",
    "customer_tags NOT CONTAINS 'vip' AND number_of_orders > 0",
    "email_subscription_status = 'SUBSCRIBED'",
    "customer_countries CONTAINS 'US'",
    "orders_placed MATCHES (amount > 50, date >= -14d)",
    "orders_placed MATCHES (count >= 2)",
    "orders_placed MATCHES (sum_amount < 150)",
    "products_purchased MATCHES (id = 5)",
    "products_purchased MATCHES (tag = 'sale')",
    "products_purchased NOT MATCHES (date > -10d)",
    "products_purchased MATCHES (sum_quantity >= 3)",
    "abandoned_checkout_date >= -10d",
    "segment('number_of_orders > 1') MATCHES () AND customer_tags CONTAINS 'new'",
    "segment('last_order_date > -7d') NOT MATCHES ()",
    "segment('By hand') MATCHES ()",
)
EXAMPLES = int(os.environ.get("MEMBERSHIP_EXAMPLES", "5"))
# Shrinking plays the story again and again: what failed is small enough to read as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def make_segments(tenant: Tenant) -> list[Segment]:
    """One segment a query, and one by hand that one of them names."""
    data = [SegmentData(name="By hand", kind="static")]
    data += [SegmentData(name=query, query=query) for query in QUERIES]
    return [create_segment(actor=Actor(), tenant=tenant, data=each) for each in data]


def inside(segment: Segment, at: datetime | None = None) -> set[int]:
    """Whoever is in the segment, now or at the moment."""
    rows = SegmentMember.objects.filter(segment=segment, valid_to=None)
    rows = members_as_of(segment, at) if at else rows
    return set(rows.values_list("customer_id", flat=True))


def rebuilt(tenant: Tenant, now: datetime) -> dict[int, set[int]]:
    """Whom each query finds, asked of everybody."""
    definitions, broken = load_definitions()
    clock = clock_of(tenant=tenant, now=now)
    assert not broken
    return {
        each.id: set(matching(each.node, clock=clock).values_list("pk", flat=True))
        for each in definitions
    }


class TestFollowing(TestCase):
    """Random stories, through the webhooks' own door and the applier."""

    @settings(max_examples=EXAMPLES, deadline=None, phases=PHASES)
    @given(turns=TURNS)
    def test_step_by_step_is_as_a_rebuild(self, turns):
        tenant = Tenant.objects.create(
            shop_domain=f"s{uuid4().hex[:12]}.myshopify.com",
            name="Story",
            currency="GBP",
            timezone="America/New_York",
            history_complete_since=timezone.now(),
        )
        with tenant_scope(tenant.pk):
            play(tenant, turns)


def play(tenant: Tenant, turns: list) -> None:
    """Tell the story, and compare after each of the keeper's turns."""
    shopify, now = Shopify(tenant, Client()), NOON
    by_hand, *segments = make_segments(tenant)
    keeping.keep(tenant=tenant, seconds=60, now=now)
    past: list[tuple[datetime, dict[int, set[int]]]] = []
    for words, days in turns:
        note(f"{[topic for topic, _ in words]}, then {days} days")
        for topic, body in words:
            shopify.send(topic, body)
        shopify.apply()
        if days is None:
            continue
        add_members(actor=Actor(), tenant=tenant, segment_id=by_hand.pk, customer_ids=somebody())
        now += timedelta(days=days)
        keeping.keep(tenant=tenant, seconds=60, now=now)
        found = {segment.pk: inside(segment) for segment in segments}
        expected = rebuilt(tenant, now)
        for segment in segments:
            assert found[segment.pk] == expected[segment.pk], segment.query
        past.append((moment(), found))
    keeping.keep(tenant=tenant, seconds=60, now=now)
    check_past(segments, past)
    check_counts()


def somebody() -> list[int]:
    """The customer of the smallest id."""
    return list(connection_rows("SELECT min(id) FROM customers_customer HAVING count(*) > 0"))


def connection_rows(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]


def moment() -> datetime:
    return connection_rows("SELECT clock_timestamp()")[0]


def check_past(segments: list[Segment], past: list) -> None:
    """As of each moment the members are who they were then, but for who was deleted since."""
    living = set(connection_rows("SELECT id FROM customers_customer"))
    for at, found in past:
        for segment in segments:
            assert inside(segment, at) == found[segment.pk] & living, segment.query


def check_counts() -> None:
    """The kept counts are those of the rows."""
    for state in SegmentState.objects.select_related("segment"):
        assert state.members_count == len(inside(state.segment)), state.segment.query
