"""Redis killed, emptied, evicting, read-only: webhooks are taken in, and applied later."""

import json
import time

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from kombu import Connection
from kombu.pools import producers

from tenants.models import Tenant
from tests.faults.brokers import Broker
from tests.faults.inboxes import inside, pending, put, states
from tests.faults.posting import post_all, signed
from tests.faults.processes import Database, get, wait_until, web
from tests.faults.workers import Worker, wait_for_start, worker
from webhooks import nudge
from webhooks.actions import replay_deliveries
from webhooks.tests.shopify import order
from xeno.celery import app
from xeno.checks import check_queue
from xeno.health import find_state

MEGABYTE = 1024 * 1024


def wait_until_drained(database: Database) -> None:
    wait_until(lambda: not pending(database), seconds=60, what="an empty inbox")


def orders(count: int, *, first: int) -> list[dict]:
    return [order(number) for number in range(first, first + count)]


def lives(started: Worker) -> bool:
    return started.popen.poll() is None and not started.said("Unrecoverable")


def test_f011_f013_f017_redis_loses_everything_and_every_row_is_applied(
    database: Database, broker: Broker, tmp_path
):
    with worker(database, broker, tmp_path, FAULT_PAUSE=0.3) as started:
        wait_for_start(started)

        put(database, orders(5, first=1), prefix="killed")
        wait_until(lambda: started.runs(), what="a task that is running when Redis dies")
        broker.kill()
        broker.start()
        wait_until_drained(database)

        put(database, orders(5, first=6), prefix="flushed")
        broker.client.flushall()
        wait_until_drained(database)

        broker.refuse_writes()
        put(database, orders(5, first=11), prefix="refused")
        time.sleep(0.7)  # more than a sweep: it is tried and refused
        kept = pending(database)
        broker.refuse_writes(False)
        wait_until_drained(database)

        assert kept == 5
        assert lives(started)
    assert states(database) == {"applied": 15}


@pytest.mark.slow
def test_f011_f013_redis_is_killed_and_flushed_again_and_again_under_load(
    database: Database, broker: Broker, tmp_path
):
    with worker(database, broker, tmp_path, children=2, FAULT_PAUSE=0.05) as started:
        wait_for_start(started)
        for turn in range(10):
            put(database, orders(600, first=600 * turn + 1), prefix=f"t{turn}-")
            time.sleep(0.6)
            if turn % 2:
                broker.client.flushall()
            else:
                broker.kill()
                broker.start()
        wait_until_drained(database)

        assert lives(started)
    assert states(database) == {"applied": 6000}
    assert database.ask("SELECT count(*) FROM orders_order") == 6000


def test_f012_webhooks_are_taken_in_fast_while_redis_is_down(database: Database, broker: Broker):
    broker.kill()
    posts = [signed(json.dumps(order(n)).encode(), f"w{n}") for n in range(1, 201)]

    with web(database, REDIS_URL=broker.url) as address:
        answered = post_all(address, posts)

    assert set(answered.statuses) == {200}
    assert answered.p99 < 1
    assert pending(database) == 200


@pytest.mark.slow
def test_f012_a_minute_without_redis_costs_no_webhook_and_is_made_up_for(
    database: Database, broker: Broker, tmp_path, record_property
):
    posts = [signed(json.dumps(order(n)).encode(), f"w{n}") for n in range(1, 3001)]

    with (
        worker(database, broker, tmp_path) as started,
        web(database, REDIS_URL=broker.url) as address,
    ):
        wait_for_start(started)
        broker.kill()
        began = time.monotonic()
        answered = post_all(address, posts, pause=0.075)
        time.sleep(max(0, 60 - (time.monotonic() - began)))
        backlog = pending(database)
        broker.start()
        back = time.monotonic()
        wait_until_drained(database)
        made_up = time.monotonic() - back

    record_property("p99 in ms, Redis down", round(answered.p99 * 1000))
    record_property("backlog and seconds to apply it", (backlog, round(made_up, 1)))
    assert set(answered.statuses) == {200}
    assert answered.p99 < 1
    assert states(database) == {"applied": 3000}


@pytest.fixture
def asked_redis(broker: Broker, settings) -> Broker:
    """This process asks the test's own Redis."""
    default = {**settings.CACHES["default"], "LOCATION": broker.url}
    settings.CACHES = {"default": default}
    return broker


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_f014_a_redis_that_evicts_is_refused(db, asked_redis: Broker, settings, policy, capsys):
    settings.PRODUCTION = True
    well = (find_state()["queue"], queue_errors())

    asked_redis.client.config_set("maxmemory", 2 * MEGABYTE)
    asked_redis.client.config_set("maxmemory-policy", policy)

    assert well == (True, [])
    assert find_state()["queue"] is False
    assert queue_errors() == ["xeno.E007"]
    with pytest.raises(CommandError):
        call_command("doctor")
    assert f"{policy}: queued work is thrown away" in capsys.readouterr().out


def queue_errors() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [error.id for error in found if error.id == "xeno.E007"]


def test_f014_a_redis_that_is_away_or_tells_nothing_is_not_said_to_evict(
    asked_redis: Broker, settings
):
    settings.PRODUCTION = True
    asked_redis.client.execute_command("ACL", "SETUSER", "default", "-info")
    silent = check_queue(None, databases=["default"])
    asked_redis.kill()

    assert silent == []
    assert check_queue(None, databases=["default"]) == []


@pytest.mark.slow
def test_f014_what_redis_threw_away_is_found_by_the_sweep(
    database: Database, broker: Broker, tmp_path
):
    broker.client.config_set("maxmemory", 2 * MEGABYTE)
    broker.client.config_set("maxmemory-policy", "allkeys-lru")
    with worker(database, broker, tmp_path) as started:
        wait_for_start(started)
        put(database, orders(300, first=1))
        for number in range(400):  # other keys push the queue's out
            broker.client.set(f"filler:{number}", b"x" * 20_000)
        wait_until_drained(database)

    assert broker.client.info("stats")["evicted_keys"] > 0
    assert states(database) == {"applied": 300}


def test_f017_a_refused_wake_up_is_no_error_of_who_sends_it(
    database: Database, broker: Broker, monkeypatch
):
    put(database, orders(3, first=1))
    database.ask("UPDATE webhooks_delivery SET state = 'parked'")
    there = producers[Connection(broker.url.replace("unix://", "redis+socket://"))]
    monkeypatch.setattr(app.amqp, "_producer_pool", there)
    broker.refuse_writes()

    with inside(database):
        tenant = Tenant.objects.get(pk=database.tenant_id)
        put_back = replay_deliveries(tenant=tenant)

    assert (put_back, pending(database)) == (3, 3)
    assert nudge.send({database.tenant_id}) is False
    broker.refuse_writes(False)
    assert nudge.send({database.tenant_id}) is True


@pytest.mark.slow
def test_f017_webhooks_are_taken_in_while_redis_refuses_writes(
    database: Database, broker: Broker, tmp_path
):
    posts = [signed(json.dumps(order(n)).encode(), f"w{n}") for n in range(1, 501)]
    broker.refuse_writes()

    with (
        worker(database, broker, tmp_path) as started,
        web(database, REDIS_URL=broker.url) as address,
    ):
        answered = post_all(address, posts, pause=0.04)
        red = get(f"{address}/readyz")
        broker.refuse_writes(False)
        wait_until_drained(database)

        assert lives(started)
    assert (set(answered.statuses), red) == ({200}, 503)
    assert answered.p99 < 1
    assert states(database) == {"applied": 500}
