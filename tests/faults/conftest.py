"""A database of the test's own: copied from the suite's, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.faults.brokers import Broker
from tests.faults.inboxes import add_store
from tests.faults.own_engine import OwnEngine, own_engine
from tests.faults.processes import SHOP, Database, wait_until
from tests.faults.serving import Served, bearer_of, serve

COUNTED = iter(range(1_000_000))


@pytest.fixture
def database(transactional_db: None) -> Iterator[Database]:
    """A migrated, empty database with one store; other processes may use it."""
    settings = connection.settings_dict
    app = {key: settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    made = Database(f"fault_{os.getpid()}_{next(COUNTED)}", app, settings["MIGRATOR"])
    connection.close()  # a template must have no sessions
    template = Database("postgres", app, settings["MIGRATOR"])
    template.ask(f'CREATE DATABASE "{made.name}" TEMPLATE "{settings["NAME"]}"')
    try:
        made.tenant_id = add_store(made, SHOP)
        yield made
    finally:
        # Not by force: the migrator may not end the sessions of killed processes, which go soon.
        wait_until(lambda: dropped(template, made.name), what="the end of all sessions")


def dropped(template: Database, name: str) -> bool:
    """Whether the database could be dropped."""
    try:
        template.ask(f'DROP DATABASE "{name}"')
    except psycopg.errors.ObjectInUse:
        return False
    return True


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[OwnEngine]:
    """A PostgreSQL that these tests may kill and starve; each leaves it running."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():  # the first to want the template makes it
            made = stack.enter_context(own_engine(tmp_path_factory.mktemp("engine") / "home"))
        yield made


@pytest.fixture
def own_database(engine: OwnEngine, django_db_blocker: Any) -> Iterator[Database]:
    """A database with one store on that engine, which this process may be lent to as well."""
    with django_db_blocker.unblock(), engine.database() as made:
        yield made


@pytest.fixture(scope="session")
def served(
    engine: OwnEngine, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Served]:
    """One web server on a database of that engine, for all tests that leave it as it was."""
    log = tmp_path_factory.mktemp("served") / "web.log"
    prepare = {"DATABASE_PREPARE": "1"}  # as `make run` sets it for its own engine
    with engine.database() as made, serve(made.environment() | prepare, log=log) as server:
        with django_db_blocker.unblock():
            bearer = bearer_of(made)
        yield Served(server, made, bearer)


@pytest.fixture
def unblocked(django_db_blocker: Any) -> Iterator[None]:
    """This process may be lent to a database that is none of the suite's."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where a web server writes to."""
    return tmp_path / "web.log"


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A Valkey of the test's own, which runs; the test may do anything to it."""
    made = Broker()
    made.start()
    try:
        yield made
    finally:
        made.end()
