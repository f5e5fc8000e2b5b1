"""The main job on real input: a shop's invoices, replayed as signed webhooks, in any order."""

import json
from decimal import Decimal

import pytest
from django.conf import settings
from django.db.models import Sum
from django.test import RequestFactory
from django.utils import timezone

from bench.deliveries import Delivery, deliveries, duplicated, shuffled
from bench.events import clean_story, whole_story
from bench.online_retail import read_invoices
from bench.tests.shop import FIXTURE
from customers.models import Customer
from orders.models import LineItem, Order
from tests import oracle, stored
from webhooks import models
from webhooks.middleware import ArrivalMiddleware
from webhooks.processing import apply_inbox

STORIES = {"clean": clean_story, "whole": whole_story}
TOTALS = json.loads(FIXTURE.with_name("online_retail_500.json").read_text())


def told(story: str) -> list[Delivery]:
    """The fixture's webhooks, signed for Ana's store."""
    events = STORIES[story](read_invoices(FIXTURE)).events
    return deliveries(events, shop="ana.myshopify.com", secret=settings.SHOPIFY_API_SECRET)


@pytest.fixture
def replay(in_anas_store):
    """Posts webhooks through the door and applies them; gives the digest of what is stored."""
    in_anas_store.history_complete_since = timezone.now()
    in_anas_store.save()
    door, factory = ArrivalMiddleware(lambda request: None), RequestFactory()

    def run(posts: list[Delivery]) -> str:
        for post in posts:
            headers = {k: v for k, v in post.headers.items() if k.lower() != "content-type"}
            request = factory.post(
                post.path, data=post.body, content_type="application/json", headers=headers
            )
            assert door(request).status_code == 200
        assert apply_inbox(tenant=in_anas_store, seconds=60) is False
        return stored.digest(stored.tables())

    return run


@pytest.mark.parametrize("story", STORIES)
def test_the_replay_equals_the_plain_computation_row_by_row(replay, story):
    posts = told(story)
    replay(posts)

    assert stored.tables() == stored.expected_tables(oracle.expected(posts))
    states = set(models.Delivery.objects.values_list("state", flat=True))
    assert states == {"applied"}


@pytest.mark.parametrize("story", STORIES)
def test_shuffled_and_doubled_the_replay_gives_equal_tables(replay, story):
    posts = told(story)
    digest = replay(shuffled(duplicated(posts, 0.05, seed=1), seed=7))

    assert digest == stored.digest(stored.expected_tables(oracle.expected(posts)))


@pytest.mark.parametrize("story", STORIES)
def test_replayed_twice_the_tables_are_equal(replay, story):
    posts = told(story)
    once = replay(posts)

    assert replay(posts) == once
    assert replay(shuffled(posts, seed=3)) == once


def test_the_fixtures_published_totals_are_in_the_database(replay):
    replay(told("clean"))

    clean = TOTALS["clean"]
    revenue = Order.objects.aggregate(total=Sum("amount"))["total"]
    assert Customer.objects.filter(orders_count__gt=0).count() == clean["customers"]
    assert Order.objects.count() == clean["orders"]
    assert LineItem.objects.count() == clean["lines"]
    assert Decimal(revenue) == Decimal(clean["revenue"])
