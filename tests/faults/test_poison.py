"""Deliveries that raise, end their worker or eat its memory: they alone are set aside."""

import random
import resource
import signal
from pathlib import Path
from statistics import median

import pytest
from django.core.management import call_command

from tests import stored
from tests.faults.brokers import Broker
from tests.faults.dying_appliers import run_to_end
from tests.faults.inboxes import add_store, inside, pending, put, states
from tests.faults.processes import SHOP, Database, wait_until
from tests.faults.workers import wait_for_start, worker
from webhooks import processing
from webhooks.tests.shopify import customer, order

MEGABYTE = 1024 * 1024
TOO_MANY = "parked too_many_attempts"


def orders(count: int, *, first: int = 1, note: str | None = None) -> list[dict]:
    return [order(number, note=note) for number in range(first, first + count)]


def longest(count: int) -> dict:
    """A text that no index entry can hold, however well it is packed."""
    text = random.Random(49).randbytes(count).hex()
    address = {"city": "x", "province_code": "x", "country_code": text}
    return order(9, customer=customer(9, default_address=address, email=f"{text}@example.com"))


BUG = "RuntimeError while it was applied. Replay it after a fix."
LONG = "ProgramLimitExceeded while it was applied."


@pytest.mark.parametrize(
    ("poison", "reason"),
    [(order(9, note="raise"), BUG), (longest(20_000), LONG)],
    ids=["bug", "text"],
)
def test_f049_what_always_raises_is_parked_alone_with_its_reason(
    database: Database, poison, reason
):
    put(database, [*orders(8), poison, *orders(20, first=20)])

    assert run_to_end(database)[0] == 0
    assert states(database) == {"applied": 28, "parked failed": 1}
    said = "SELECT reason FROM webhooks_delivery WHERE state = 'parked'"
    assert database.ask(said).startswith(reason)


def test_f050_what_ends_its_worker_is_counted_before_it_runs_and_parked(database: Database):
    put(database, [*orders(3), order(9, note="abort"), *orders(20, first=20)])

    deaths = 0
    while (ended := run_to_end(database)[0]) == signal.SIGABRT:
        deaths += 1

    assert ended == 0
    assert deaths == processing.MOST_ATTEMPTS
    assert states(database) == {"applied": 23, TOO_MANY: 1}


def test_f051_what_was_parked_is_applied_once_after_the_fix(database: Database):
    told = [*orders(3), order(9, note="raise"), order(2, note="raise", total="7.00", minutes=1)]
    clean = add_store(database, "clean.myshopify.com")
    put(database, told)
    put(database, told, tenant_id=clean)
    run_to_end(database)
    before = states(database)

    with inside(database):
        call_command("replay_deliveries", SHOP)
    run_to_end(database, fixed=True)
    run_to_end(database, fixed=True, tenant_id=clean)

    assert before == {"applied": 3, "parked failed": 2}
    assert states(database) == {"applied": 5}
    assert digest(database, database.tenant_id) == digest(database, clean)


def digest(database: Database, tenant_id: int) -> str:
    """Of what is stored of a store, however it came there."""
    with inside(database, tenant_id):
        return stored.digest(stored.tables())


def eat(megabytes: int) -> None:
    """This process may take so much memory beyond what it has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


# Less than the body, and as much as it but not its text as well.
@pytest.mark.parametrize("allowed", [40, 60])
def test_f008_a_payload_beyond_the_workers_memory_is_parked_alone(database: Database, allowed):
    large = order(9, note="x" * 50 * MEGABYTE)
    put(database, [*orders(3), large, *orders(3, first=20)])

    ended = run_to_end(database, lambda: eat(allowed), seconds=20)

    assert ended[0] == 0
    assert states(database) == {"applied": 6, "parked failed": 1}


@pytest.mark.slow
def test_f008_f049_f050_a_real_worker_sets_poison_aside_and_serves_others_meanwhile(
    database: Database, broker: Broker, tmp_path, record_property
):
    other = add_store(database, "other.myshopify.com")
    poison = [order(101, note="abort"), order(102, note="raise"), longest(20_000)]
    large = order(103, note="x" * 50 * MEGABYTE)

    with worker(
        database, broker, tmp_path, children=2, FAULT_LEASE=0.3, FAULT_MEMORY=90
    ) as started:
        wait_for_start(started)
        idle = [time_one(database, other, n) for n in range(1, 11)]
        put(database, [*orders(40), *poison, large, *orders(40, first=50)])
        meanwhile = [time_one(database, other, n) for n in range(11, 41)]
        wait_until(lambda: not pending(database), seconds=120, what="an empty inbox")

        assert started.popen.poll() is None
    record_property(
        "other store's seconds, idle and beside poison", (median(idle), median(meanwhile))
    )
    assert states(database) == {"applied": 80, "parked failed": 3, TOO_MANY: 1}
    assert states(database, other) == {"applied": 40}
    assert median(meanwhile) < 2 * median(idle) + 0.5  # the sweep's own half second


def time_one(database: Database, tenant_id: int, number: int) -> float:
    """The seconds from a webhook's commit until it is applied, found by the sweep."""
    put(database, orders(1, first=number), prefix=f"n{number}-", tenant_id=tenant_id)
    took = (
        "SELECT extract(epoch FROM done_at - received_at) FROM webhooks_delivery"
        " WHERE tenant_id = %s AND webhook_id = %s AND state = 'applied'"
    )
    found = wait_until(
        lambda: database.ask(took, tenant_id, f"n{number}-0"), seconds=60, what="the other store"
    )
    return float(found)
