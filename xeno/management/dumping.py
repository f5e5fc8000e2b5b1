"""A backup of the whole database with PostgreSQL's own programs, and its restoring.

Both log in as the migrator, who sees every row. The password goes by the environment: arguments
can be read by every process of the machine.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection

from xeno.embedded.binaries import postgres_binaries
from xeno.embedded.errors import EngineError
from xeno.lib.errors import Mistake
from xeno.lib.postgres.migrator import as_migrator


class BackupFailed(Mistake):
    """PostgreSQL's program did not succeed; its own words say why."""

    code = "backup_failed"
    message = "The program of PostgreSQL failed."


class NotEmpty(Mistake):
    """A restore would mix two databases."""

    code = "not_empty"
    message = (
        "The database has tables. --replace throws them away first; or make an empty one with"
        " setup_database --database NAME, and set DATABASE_URL and DATABASE_ADMIN_URL to it."
    )


def find_program(name: str) -> Path:
    """`pg_dump` or `pg_restore`, of PATH or of the embedded engine: as new as the server, or the
    next newer. An older one refuses, a much newer one says what the server does not know."""
    embedded: list[Path] = []
    with suppress(EngineError):
        embedded = [postgres_binaries() / name]
    own = shutil.which(name)
    found = {version_of(path): path for path in [*embedded, *([Path(own)] if own else [])]}
    with migrators_cursor():
        server = connection.pg_version // 10_000  # type: ignore[attr-defined]
    fitting = [version for version in found if version >= server]
    if not fitting:
        raise BackupFailed(f"Install {name} of PostgreSQL {server}, and have it in PATH.")
    return found[min(fitting)]


def version_of(program: Path) -> int:
    """The major version that the program says it is of; 0 when it cannot be run."""
    with suppress(OSError):
        done = subprocess.run(  # noqa: S603  # found in PATH or among our wheels
            [program, "--version"], capture_output=True, text=True, check=False
        )
        if number := re.search(r"\) (\d+)", done.stdout):
            return int(number[1])
    return 0


def save_backup(path: Path) -> None:
    """Write everything into a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.partial")
    draft.touch(mode=0o600)
    try:
        call("pg_dump", "--format=custom", f"--file={draft}")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def load_backup(path: Path, *, replace: bool) -> None:
    """Put a backup into the empty database, all of it or nothing; raises NotEmpty."""
    call("pg_restore", "--list", str(path), connect=False)  # refuses before anything is gone
    if not is_empty():
        if not replace:
            raise NotEmpty
        throw_away()
    call("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(path))


def call(program: str, *arguments: str, connect: bool = True) -> None:
    """Run a program of PostgreSQL's as the migrator; raises BackupFailed with what it said."""
    login = connection.settings_dict | (connection.settings_dict.get("MIGRATOR") or {})
    place = {
        "PGHOST": login["HOST"],
        "PGPORT": str(login["PORT"] or ""),
        "PGUSER": login["USER"],
        "PGPASSWORD": login["PASSWORD"],
    }
    environment = os.environ | {name: value for name, value in place.items() if value}
    database = [f"--dbname={login['NAME']}"] if connect else []
    done = subprocess.run(  # noqa: S603  # our own program, its arguments are no shell's
        [find_program(program), *database, *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["It said nothing."])[0]
        raise BackupFailed(f"{program}: {said}")


@contextmanager
def migrators_cursor() -> Iterator[Any]:
    """A cursor of the role that owns the tables."""
    with as_migrator(connection), connection.cursor() as cursor:
        yield cursor


def is_empty() -> bool:
    """Whether the database has no table yet."""
    with migrators_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
        return cursor.fetchone() is None


def throw_away() -> None:
    """Drop every table and function of ours."""
    with migrators_cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
        )
        functions = ", ".join(name for (name,) in cursor.fetchall())
        statements = [f"DROP TABLE {tables} CASCADE"] if tables else []
        statements += [f"DROP FUNCTION {functions}"] if functions else []
        cursor.execute("; ".join(statements) or "SELECT 1")
