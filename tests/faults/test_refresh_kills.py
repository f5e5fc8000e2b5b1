"""A keeper of segments that is killed with -9: the members are the old ones or the new, whole."""

import os
import random
import signal
import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection

from segments import keeping, refreshing, taking_up
from tenants.models import Tenant
from tests.faults.inboxes import inside
from tests.faults.processes import Database
from tests.faults.test_migration_kills import die_at
from xeno.lib.postgres.scope import tenant_scope

QUERY = "number_of_orders >= 5"
MAKE = """
    INSERT INTO customers_customer (tenant_id, shopify_id, orders_count, total_spent,
        orders_count_source, total_spent_source, version_order_id)
    SELECT %s, n, n %% 10, 0, 'computed', 'computed', 0 FROM generate_series(1, %s) n
"""
SEGMENT = """
    WITH made AS (
        INSERT INTO segments_segment (tenant_id, name, kind, query)
        VALUES (%s, 'Regulars', 'dynamic', %s) RETURNING tenant_id, id
    )
    INSERT INTO segments_segmentstate (tenant_id, segment_id, includes, asked)
    SELECT tenant_id, id, '[]', 1 FROM made
"""
MEMBERS = "SELECT customer_id FROM segments_segmentmember WHERE valid_to IS NULL ORDER BY 1"
MATCHING = "SELECT id FROM customers_customer WHERE orders_count >= 5 ORDER BY id"
# Everybody's number changes: half of the members leave, as many join.
SHIFT = "UPDATE customers_customer SET orders_count = (orders_count + %s) %% 10"
ASK = "UPDATE segments_segmentstate SET asked = asked + 1"
EXPIRE = "UPDATE segments_membershiplease SET expires_at = now()"


def ids(database: Database, sql: str) -> list[int]:
    with psycopg.connect(database.url(database.admin)) as admin:
        return [pk for (pk,) in admin.execute(sql).fetchall()]


def keep(database: Database) -> None:
    """A keeper that lives."""
    database.ask(EXPIRE)
    with inside(database):
        keeping.keep(tenant=Tenant.objects.get(pk=database.tenant_id), seconds=120)


def keep_and_die(database: Database, prepare: Callable[[], None], seconds: float = 0) -> int:
    """A keeper in a process of its own, which ends itself or is killed; the signal."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            connection.settings_dict["NAME"] = database.name
            prepare()
            with tenant_scope(database.tenant_id):
                keeping.keep(tenant=Tenant.objects.get(pk=database.tenant_id), seconds=60)
        finally:
            os._exit(0)
    if seconds:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
    return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die_after_writing() -> None:
    """Have the process kill itself when all is written and nothing is committed."""
    healthy = refreshing.write_difference

    def call(*args: object, **kwargs: object) -> object:
        healthy(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    refreshing.write_difference = call


def die_after_commit() -> None:
    """Have the process send its commit and never hear the answer."""
    healthy, written = connection._commit, refreshing.write_difference
    done = []

    def write(*args: object, **kwargs: object) -> object:
        done.append(True)
        return written(*args, **kwargs)

    def commit() -> object:
        if done:
            connection.connection.pgconn.send_query(b"COMMIT")
            os.kill(os.getpid(), signal.SIGKILL)
        return healthy()

    refreshing.write_difference, connection._commit = write, commit


@pytest.fixture
def kept(database: Database) -> Database:
    """A store whose one segment has its members."""
    return filled(database, 500)


def filled(database: Database, customers: int) -> Database:
    database.ask(MAKE, database.tenant_id, customers)
    database.ask(SEGMENT, database.tenant_id, QUERY)
    keep(database)
    assert ids(database, MEMBERS) == ids(database, MATCHING)
    return database


HOW: dict[str, Callable[[], None]] = {
    "before": die_at(keeping, "refresh_segment", 1),
    "within": die_at(refreshing, "write_difference", 1),
    "written": die_after_writing,
}


@pytest.mark.parametrize("point", HOW)
def test_f010_a_refresh_that_is_killed_leaves_the_old_members_whole(kept: Database, point: str):
    old = ids(kept, MEMBERS)
    kept.ask(SHIFT, 3)
    kept.ask(ASK)

    ended = keep_and_die(kept, HOW[point])
    after = ids(kept, MEMBERS)
    keep(kept)

    assert ended == signal.SIGKILL
    assert after == old
    assert ids(kept, MEMBERS) == ids(kept, MATCHING) != old


def test_f010_a_refresh_that_dies_after_its_commit_was_sent_has_the_new_members(kept: Database):
    kept.ask(SHIFT, 3)
    kept.ask(ASK)

    ended = keep_and_die(kept, die_after_commit)
    keep(kept)

    assert ended == signal.SIGKILL
    assert ids(kept, MEMBERS) == ids(kept, MATCHING)


def test_f010_touched_customers_are_taken_up_by_the_next_keeper(kept: Database):
    old = ids(kept, MEMBERS)
    kept.ask(SHIFT, 3)
    kept.ask(
        "INSERT INTO segments_datachange (tenant_id, customers, kinds, removed)"
        " SELECT %s, jsonb_agg(id), '[\"totals\"]', '{}' FROM customers_customer",
        kept.tenant_id,
    )

    ended = keep_and_die(kept, die_at(taking_up, "settle", 1))
    after = ids(kept, MEMBERS)
    keep(kept)

    assert ended == signal.SIGKILL
    assert after == old
    assert ids(kept, MEMBERS) == ids(kept, MATCHING)
    assert kept.ask("SELECT count(*) FROM segments_datachange") == 0


@pytest.mark.slow
def test_f010_fifty_kills_at_any_moment_leave_whole_members(database: Database, record_property):
    # So few that every row can be changed before each kill, which falls within what a whole refresh
    # took.
    kept, chance = filled(database, 40_000), random.Random(10)
    landed, took = 0, 1.0
    while landed < 50:
        old = ids(kept, MEMBERS)
        kept.ask(SHIFT, 3)
        kept.ask(ASK)
        kept.ask(EXPIRE)
        new = ids(kept, MATCHING)
        landed += (
            keep_and_die(kept, lambda: None, seconds=chance.uniform(0, took)) == signal.SIGKILL
        )
        assert ids(kept, MEMBERS) in (old, new)
        began = time.monotonic()
        keep(kept)
        took = time.monotonic() - began
        assert ids(kept, MEMBERS) == new
    record_property("kills landed", landed)
