"""The commands that work at a sync: they say what they wait for, and they end."""

import io
import time

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from tenants.models import Tenant
from tenants.shopify import http
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from xeno.management import following


@pytest.fixture(autouse=True)
def no_rests(monkeypatch):
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.0)


def run(store, name="sync_store", *options):
    out = io.StringIO()
    try:
        call_command(name, store.shop_domain, *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_a_sync_shows_what_it_waits_for_and_what_it_brought(store, shop):
    said, refused = run(store)

    assert refused == ""
    assert "Products: Shopify is preparing it." in said
    assert f"Customers: {len(shop.objects['customers'])} of" in said
    assert f"{len(shop.objects['orders'])} orders" in said.splitlines()[-1]
    assert Customer.objects.count() == len(shop.objects["customers"])


@pytest.mark.parametrize("name", ["sync_store", "verify_store"])
def test_a_shopify_that_cannot_be_reached_is_not_waited_for_for_ever(
    store, settings, name, monkeypatch
):
    monkeypatch.setattr(http, "RETRIES", 0)
    settings.SHOPIFY_FAKE_URL = "http://127.0.0.1:1"
    began = time.monotonic()

    said, refused = run(store, name, "--patience=0.2")

    assert said.count("cannot be reached now") == 1
    assert refused.startswith("xeno-demo.myshopify.com: Shopify cannot be reached now.")
    assert "the workers go on" in refused
    assert time.monotonic() - began < 10
    sync = Sync.objects.get()
    assert (sync.state, sync.trouble) == ("running", "shopify_unreachable")


def test_a_trouble_that_passes_ends_no_command_and_leaves_no_word(store, shop, monkeypatch):
    monkeypatch.setattr(http, "RETRIES", 0)
    http.client.cache_clear()
    monkeypatch.setattr(running, "TROUBLE_SECONDS", 0.1)
    shop.faults.broken = 2

    said, refused = run(store)

    assert refused == ""
    assert "cannot be reached now" in said
    assert Sync.objects.get().trouble == ""


def test_a_store_whose_token_is_dead_is_told_what_to_do(store):
    Tenant.objects.filter(pk=store.pk).update(access_token="old")

    _, refused = run(store)

    assert "no longer accepts this store's token. Connect the store again." in refused


def test_a_sync_that_is_under_way_is_gone_on_with(store):
    begun = running.start_sync(tenant=store)
    running.advance(tenant=store, seconds=0)

    run(store)

    assert list(Sync.objects.values_list("pk", "state")) == [(begun.pk, "done")]


def test_a_cancelled_sync_ends_the_command(store, monkeypatch):
    shown = following.Follower.show

    def cancel(follower, sync, stack):
        shown(follower, sync, stack)
        running.cancel_sync(tenant=store)

    monkeypatch.setattr(following.Follower, "show", cancel)

    assert run(store)[1] == "xeno-demo.myshopify.com: the sync was cancelled."


def test_only_a_running_sync_can_be_cancelled(store):
    assert "No sync" in run(store, "sync_store", "--cancel")[1]

    running.start_sync(tenant=store)
    assert "cancelled; what it brought stays" in run(store, "sync_store", "--cancel")[0]
