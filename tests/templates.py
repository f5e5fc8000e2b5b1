"""A migrated, empty database that the suite's databases are copied from, kept between runs.

Two workers and the engines of the fault tests would each migrate one of their own, which takes
longer than the tests of an app. A copy is migrated all the same: what a migration of the same name
does not do (permissions, the table of roles) follows then, and a stale copy cannot pass.

Only on the suite's own engine: nothing is left behind on somebody's server.
"""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from xeno.embedded.binaries import postgres_binaries

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "xeno_template_"
# What decides what the tables are like: the migrations, what they call, what is installed.
DECIDING = (
    "*/migrations/*.py", "tenants/scoping/*.py", "xeno/lib/**/*.py", "xeno/management/**/*.py",
    "xeno/embedded/*.py", "xeno/settings.py", "requirements.txt",
)  # fmt: skip


def find_template() -> str | None:
    """The template's name, made where there is none; None on a server that is not the suite's."""
    home = os.environ.get("XENO_TEST_HOME")
    if not home:
        return None
    name = PREFIX + fingerprint()
    with locked(Path(home) / "templates.lock"), admin("postgres") as server:
        held = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
        if name not in held:
            for old in sorted(n for n in held if n.startswith(PREFIX)):
                server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            make(server, name)
    return name


def fingerprint() -> str:
    """A hash of everything that decides."""
    told = hashlib.sha256()
    for path in sorted({path for pattern in DECIDING for path in ROOT.glob(pattern)}):
        told.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]


def make(server: psycopg.Connection, name: str) -> None:
    """Migrate a new database, which has its name when it is whole."""
    making = f"{PREFIX}making"
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = making
    try:
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    server.execute(rename.format(sql.Identifier(making), sql.Identifier(name)))


def copy_into(url: str) -> bool:
    """Fill the empty database of another engine; False when there is nothing to copy from."""
    name = find_template()
    if name is None:
        return False
    options = ["--no-password", "--format", "custom", "--dbname", url_of(name)]
    dump = subprocess.run([program("pg_dump"), *options], capture_output=True, check=True)
    restore = [program("pg_restore"), "--no-password", "--single-transaction", "--dbname", url]
    subprocess.run(restore, input=dump.stdout, check=True)
    return True


def program(name: str) -> str:
    """One of the wheel's own."""
    return str(postgres_binaries() / name)


def login() -> dict[str, Any]:
    """Who may make databases on the suite's server."""
    return {**connection.settings_dict, **connection.settings_dict["MIGRATOR"]}


def url_of(name: str) -> str:
    """How the migrator reaches a database of the suite's."""
    who = login()
    return make_conninfo(
        dbname=name, user=who["USER"], password=who["PASSWORD"], host=who["HOST"],
        port=who["PORT"] or None,
    )  # fmt: skip


def admin(name: str) -> psycopg.Connection:
    """A connection of the migrator's."""
    return psycopg.connect(url_of(name), autocommit=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process after the other: the second finds what the first has made."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
