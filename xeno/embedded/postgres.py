"""The embedded PostgreSQL: made once, started when nobody runs it, stopped in order."""

import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from xeno.embedded import roles
from xeno.embedded.binaries import postgres_binaries
from xeno.embedded.errors import EngineError
from xeno.embedded.home import APPLICATION, BOOTSTRAP, MIGRATOR, POSTGRES_PORT, Home
from xeno.embedded.identity import Identity, find_identity
from xeno.embedded.processes import explain, find_orphans, find_server, stop_server, wait_until
from xeno.embedded.sockets import open_sockets

MAJOR = "18"
SETTINGS = """\
# written by Xeno at every start; your own settings go into postgresql.auto.conf (ALTER SYSTEM)
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = 128MB
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
# a statement or a key in the log could be somebody's e-mail address
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
"""
STOP = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


def start(home: Home) -> None:
    """Bring PostgreSQL up with its roles and database; does nothing where it already is."""
    home.postgres.mkdir(mode=0o700, exist_ok=True)
    ready = False
    while not ready:
        if _running(home) is None:
            _start_server(home)
        ready = _wait_ready(home)
    done = home.postgres / "provisioned"
    if not done.exists():
        passwords = {role: home.passwords[role] for role in (MIGRATOR, APPLICATION)}
        try:
            roles.provision(roles.Login(_conninfo(home)), passwords=passwords)
        except psycopg.Error as error:
            raise explain("PostgreSQL", "DATABASE_URL", str(error), _log(home)) from error
        done.touch()


def stop(home: Home) -> None:
    """Stop PostgreSQL: what is under way is rolled back, nothing committed is lost."""
    pid = find_server("postgres", _data(home) / "postmaster.pid", _data(home))
    if pid is not None:
        stop_server(pid, STOP)
    _remove_traces(home)


def _data(home: Home) -> Path:
    return home.postgres / "data"


def _log(home: Home) -> Path:
    return home.postgres / "log"


def _running(home: Home) -> int | None:
    """Return the server's process, having waited for one that is just stopping."""
    data = _data(home)
    pid_file = data / "postmaster.pid"
    pid = find_server("postgres", pid_file, data)
    if pid is None:
        return None
    # the fifth line is the sockets' folder, the eighth the state
    lines = [line.strip() for line in pid_file.read_text().splitlines()] + [""] * 8
    if lines[7] == "stopping":
        wait_until(lambda: find_server("postgres", pid_file, data) is None, 60)
        return None
    if lines[4] and lines[4] != str(home.sockets):
        raise EngineError(
            f"PostgreSQL of {home.path} runs already (process {pid}), for another user or from"
            f" before the folder was moved: stop it first (kill -INT {pid})."
        )
    return pid


def _start_server(home: Home) -> None:
    binaries = postgres_binaries()
    identity = find_identity(home.postgres, binaries / "initdb")
    data = _data(home)
    if not data.exists():
        _make_cluster(home, identity, binaries)
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR:
        raise EngineError(
            f"{data} was made by PostgreSQL {version}, and this is {MAJOR}:"
            f" dump it with the old one, or move {home.path} away."
        )
    open_sockets(home)
    identity.give(home.sockets)
    settings = data / "xeno.conf"
    settings.write_text(SETTINGS.format(port=POSTGRES_PORT, sockets=home.sockets))
    identity.give(settings)
    # backends of a killed postmaster notice within moments; starting beside them would be refused
    wait_until(lambda: not find_orphans("postgres", data), 10)
    _remove_traces(home)
    log = _log(home)
    before = log.stat().st_size if log.exists() else 0
    # relative paths: pg_ctl hands its arguments to a shell, which would read a $ in the home's path
    options = ["-D", "data", "-l", "log", "-w", "-t", "300", "-s"]
    done = identity.run([binaries / "pg_ctl", "start", *options], home.postgres)
    if done.returncode != 0:
        written = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
        raise explain("PostgreSQL", "DATABASE_URL", written or done.stdout, log)


def _make_cluster(home: Home, identity: Identity, binaries: Path) -> None:
    # under another name until it is whole: a killed initdb leaves nothing that looks like a cluster
    draft = home.postgres / "data.partial"
    shutil.rmtree(draft, ignore_errors=True)
    secret = home.postgres / "initdb.password"
    try:
        secret.touch(mode=0o600)
        secret.write_text(home.passwords[BOOTSTRAP])
        identity.give(secret)
        locale = ["--encoding=utf8", "--locale=C"]
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = [f"--username={BOOTSTRAP}", "--auth=scram-sha-256", f"--pwfile={secret.name}"]
        done = identity.run(
            [binaries / "initdb", "-D", draft.name, *access, *locale], home.postgres
        )
        if done.returncode != 0:
            raise explain("PostgreSQL", "DATABASE_URL", done.stdout, _log(home))
        with (draft / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'xeno.conf'\n")
        (home.postgres / "provisioned").unlink(missing_ok=True)
        draft.rename(_data(home))
    finally:
        secret.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _remove_traces(home: Home) -> None:
    # only called when no server runs: after a reboot the number in these files may be anybody's,
    # and PostgreSQL would take that process for its own and refuse to start
    socket = home.sockets / f".s.PGSQL.{POSTGRES_PORT}"
    for path in (_data(home) / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        with suppress(FileNotFoundError):
            path.unlink()


def _conninfo(home: Home) -> str:
    return make_conninfo(
        host=str(home.sockets),
        port=POSTGRES_PORT,
        user=BOOTSTRAP,
        password=home.passwords[BOOTSTRAP],
        dbname="postgres",
    )


def _wait_ready(home: Home) -> bool:
    """Wait until PostgreSQL answers; False when it died meanwhile, as one that was being killed."""
    problem = ""

    def settled() -> bool:
        nonlocal problem
        try:
            psycopg.connect(_conninfo(home), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            problem = str(error).strip()
            return "password authentication failed" in problem or _running(home) is None
        problem = ""
        return True

    wait_until(settled, 60)
    if problem and _running(home) is not None:
        raise explain("PostgreSQL", "DATABASE_URL", problem, _log(home))
    return not problem
