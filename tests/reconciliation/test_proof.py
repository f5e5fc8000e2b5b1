"""Sync with proof: whatever became of the webhooks, one reconciliation ends at Shopify's state."""

from datetime import date

import pytest
from django.db.models import Sum

from customers.models import Customer
from tests import stored
from tests.reconciliation.conftest import CLEAN, connect
from tests.reconciliation.stream import empty_inbox, live_through, put_in_inbox, run_out
from tests.sync.test_same_tables import differing, everything
from webhooks.backfill import running
from webhooks.reconciliation import ledger
from webhooks.reconciliation.models import Finding, LedgerLine
from webhooks.reconciliation.starting import start_reconciliation
from xeno.demo.story import tell_story
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture(scope="session")
def story():
    """A longer one: a few hundred customers."""
    return list(tell_story(opening=date(2025, 3, 1), until=date(2026, 6, 15)))


def clean_run(standin, shop):
    """The tables of another store that fetched the same shop, with nothing in the way."""
    twin = standin.shop(CLEAN)
    twin.objects, twin.clock = shop.objects, shop.clock
    other = connect(twin)
    with tenant_scope(other.pk):
        running.start_sync(tenant=other)
        assert run_out(other).state == "done"
        return stored.tables(), everything()


def differences(ours, clean):
    """The rows in one and not in the other: the first few, for a page that can be read."""
    return [(name, row) for name in clean for row in sorted(set(ours[name]) ^ set(clean[name]))[:4]]


def test_a_troubled_backfill_and_one_reconciliation_equal_a_clean_run(
    store, shop, standin, live, later
):
    assert live_through(store, shop, live, pieces=40).state == "done"
    later()

    start_reconciliation(tenant=store)
    sync = run_out(store)
    clean, whole = clean_run(standin, shop)
    assert sync.state == "done"
    assert Customer.objects.count() > 200
    assert differences(stored.tables(), clean) == []
    ours = everything()
    assert {name: differing(ours[name], whole[name]) for name in whole} == {
        name: {} for name in whole
    }
    found = LedgerLine.objects.filter(sync=sync).aggregate(
        lost=Sum("missing") + Sum("late") + Sum("different")
    )
    assert found["lost"] > 10
    assert Finding.objects.filter(sync=sync).count() == found["lost"]
    assert ledger.is_settled(sync)


def test_where_nothing_was_lost_a_reconciliation_finds_nothing(store, shop, live, later):
    running.start_sync(tenant=store)
    run_out(store)
    for event in live:
        shop.hear(event.topic, event.body)
    put_in_inbox(live)
    empty_inbox(store)
    later()

    start_reconciliation(tenant=store)
    sync = run_out(store)
    assert list(Finding.objects.values_list("kind", "trouble", "fields")) == []
    assert ledger.is_settled(sync)
