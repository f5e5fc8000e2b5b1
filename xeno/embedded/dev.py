"""What `make run` does: engines, migrations, web, worker, beat, the demo store; until Ctrl-C."""

import fcntl
import hashlib
import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xeno.embedded.commands import configured
from xeno.embedded.errors import EngineError
from xeno.embedded.holding import hold
from xeno.embedded.home import RUN_LOCK, Engines, open_home
from xeno.embedded.supervisor import Master, Supervisor

HOST = "127.0.0.1"
READY_PATIENCE = 120.0
DEATHS_AT_START = 2
EXAMPLE_SHOP = "oak-and-linen.myshopify.com"  # any name will do
WEB_TURNS = 4  # requests that each of the two processes works at, and connections of its pool
WEB_THREADS = 64  # requests whose body it waits for or that wait for their turn: xeno/turns.py
ENGINE_SETTINGS = ("DATABASE_URL", "DATABASE_ADMIN_URL", "REDIS_URL")


@dataclass(frozen=True)
class Plan:
    """What to run, and where."""

    project: Path
    home: Path
    port: int
    demo: bool
    static_root: Path
    master: Master | None = None
    standin_port: int = 0  # of Shopify's stand-in; 0: there is none

    @property
    def address(self) -> str:
        """Where the web server will answer."""
        return f"http://{HOST}:{self.port}"

    @property
    def standin(self) -> str:
        """Where Shopify's stand-in will answer; "" without one."""
        return f"http://{HOST}:{self.standin_port}" if self.standin_port else ""


def run(plan: Plan, report: Callable[[str], None]) -> None:
    """Run the whole of Xeno until a signal ends it; leaves no process behind."""
    with _alone(plan):
        _check_port(plan)
        report(f"Starting the engines; their data is in {plan.home}")
        postgres, redis = not configured("DATABASE_URL"), not configured("REDIS_URL")
        with (
            hold(plan.home, postgres=postgres, redis=redis) as engines,
            Supervisor(report, plan.project, plan.master) as supervisor,
        ):
            env = _environment(plan, engines)
            _prepare(plan, supervisor, env, report)
            _start(plan, supervisor, env)
            ready = _wait_ready(plan, supervisor, report)
            if (
                ready
                and plan.demo
                and supervisor.run("demo", _manage("demo", "--url", plan.address), env) != 0
            ):
                report("The demo store could not be built: see above. DEMO=0 leaves it out.")
            _announce(plan, ready, report)
            while True:
                supervisor.watch(1.0)


