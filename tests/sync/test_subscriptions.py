"""Shopify sends us what we handle, and nothing twice."""

import tomllib
from io import StringIO

import pytest
from django.core.management import call_command
from graphql import build_schema

from tenants.shopify.client import API_VERSION
from tenants.shopify.tests import real_schema
from webhooks import subscriptions
from webhooks.news import HANDLERS
from webhooks.subscriptions import Repair


@pytest.fixture
def by_api(settings):
    settings.SHOPIFY_SUBSCRIPTIONS = "api"


def test_every_topic_is_one_that_shopify_knows():
    known = build_schema(real_schema.PART.read_text()).type_map["WebhookSubscriptionTopic"].values

    assert {subscriptions.enum_name(topic) for topic in subscriptions.topics()} <= known.keys()


def test_a_new_store_gets_every_subscription_once(store, shop, by_api):
    made = subscriptions.repair_subscriptions(tenant=store)
    again = subscriptions.repair_subscriptions(tenant=store)

    assert (made, again) == (Repair(len(subscriptions.topics()), 0), Repair(0, 0))


def test_what_is_missing_comes_back_and_what_is_strange_goes(store, shop, by_api):
    subscriptions.repair_subscriptions(tenant=store)
    first, second, *_ = shop.subscriptions
    del shop.subscriptions[first]
    shop.subscriptions[second]["uri"] = "https://old.example/webhook"

    assert subscriptions.repair_subscriptions(tenant=store) == Repair(2, 1)
    assert {held["uri"] for held in shop.subscriptions.values()} == {subscriptions.address()}


def test_declared_subscriptions_are_left_to_shopify(store, shop):
    assert subscriptions.repair_subscriptions(tenant=store) == Repair(0, 0)
    assert not shop.subscriptions


def test_all_of_them_can_be_removed(store, shop, by_api):
    subscriptions.repair_subscriptions(tenant=store)

    assert subscriptions.remove_subscriptions(tenant=store) == len(subscriptions.topics())
    assert not shop.subscriptions


def test_the_app_file_says_what_this_install_needs(settings):
    out = StringIO()
    call_command("shopify_app_config", stdout=out)
    told = tomllib.loads(out.getvalue())

    topics, compliance = told["webhooks"]["subscriptions"]
    assert told["webhooks"]["api_version"] == API_VERSION
    assert set(topics["topics"]) | set(compliance["compliance_topics"]) >= HANDLERS.keys()
    assert told["auth"]["redirect_urls"] == [f"{settings.PUBLIC_URL}/shopify/callback"]
