"""One store's flood and another's few: a burst is taken in whole, the quiet store is not kept."""

import functools
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from uuid import uuid4

import pytest
from django.conf import settings

from bench.deliveries import Delivery, deliveries
from bench.events import whole_story
from bench.online_retail import read_invoices
from bench.tests.shop import FIXTURE, FULL_FILE
from tenants.models import Tenant
from tests import oracle, stored
from tests.faults.brokers import Broker
from tests.faults.dying_appliers import forked
from tests.faults.inboxes import add_store, inside, pending, put, states
from tests.faults.posting import post_all
from tests.faults.processes import SHOP, Database, wait_until, web
from tests.faults.test_redelivery import tell
from tests.faults.workers import wait_for_start, worker
from webhooks import processing, tasks
from webhooks.tests.shopify import order
from xeno.management.diagnosis.inboxes import look_at_store

FLOOD = 40_000  # many times what is applied while twenty others are
QUIET = "quiet.myshopify.com"


def told(path: os.PathLike[str]) -> list[Delivery]:
    events = whole_story(read_invoices(path)).events
    return deliveries(events, shop=SHOP, secret=settings.SHOPIFY_API_SECRET)


def said_of_store(database: Database) -> str:
    """What `doctor` says of the store's inbox."""
    with inside(database):
        tenant = Tenant.objects.get(pk=database.tenant_id)
        return " ".join(finding.said for finding in look_at_store(tenant))


@pytest.fixture
def address(database: Database, broker: Broker) -> Iterator[str]:
    """A web server that runs."""
    with web(database, REDIS_URL=broker.url) as found:
        yield found


def test_f052_a_burst_is_taken_in_whole_and_its_backlog_is_shown(
    database: Database, address: str, record_property
):
    posts = told(FIXTURE)[:300]

    answered = post_all(address, posts, connections=8)

    record_property("p99 in ms", round(answered.p99 * 1000))
    assert set(answered.statuses) == {200}
    assert max(answered.seconds) < 5
    assert f"{len(posts)} pending" in said_of_store(database)


@dataclass
class Watch:
    """How long the queue and its oldest row became, looked at twice a second."""

    database: Database
    longest: int = 0
    oldest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        age = (
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)"
            " FROM webhooks_delivery WHERE state = 'pending'"
        )
        while not self.over.wait(0.5):
            self.longest = max(self.longest, pending(self.database))
            self.oldest = max(self.oldest, float(self.database.ask(age)))


@pytest.mark.slow
def test_f052_the_whole_replay_flat_out_is_taken_in_and_worked_off(
    database: Database, broker: Broker, tmp_path, record_property
):
    if not FULL_FILE.exists():
        pytest.skip("needs ../shared/data/online_retail.csv.gz")
    posts, watch = told(FULL_FILE), Watch(database)
    watcher = threading.Thread(target=watch.run)

    with (
        worker(database, broker, tmp_path, children=1, FAULT_SWEEP=10, FAULT_LEASE=60) as started,
        web(database, REDIS_URL=broker.url) as address,
    ):
        wait_for_start(started)
        watcher.start()
        began = time.monotonic()
        answered = post_all(address, posts, connections=16)
        sent = time.monotonic() - began
        wait_until(lambda: not pending(database), seconds=1200, what="an empty inbox")
        applied = time.monotonic() - began
        watch.over.set()
        watcher.join()

    record_property("webhooks", len(posts))
    record_property("taken in a second", round(len(posts) / sent))
    record_property("p99 in ms", round(answered.p99 * 1000))
    record_property("longest queue", watch.longest)
    record_property("oldest row in s", round(watch.oldest, 1))
    record_property("applied after the last was sent, s", round(applied - sent, 1))
    assert set(answered.statuses) == {200}
    assert max(answered.seconds) < 5
    assert states(database) == {"applied": len(posts)}
    with inside(database):
        found = stored.digest(stored.tables())
    assert found == stored.digest(stored.expected_tables(oracle.expected(posts)))


def flood(database: Database, count: int) -> None:
    """So many orders of the noisy store, each its own, written by the database itself."""
    put(database, [order(1)], prefix="pattern")
    database.ask(
        "INSERT INTO webhooks_delivery (tenant_id, webhook_id, topic, triggered_at, body,"
        " body_hash) SELECT tenant_id, 'f' || n, topic, triggered_at, convert_to(replace("
        " convert_from(body, 'UTF8'), '\"id\": 1,', '\"id\": ' || n || ','), 'UTF8'), body_hash"
        " FROM webhooks_delivery, generate_series(2, %s) n WHERE webhook_id = 'pattern0'",
        count,
    )


