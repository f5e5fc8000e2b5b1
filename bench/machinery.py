"""The bench's own engines, databases and processes, all under .xeno-bench/; ended by their pid."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from xeno.embedded import Engines, hold
from xeno.embedded.dev import WEB_THREADS, WEB_TURNS
from xeno.embedded.home import open_home

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".xeno-bench"
# What an operator would set on a machine of this size; nothing that makes a commit less durable.
SERVER_SETTINGS = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}
# Every process is measured without debug output; requests are not logged line by line.
QUIET = {"LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"}


def bench_home(scale: float) -> Path:
    """The folder of the engines that hold a store of this scale."""
    return KEPT / f"scale-{scale:g}"


@contextmanager
def running(home: Path) -> Iterator[Engines]:
    """Keep the bench's engines running, with `SERVER_SETTINGS`, while the block lasts."""
    if not (open_home(home).postgres / "data").exists():
        with hold(home):
            pass  # the first start makes the cluster, the settings need a second one
    own = open_home(home).postgres / "data" / "postgresql.auto.conf"
    own.write_text("".join(f"{name} = '{value}'\n" for name, value in SERVER_SETTINGS.items()))
    with hold(home) as engines:
        yield engines


def server_pid(home: Path) -> int:
    """PostgreSQL's own process; all others of the server are its children."""
    return int((open_home(home).postgres / "data" / "postmaster.pid").read_text().split()[0])


def environment(database_url: str, admin_url: str, redis_url: str) -> dict[str, str]:
    """What a process of the project is started with."""
    return {
        **os.environ,
        **QUIET,
        "DATABASE_URL": database_url,
        "DATABASE_ADMIN_URL": admin_url,
        "DATABASE_PREPARE": "1",  # as `make run` sets it for its own engine
        "REDIS_URL": redis_url,
        "DJANGO_SETTINGS_MODULE": "xeno.settings",
        "PYTHONPATH": str(ROOT),
    }


def migrated(database_url: str, admin_url: str, redis_url: str) -> None:
    """Bring the database's tables up to date."""
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
    env = environment(database_url, admin_url, redis_url)
    subprocess.run(command, env=env, cwd=ROOT, check=True)


def other_database(url: str, name: str) -> str:
    """The same login in another database of the same server."""
    return url.replace("/xeno?", f"/{name}?")


def fresh_database(engines: Engines, name: str) -> dict[str, str]:
    """An empty, migrated database; the environment of processes that work in it."""
    with psycopg.connect(engines.database_admin_url, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    app = other_database(engines.database_url, name)
    owner = other_database(engines.database_admin_url, name)
    migrated(app, owner, engines.redis_url)
    return environment(app, owner, engines.redis_url)


@dataclass
class Process:
    """A process that the bench started."""

    popen: "subprocess.Popen[bytes]"

    def cpu_seconds(self) -> float:
        """User and system time of the process and of the children that it has now."""
        return sum(map(cpu_seconds, family(self.popen.pid)))

    def resident_bytes(self) -> int:
        """What the process and its children hold in memory."""
        return sum(map(resident_bytes, family(self.popen.pid)))

    def stop(self) -> None:
        """End it and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGTERM)
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait(10)


@contextmanager
def process(arguments: list[str], env: Mapping[str, str]) -> Iterator[Process]:
    """Run `python …` until the block ends."""
    log = (KEPT / "processes.log").open("ab")
    started = Process(
        subprocess.Popen(
            [sys.executable, *arguments],
            env=dict(env),
            cwd=ROOT,
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
    )
    try:
        yield started
    finally:
        started.stop()
        log.close()


@contextmanager
def web(env: Mapping[str, str], *, workers: int = 2) -> Iterator["Web"]:
    """A web server as `make run` starts it."""
    port = free_port()
    arguments = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    arguments += ["--port", str(port), "--workers", str(workers), "--no-ws", "--http", "1"]
    arguments += ["--blocking-threads", str(WEB_THREADS), "xeno.wsgi:application"]
    # The limits are counted at every request, as always, and never reached.
    limits = {f"API_LIMIT_PER_MINUTE_{whose}": "1000000" for whose in ("USER", "STORE", "ADDRESS")}
    pooled = {**env, **limits, "DATABASE_POOL_SIZE": str(WEB_TURNS)}
    with process(arguments, pooled) as started:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield Web(started, port)


@dataclass
class Web:
    """A running web server."""

    process: Process
    port: int


def worker(env: Mapping[str, str], *, concurrency: int = 1) -> list[str]:
    """The arguments of a Celery worker as `make run` starts it."""
    arguments = ["-W", "ignore", "-m", "celery", "-q", "-A", "xeno", "worker"]
    return [*arguments, "--concurrency", str(concurrency), "--without-gossip", "--without-mingle"]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(url: str, seconds: float = 60.0) -> None:
    """Wait until the address answers 200; TimeoutError when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, urllib.error.URLError):
            if urllib.request.urlopen(url, timeout=5).status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer; see {KEPT / 'processes.log'}")


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        below = [int(child) for child in children.read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(each for child in below for each in family(child))]


def busy_seconds() -> float:
    """What all processors of the machine have been busy, of all processes together."""
    user, nice, system, _, _, irq, softirq, steal = (
        int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of one process so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """What one process holds in memory and shares with nobody, else all that it holds."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    # Pss: a page that forked processes share counts for each of them in part
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
