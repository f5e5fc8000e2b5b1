"""After a test that commits: the rows that it left go, and nothing else is done.

Django's flush truncates every table, however few of them hold anything, and then makes all content
types and permissions again, which takes longer than most of these tests. Only on the suite's own
engine, whose superuser may delete rows in any order and without triggers; elsewhere, and after a
test that changed what the migrations wrote, it is Django's flush.
"""

import os
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from xeno.embedded.home import BOOTSTRAP, open_home

# What the migrations wrote and no store owns.
LASTING = ("django_migrations", "django_content_type", "auth_permission")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
FILLED = "SELECT {name} WHERE EXISTS (SELECT FROM {table})"
TOLD = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t"

flush = TransactionTestCase._fixture_teardown
migrated: list[tuple[str, ...]] = []


def superuser() -> psycopg.Connection[Any]:
    """A login to the test's database for whom no trigger fires and no key is checked."""
    home = open_home(Path(os.environ["XENO_TEST_HOME"]))
    return psycopg.connect(
        host=str(home.sockets), user=BOOTSTRAP, password=home.passwords[BOOTSTRAP],
        dbname=connection.settings_dict["NAME"], autocommit=True, prepare_threshold=None,
        options="-c session_replication_role=replica",
    )  # fmt: skip


def remember() -> None:
    """What the migrations wrote, before any test runs."""
    if os.environ.get("XENO_TEST_HOME"):
        with superuser() as server:
            migrated[:] = [lasting(server)]


def lasting(server: psycopg.Connection[Any]) -> tuple[str, ...]:
    """Hashes of the tables that are not emptied."""
    tables = (sql.SQL(TOLD).format(table=sql.Identifier(name)) for name in LASTING)
    return tuple(row[0] for row in server.execute(sql.SQL(" UNION ALL ").join(tables)))


def empty() -> bool:
    """Delete every row but what the migrations wrote; False where that is not enough or may not be
    done, and nothing was deleted."""
    if not migrated:
        return False
    with superuser() as server:
        if lasting(server) != migrated[0]:
            return False
        names = [name for (name,) in server.execute(TABLES) if name not in LASTING]
        asked = (
            sql.SQL(FILLED).format(name=sql.Literal(name), table=sql.Identifier(name))
            for name in names
        )
        for (name,) in server.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall():
            server.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    return True


def _fixture_teardown(self: TransactionTestCase) -> None:
    if not empty():
        flush(self)
        remember()


TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[method-assign]
