"""`migrate` killed with -9 half way: running it again ends where an undisturbed run ends."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet

from tests.faults.conftest import COUNTED, dropped
from tests.faults.processes import Database, wait_until

SCHEMA = """
    SELECT string_agg(line, chr(10) ORDER BY line) FROM (
        SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT concat_ws(' ', tablename, policyname, qual, with_check) FROM pg_policies
        UNION ALL SELECT concat_ws(' ', relname, relrowsecurity, relforcerowsecurity)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        UNION ALL SELECT concat_ws(' ', table_name, grantee, privilege_type)
            FROM information_schema.role_table_grants WHERE table_schema = 'public'
        UNION ALL SELECT concat_ws(' ', app, name) FROM django_migrations
        UNION ALL SELECT concat_ws(' ', 'right', codename) FROM auth_permission
    ) AS lines(line)
"""


@pytest.fixture
def empty(transactional_db: None) -> Iterator[Database]:
    """A database of the migrator without a single table."""
    settings = connection.settings_dict
    app = {key: settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    made = Database(f"fault_{os.getpid()}_{next(COUNTED)}", app, settings["MIGRATOR"])
    server = Database("postgres", app, settings["MIGRATOR"])
    server.ask(f'CREATE DATABASE "{made.name}"')
    try:
        made.ask("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        yield made
    finally:
        wait_until(lambda: dropped(server, made.name), what="the end of all sessions")


def migrate(database: Database, prepare: Callable[[], None] = lambda: None) -> int:
    """Run `migrate` in a process of its own; its exit code, or minus the signal that ended it."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            connection.settings_dict["NAME"] = database.name
            prepare()
            call_command("migrate", verbosity=0)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die_at(owner: Any, name: str, count: int) -> Callable[[], None]:
    """Have the process kill itself before the so-manieth call."""

    def prepare() -> None:
        healthy, calls = getattr(owner, name), iter(range(count - 1))

        def call(*args: Any, **kwargs: Any) -> Any:
            if next(calls, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return healthy(*args, **kwargs)

        setattr(owner, name, call)

    return prepare


def schema_of(database: Database) -> list[str]:
    return str(database.ask(SCHEMA)).splitlines()


# One of each kind; the full form dies at every migration.
DEATHS = [
    die_at(DatabaseSchemaEditor, "execute", 60),  # within a migration
    die_at(MigrationExecutor, "record_migration", 12),  # done, and nobody has written it down
    die_at(QuerySet, "bulk_create", 3),  # all done, and the rights are being made
]


def test_f009_a_migration_that_is_killed_is_run_again(empty: Database):
    killed = [migrate(empty, death) for death in DEATHS]
    finished = [migrate(empty), migrate(empty)]

    assert killed == [-signal.SIGKILL] * len(DEATHS)
    assert finished == [0, 0]
    suite = replace(empty, name=connection.settings_dict["NAME"])
    assert schema_of(empty) == schema_of(suite)


@pytest.mark.slow
def test_f009_a_kill_at_every_migration_and_every_twentieth_statement_is_made_up_for(
    empty: Database, record_property
):
    killed = 0
    for death in (
        *(die_at(MigrationExecutor, "record_migration", 2) for _ in range(100)),
        *(die_at(DatabaseSchemaEditor, "execute", 20) for _ in range(100)),
    ):
        if (ended := migrate(empty, death)) == 0:
            break
        assert ended == -signal.SIGKILL
        killed += 1

    record_property("kills landed", killed)
    assert migrate(empty) == 0
    assert killed > 10
    suite = replace(empty, name=connection.settings_dict["NAME"])
    assert schema_of(empty) == schema_of(suite)