@contextmanager
def _alone(plan: Plan) -> Iterator[None]:
    """Refuse a second run on the same home; the lock goes with the process that has it."""
    path = open_home(plan.home).path / RUN_LOCK
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise EngineError(
                f"Xeno already runs on {plan.home} ({file.read().strip() or 'just starting'}):"
                " use that one, or give this one a home of its own with XENO_HOME."
            ) from None
        file.truncate(0)
        # read by a second run, and by `running_at` for the commands that say where to go
        addresses = [plan.address, plan.standin] if plan.standin else [plan.address]
        file.write(", ".join([f"process {os.getpid()}", *addresses]) + "\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _check_port(plan: Plan) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, plan.port))
        except (OSError, OverflowError) as problem:
            raise EngineError(
                f"Port {plan.port} cannot be used ({problem}):"
                f" choose another, for example PORT={min(plan.port + 1, 65535)}."
            ) from problem


def find_port(near: int) -> int:
    """A port that is free now: this one, or any."""
    for port in (near, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError, OverflowError):
                probe.bind((HOST, port))
                return int(probe.getsockname()[1])
    raise EngineError("No port is free.")


def _environment(plan: Plan, engines: Engines) -> dict[str, str]:
    """Return the children's environment: ours, with the engines' addresses spelt out."""
    env = dict(os.environ) | {"PYTHONUNBUFFERED": "1", "PORT": str(plan.port)}
    if not configured("DATABASE_URL"):
        env |= {
            "DATABASE_URL": engines.database_url,
            "DATABASE_ADMIN_URL": engines.database_admin_url,
            "DATABASE_PREPARE": "1",  # no pooler stands between
        }
    if not configured("REDIS_URL"):
        env["REDIS_URL"] = engines.redis_url
    env["XENO_HOME"] = str(plan.home)
    env.setdefault("PUBLIC_URL", plan.address)
    if plan.standin:
        # the stand-in approves whatever is asked for, so that all of a shop's history comes
        env |= {"SHOPIFY_FAKE_URL": plan.standin, "SHOPIFY_ALL_ORDERS": "1"}
    if env.get("ALLOWED_HOSTS"):  # the readiness question and the demo come to this address
        env["ALLOWED_HOSTS"] += f",{HOST}"
    return env


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def _prepare(
    plan: Plan, supervisor: Supervisor, env: dict[str, str], report: Callable[[str], None]
) -> None:
    report("Migrating the database")
    if supervisor.run("migrate", _manage("migrate", "--noinput", "-v", "0"), env) != 0:
        raise EngineError("The migrations failed: see above.")
    stamp, fingerprint = plan.static_root / ".collected", _static_fingerprint(plan)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    report("Collecting the pages' styles and scripts")
    if supervisor.run("static", _manage("collectstatic", "--noinput", "-v", "0"), env) != 0:
        raise EngineError("The static files could not be collected: see above.")
    stamp.write_text(fingerprint)


def _static_fingerprint(plan: Plan) -> str:
    """Return what changes when our own static files or the packages that bring others change."""
    digest = hashlib.sha256()
    files = [plan.project / "requirements.txt", *sorted(plan.project.glob("*/static/**/*"))]
    for path in files:
        if path.is_file():
            digest.update(f"{path} {path.stat().st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _start(plan: Plan, supervisor: Supervisor, env: dict[str, str]) -> None:
    web = ["-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(plan.port)]
    web += ["--workers", "2", "--respawn-failed-workers", "--workers-kill-timeout", "5", "--no-ws"]
    web += ["--http", "1"]  # what every proxy speaks to it; granian need not look which it is
    # only the web process keeps a pool: Celery would close it after every task
    pooled = {"DATABASE_POOL_SIZE": str(WEB_TURNS)} | env
    web += ["--blocking-threads", str(WEB_THREADS), "xeno.wsgi:application"]
    # on a machine of one's own it is nobody's business who runs it
    celery = ["-W", "ignore:You're running the worker with superuser", "-m", "celery", "-q"]
    worker = [*celery, "-A", "xeno", "worker", "--concurrency", "2"]
    worker += ["--without-gossip", "--without-mingle"]  # one worker has nobody to talk to
    schedule = str(plan.home / "beat-schedule")
    beat = [*celery, "-A", "xeno", "beat", "--schedule", schedule, "--pidfile="]
    supervisor.start("web", [sys.executable, *web], pooled)
    supervisor.start("worker", [sys.executable, *worker], env)
    supervisor.start("beat", [sys.executable, *beat], env)
    if plan.standin:
        standin = _manage("shopify_standin", "--port", str(plan.standin_port))
        supervisor.start("shopify", standin, env)


def _wait_ready(plan: Plan, supervisor: Supervisor, report: Callable[[str], None]) -> bool:
    """Wait until everything works together; give up on a child that only ever dies."""
    start = asked = time.monotonic()
    status, body = 0, "no answer"
    while time.monotonic() < start + READY_PATIENCE:
        supervisor.watch(0.5)
        failing = [c.name for c in supervisor.children if c.deaths >= DEATHS_AT_START]
        if failing:
            raise EngineError(f"{failing[0]} does not start: its last lines are above.")
        if time.monotonic() < asked + 1:  # an answer may itself be a line of a child, and wake us
            continue
        asked = time.monotonic()
        status, body = _ask(plan)
        if status == http.client.OK:
            return True
    report(f"Not ready after {READY_PATIENCE:.0f} s (/readyz: {status} {body}); it goes on trying.")
    return False


def _ask(plan: Plan) -> tuple[int, str]:
    connection = http.client.HTTPConnection(HOST, plan.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as problem:
        return 0, str(problem)
    finally:
        connection.close()


def _announce(plan: Plan, ready: bool, report: Callable[[str], None]) -> None:
    report("Xeno is ready." if ready else "Xeno runs, but is not ready.")
    report(f"  staff      {plan.address}/admin/")
    report(f"  API        {plan.address}/docs")
    report(f"  webhooks   {plan.address}/webhook/shopify")
    if plan.standin:
        report(f"  Shopify    {plan.standin} stands in for it; connect a store, as by")
        report(f"             {plan.address}/shopify/install?shop={EXAMPLE_SHOP}")
    report("Ctrl-C stops everything.")
