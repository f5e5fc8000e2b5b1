"""Row 25: behind pgbouncer in transaction mode nothing of one client is seen by another."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.faults.inboxes import add_store, put
from tests.faults.own_engine import OwnEngine, lent_to
from tests.faults.pooler import PROGRAM, log_of, pooler, through
from tests.faults.processes import ROOT, Database
from tests.faults.serving import NUMBERS, ask, bearer_of, post_order, serve
from tests.faults.test_database_pressure import apply, in_threads
from webhooks.tests.shopify import customer, order

pytestmark = pytest.mark.skipif(not PROGRAM, reason="pgbouncer is not installed (apt: pgbouncer)")

CANARIES = ("ana-canary", "cy-canary")
LEFTOVERS = """
    SELECT coalesce(current_setting('xeno.tenant_id', true), ''),
        (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
        (SELECT count(*) FROM customers_customer), (SELECT count(*) FROM pg_listening_channels())
"""


@pytest.fixture
def pooled(engine: OwnEngine, own_database: Database) -> Iterator[Database]:
    """The database behind pgbouncer, which has two connections for everybody."""
    with pooler(engine) as port:
        yield through(own_database, port)


def fill(database: Database) -> list[int]:
    """Two stores with ten customers each, who carry their store's canary."""
    stores = [database.tenant_id, add_store(database, "cy.myshopify.com")]
    for store, canary in zip(stores, CANARIES, strict=True):
        people = [customer(n, first_name=canary) for n in range(1, 11)]
        put(database, [order(n, customer=one) for n, one in enumerate(people, 1)],
            prefix=canary, tenant_id=store)  # fmt: skip
    return stores


def test_f025_appliers_and_pages_of_two_stores_share_two_connections(
    engine: OwnEngine, own_database: Database, pooled: Database, record_property, log
):
    stores = fill(own_database)
    with lent_to(pooled):
        in_threads([lambda s=s: apply(s) for s in stores * 2])
    bearers = [
        bearer_of(Database(own_database.name, own_database.app, own_database.admin, store), email)
        for store, email in zip(stores, ("ana@example.com", "cy@example.com"), strict=True)
    ]
    # More of the pool's connections than pgbouncer has: each transaction may get another one.
    env = pooled.environment() | {"DATABASE_ADMIN_URL": own_database.url(own_database.admin)}
    seen: list[tuple[str, Any]] = []
    leftovers: list[tuple[Any, ...]] = []
    over = threading.Event()

    with serve(env, log=log) as server:

        def read(bearer: dict[str, str], canary: str) -> None:
            for _ in range(15):
                seen.append((canary, ask(server.address, "GET", "/customers", headers=bearer)))
                seen.append((canary, post_order(server.address, next(NUMBERS))))

        def look() -> None:
            """Somebody else who gets the same connections between the others' transactions."""
            url = pooled.url(pooled.app)
            with psycopg.connect(url, autocommit=True, prepare_threshold=None) as client:
                while not over.is_set():
                    leftovers.append(client.execute(LEFTOVERS).fetchone())

        looking = threading.Thread(target=look)
        looking.start()
        in_threads([lambda b=b, c=c: read(b, c) for b, c in zip(bearers, CANARIES, strict=True)])
        over.set()
        looking.join()

    assert {answer.status for _, answer in seen} == {200}
    pages = [(mine, answer.body.decode()) for mine, answer in seen if answer.body]
    assert len(pages) == 30
    for mine, page in pages:
        assert len(json.loads(page)["results"]) == 10
        assert [canary for canary in CANARIES if canary in page] == [mine]
    assert len(leftovers) > 20
    assert set(leftovers) == {("", 0, 0, 0, 0, 0)}
    record_property("looks between the others' transactions", len(leftovers))
    assert "prepared statement" not in log_of(engine).read_text() + log.read_text()


def test_f025_a_setting_of_a_session_would_leak(pooled: Database):
    """What the design forbids, to show that this set-up would see it."""
    url = pooled.url(pooled.app)
    with (
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as one,
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as other,
    ):
        one.execute("SET xeno.tenant_id = '42'")

        assert other.execute(LEFTOVERS).fetchone()[0] == "42"


@pytest.mark.slow
def test_f025_the_suite_passes_behind_it(engine: OwnEngine, record_property):
    """The applications' own tests and the walls', every statement by way of the pooler."""
    with pooler(engine, connections=10) as port:
        pooled = through(engine.template, port)
        env = pooled.environment() | {"DATABASE_TEST_NAME": f"test_pooled_{os.getpid()}"}
        env["XENO_TEST_HOME"] = ""  # another server than the suite's
        words = ["-p", "no:cacheprovider", "-q", "-m", "not slow", "--ignore=tests/faults"]
        words += ["tenants", "customers", "orders", "webhooks", "tests"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words], cwd=ROOT, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1200,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout[-3000:]
    record_property("the suite behind it", done.stdout.splitlines()[-1])
