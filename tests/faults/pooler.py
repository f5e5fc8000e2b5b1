"""pgbouncer in transaction mode before an engine: no session belongs to a client."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tests.faults.own_engine import OwnEngine
from tests.faults.processes import Database, free_port, wait_until
from xeno.embedded.binaries import postgres_binaries
from xeno.embedded.identity import find_identity

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
CONFIG = """\
[databases]
* = host={sockets} port=5432
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = users
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pooler(engine: OwnEngine, *, connections: int = 2) -> Iterator[int]:
    """Run pgbouncer with so few connections of its own for each login; gives its port."""
    assert PROGRAM, "ask for it only where it is installed"
    port, folder = free_port(), engine.place.postgres / "pgbouncer"
    folder.mkdir(exist_ok=True)
    users = [engine.template.app, engine.template.admin]
    lines = "".join(f'"{user["USER"]}" "{user["PASSWORD"]}"\n' for user in users)
    config = CONFIG.format(sockets=engine.place.sockets, port=port, connections=connections)
    # As whoever PostgreSQL runs as: pgbouncer refuses root as well, and its socket is theirs.
    identity = find_identity(engine.place.postgres, postgres_binaries() / "initdb")
    for name, text in (("users", lines), ("ini", config)):
        (folder / name).write_text(text)
        identity.give(folder / name)
    identity.give(folder)
    with (folder / "log").open("wb") as log:
        popen = subprocess.Popen(
            [*identity.prefix, PROGRAM, "ini"], cwd=folder, user=identity.uid,
            start_new_session=True, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_until(lambda: popen.poll() is not None or listens(port), what="pgbouncer")
            assert popen.poll() is None, (folder / "log").read_text()
            yield port
        finally:
            with suppress(ProcessLookupError):
                popen.send_signal(signal.SIGKILL)
            popen.wait(20)


def listens(port: int) -> bool:
    """Whether it takes connections; a login would keep one of its own to the template open."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def through(database: Database, port: int) -> Database:
    """The same database, by way of the pooler."""
    place = {"HOST": "127.0.0.1", "PORT": port}
    return replace(database, app=database.app | place, admin=database.admin | place)


def log_of(engine: OwnEngine) -> Path:
    return engine.place.postgres / "pgbouncer" / "log"
