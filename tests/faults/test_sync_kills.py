"""Workers killed with -9 while they fetch, claim and apply a store's history: the tables do not
show it after one reconciliation."""

import random
from collections.abc import Iterator
from itertools import cycle, islice

import pytest
from django.db import connection

from tenants.models import Tenant
from tenants.shopify import http
from tests.faults.dying_syncers import POINTS, landed, run_worker
from tests.faults.inboxes import add_store, inside
from tests.faults.processes import SHOP, Database
from tests.reconciliation.conftest import ALL, CLEAN
from tests.reconciliation.large_shop import SPLIT, LargeShop
from tests.reconciliation.stream import put_in_inbox, run_out, troubled
from tests.reconciliation.test_proof_large import digests
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.reconciliation import ledger
from webhooks.reconciliation.starting import start_reconciliation
from xeno.demo.shopify.server import Standin
from xeno.demo.shopify.server import running as answering
from xeno.demo.story import Event

SIZES = [
    pytest.param(40, 8, id="small"),
    pytest.param(3_000, 20, id="large", marks=pytest.mark.slow),
]
LIVE_SHARE = 0.2


@pytest.fixture
def standin(settings, tmp_path) -> Iterator[Standin]:
    settings.XENO_HOME = tmp_path
    with answering(secret=settings.SHOPIFY_API_SECRET) as server:
        settings.SHOPIFY_FAKE_URL = server.url
        yield server
    http.client.cache_clear()


def open_shop(standin: Standin, domain: str, size: int) -> LargeShop:
    shop = LargeShop(domain, size=size)
    shop.clock = lambda: SPLIT
    standin.shops[domain] = shop
    return shop


def connect(tenant_id: int, shop: LargeShop) -> Tenant:
    """The store gets the shop's token."""
    tenant = Tenant.objects.get(pk=tenant_id)
    tenant.access_token, tenant.scopes = shop.grant(ALL).access, ALL
    tenant.save()
    return tenant


def kill_often(
    database: Database, events: Iterator[Event], kills: int, chance: random.Random
) -> list[tuple[int, str]]:
    """Kill one worker after the other; between two deaths things change in the shop."""
    endings: list[tuple[int, str]] = []
    for point in cycle(POINTS):
        with inside(database):
            put_in_inbox(troubled(list(islice(events, 10)), chance))
            busy = running.find_running() is not None
        if not busy or sum(landed(endings).values()) == kills:
            break
        passes = chance.randint(0, 30) if point == "a line fetched" else 0
        endings.append(run_worker(database, turns=8, die_at=point, passes=passes))
    return endings


@pytest.mark.parametrize(("size", "kills"), SIZES)
def test_killed_workers_and_one_reconciliation_equal_a_clean_run(
    database: Database, standin, size, kills, record_property
):
    shop, chance = open_shop(standin, SHOP, size), random.Random(7)
    events = shop.live(LIVE_SHARE, chance)
    with inside(database):
        running.start_sync(tenant=connect(database.tenant_id, shop))
    endings = kill_often(database, events, kills // 2, chance)
    assert run_worker(database) == (0, "idle")
    with inside(database):
        put_in_inbox(troubled(list(events), chance))
        Sync.objects.update(started_at=SPLIT)
        shop.clock = lambda: SPLIT.replace(month=9)
        start_reconciliation(tenant=Tenant.objects.get(pk=database.tenant_id))
    endings += kill_often(database, events, kills - kills // 2, chance)
    assert run_worker(database) == (0, "idle")

    other = add_store(database, CLEAN)
    twin = open_shop(standin, CLEAN, size)
    twin.changed = shop.changed
    with inside(database, other):
        running.start_sync(tenant=connect(other, twin))
        assert run_out(Tenant.objects.get(pk=other)).state == "done"
        clean = digests()
    with inside(database):
        sync = Sync.objects.latest("pk")
        assert (sync.kind, sync.state) == ("reconciliation", "done")
        assert digests() == clean
        assert ledger.is_settled(sync)
    where = landed(endings)
    record_property("kills landed", dict(where))
    assert sum(where.values()) == kills
    assert all(where[part] >= kills // 7 for part in ("fetch", "claim", "apply")), where
    connection.close()
