"""A PostgreSQL of these tests' own, which they may kill, starve and restart."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from tests.faults.inboxes import add_store
from tests.faults.processes import ROOT, SHOP, Database, wait_until
from tests.templates import copy_into
from xeno import embedded
from xeno.embedded import postgres
from xeno.embedded.binaries import postgres_binaries
from xeno.embedded.home import BOOTSTRAP, Home, open_home
from xeno.embedded.identity import find_identity

_numbers = iter(range(1_000_000))


def login(url: str) -> dict[str, Any]:
    """Django's words for who logs in by this URL."""
    parts = conninfo_to_dict(url)
    return {"USER": parts["user"], "PASSWORD": parts["password"], "HOST": parts["host"], "PORT": ""}


@dataclass
class OwnEngine:
    """The engine of a home that only these tests know; `template` is migrated and empty."""

    place: Home
    template: Database = field(init=False)

    def __post_init__(self) -> None:
        urls = self.place.engines()
        self.template = Database("xeno", login(urls.database_url), login(urls.database_admin_url))

    def migrate(self) -> None:
        """All tables, and no row: copied where the suite has them."""
        if copy_into(self.template.url(self.template.admin)):
            return
        argv = [sys.executable, "manage.py", "migrate", "-v", "0"]
        subprocess.run(argv, cwd=ROOT, env=self.template.environment(), check=True)

    def control(self, *words: str) -> None:
        """pg_ctl, as whoever the server runs as."""
        folder, binaries = self.place.postgres, postgres_binaries()
        options = ["-D", "data", "-l", "log", "-w", "-s"]
        done = find_identity(folder, binaries / "initdb").run(
            [binaries / "pg_ctl", *words, *options], folder
        )
        assert done.returncode == 0, done.stdout

    def restart_at_once(self) -> None:
        """Every backend dies where it stands; the log is replayed."""
        self.control("restart", "-m", "immediate")

    def restart_with(self, setting: str) -> None:
        """Another setting until the next `restart_plain`."""
        self.control("restart", "-m", "fast", "-o", f"-c {setting}")

    def restart_plain(self) -> None:
        self.control("stop", "-m", "fast")
        self.start()

    def kill(self) -> None:
        """kill -9 of the postmaster."""
        pid = int((self.place.postgres / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), what="the postmaster's end")

    def start(self) -> None:
        """As the product starts it, whatever was left behind."""
        postgres.start(self.place)

    def ask_superuser(self, sql: str, database: str = "postgres") -> Any:
        """One statement as the cluster's own superuser; the first row."""
        with psycopg.connect(
            host=str(self.place.sockets), user=BOOTSTRAP, dbname=database, autocommit=True,
            password=self.place.passwords[BOOTSTRAP],
        ) as superuser:  # fmt: skip
            cursor = superuser.execute(sql)
            return cursor.fetchone() if cursor.description else None

    @contextmanager
    def database(self, options: str = "") -> Iterator[Database]:
        """A copy of the template with one store in it, dropped at the end."""
        made = Database(f"fault_{next(_numbers)}", self.template.app, self.template.admin)
        self.ask_superuser(
            f'CREATE DATABASE "{made.name}" TEMPLATE xeno OWNER xeno_migrator {options}'
        )
        try:
            made.tenant_id = add_store(made, SHOP)
            yield made
        finally:
            self.ask_superuser(f'DROP DATABASE "{made.name}" WITH (FORCE)')


@contextmanager
def own_engine(folder: Path) -> Iterator[OwnEngine]:
    """Make, migrate and run an engine in the folder."""
    with embedded.hold(folder, redis=False):
        engine = OwnEngine(open_home(folder))
        engine.migrate()
        yield engine


@contextmanager
def lent_to(database: Database) -> Iterator[None]:
    """Let this process's own Django work on the database, in all of its threads."""
    settings = connection.settings_dict
    kept = dict(settings)
    connection.close()
    settings.update(NAME=database.name, **database.app, MIGRATOR=database.admin)
    try:
        yield
    finally:
        connection.close()
        settings.clear()
        settings.update(kept)