def test_f053_a_flood_has_one_turn_in_the_queue_however_often_it_is_nudged(
    database: Database, monkeypatch
):
    queued = list[tuple[int, str]]()
    monkeypatch.setattr(tasks.apply_inbox, "delay", lambda *args: queued.append(args))
    one_batch = functools.partial(processing.apply_inbox, seconds=0.0)
    monkeypatch.setattr(processing, "apply_inbox", one_batch)
    batch, store = processing.BATCH_SIZES[0], database.tenant_id
    flood(database, 4 * batch)

    with inside(database):
        tasks.apply_inbox(store)
        for _ in range(5):
            tasks.apply_inbox(store)  # nudges of webhooks that came meanwhile
        nudged = states(database)["pending"]
        again = queued.pop()
        tasks.apply_inbox(*again)
        tasks.apply_inbox(*again)  # the same message, delivered twice

    assert nudged == 3 * batch
    assert again[0] == store
    assert states(database)["pending"] == 2 * batch
    assert len(queued) == 1


def test_f053_a_next_turn_whose_message_was_lost_is_anybodys(database: Database, monkeypatch):
    flood(database, 2 * processing.BATCH_SIZES[0])
    lost, lease = uuid4(), "UPDATE webhooks_applierlease SET expires_at = now() WHERE holder = %s"

    with inside(database):
        tenant = Tenant.objects.get(pk=database.tenant_id)
        more = processing.apply_inbox(tenant=tenant, seconds=0.0, next_ticket=lost)
        kept = processing.apply_inbox(tenant=tenant), pending(database)
        database.ask(lease, lost)
        processing.apply_inbox(tenant=tenant)

    assert (more, kept) == (True, (False, processing.BATCH_SIZES[0]))
    assert pending(database) == 0


def test_f053_a_quiet_store_is_served_while_another_floods(database: Database, record_property):
    quiet = add_store(database, QUIET)
    idle = [serve_quiet(database, quiet, number) for number in range(10)]
    flood(database, FLOOD)

    with forked(database) as (noisy, _):
        wait_until(lambda: states(database)["applied"], what="the noisy store's first batch")
        busy = [serve_quiet(database, quiet, number) for number in range(10, 20)]
        left = states(database)["pending"]
        os.kill(noisy, signal.SIGKILL)  # it has shown what it is here for
        os.waitpid(noisy, 0)

    record_property("idle and busy median ms", (median(idle), median(busy)))
    assert left > 0, "the noisy store was done too soon to prove anything"
    assert median(busy) < 2 * median(idle) + 100
    assert states(database, quiet) == {"applied": 20}


def serve_quiet(database: Database, tenant_id: int, number: int) -> float:
    """The milliseconds from the quiet store's webhook until it is applied by this process."""
    put(database, [order(number + 1)], prefix=f"q{number}-", tenant_id=tenant_id)
    began = time.monotonic()
    with inside(database, tenant_id):
        processing.apply_inbox(tenant=Tenant.objects.get(pk=tenant_id))
    return round((time.monotonic() - began) * 1000)


@pytest.mark.slow
@pytest.mark.parametrize("children", [1, 2])
def test_f053_ten_webhooks_beside_a_hundred_thousand(
    database: Database, broker: Broker, tmp_path, record_property, children
):
    quiet = add_store(database, QUIET)
    with worker(
        database, broker, tmp_path, children=children, FAULT_SWEEP=10, FAULT_LEASE=60
    ) as started:
        wait_for_start(started)
        idle = [deliver(database, broker, quiet, number) for number in range(10)]
        flood(database, 100_000)
        tell(broker, database.tenant_id)
        wait_until(lambda: states(database)["applied"], what="the noisy store's first batch")
        busy = []
        for number in range(10, 20):
            tell(broker, database.tenant_id)  # its own webhooks go on nudging
            busy.append(deliver(database, broker, quiet, number))
        left = states(database)["pending"]

    record_property(f"idle, ms, {children} children", idle)
    record_property(f"busy, ms, {children} children", busy)
    assert left > 0
    # One child alone is busy until the flood's turn and its last batch are over.
    turn = (processing.TURN_SECONDS + 1) * 1000 if children == 1 else 0
    assert median(busy) < 2 * median(idle) + turn + 50


def deliver(database: Database, broker: Broker, tenant_id: int, number: int) -> float:
    """The milliseconds from commit to applied of one webhook whose store the worker is told of."""
    put(database, [order(number + 1)], prefix=f"q{number}-", tenant_id=tenant_id)
    tell(broker, tenant_id)
    took = (
        "SELECT extract(epoch FROM done_at - received_at) * 1000 FROM webhooks_delivery"
        " WHERE tenant_id = %s AND webhook_id = %s AND state = 'applied'"
    )
    found = wait_until(
        lambda: database.ask(took, tenant_id, f"q{number}-0"), seconds=60, what="the quiet store"
    )
    return round(float(found))
