"""`dev` starts, watches and ends everything; tried on a small project that stands for ours."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from xeno.embedded import dev
from xeno.embedded.home import open_home, running_at
from xeno.embedded.tests.conftest import PATIENCE, PROJECT, own_signals, server_pids, wait_for
from xeno.management.commands.dev import wants_standin

RUNNER = """
import sys
from pathlib import Path
from xeno.embedded import EngineError, dev
project, home, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
standin = int(sys.argv[4]) if len(sys.argv) > 4 else 0
plan = dev.Plan(project, home, port, demo=True, static_root=home / "static", standin_port=standin)
try:
    dev.run(plan, lambda line: print(line, flush=True))
except EngineError as error:
    sys.exit(str(error))
"""
FILES = {
    "requirements.txt": "",
    "manage.py": """
import os, pathlib, sys
assert os.environ["DATABASE_ADMIN_URL"] and os.environ["REDIS_URL"].startswith("unix://")
pathlib.Path(os.environ["XENO_HOME"], "static").mkdir(exist_ok=True)
print("did", sys.argv[1])
""",
    "xeno/__init__.py": "",
    "xeno/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"ok"]
""",
    "xeno/celery.py": """
import os
from celery import Celery
url = os.environ["REDIS_URL"].replace("unix", "redis+socket").replace("?db=", "?virtual_host=")
app = Celery("xeno", broker=url)
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "a project's folder"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """One run of `dev`, and what it has written so far."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self.output = output

    def says(self, text: str) -> bool:
        assert self.process.poll() is None or text in self.output.read_text(), (
            self.output.read_text()
        )
        return text in self.output.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def running(project: Path, home: Path, port: int) -> Iterator[Run]:
    output = project.parent / f"output-{port}"
    # as on a fresh machine: no server is configured
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(project), str(home), str(port)],
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=own_signals,
        )
    try:
        yield Run(process, output)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def gone(processes: list[psutil.Process]) -> bool:
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_dev_runs_everything_and_a_signal_ends_it(project: Path, home: Path, port: int) -> None:
    with running(project, home, port) as run:
        wait_for(lambda: run.says("Xeno is ready."))
        wait_for(lambda: len(run.family()) >= 5)  # the worker's own children come a moment later
        children, servers = run.family(), server_pids(home)
        second = subprocess.run(
            [sys.executable, "-c", RUNNER, str(project), str(home), str(port + 1)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        found = running_at(home)
        web = next(p for p in children if "granian" in p.cmdline() and p.ppid() == run.process.pid)
        web.kill()
        wait_for(lambda: run.says("web was killed by SIGKILL; it starts again"))

        run.process.send_signal(signal.SIGINT)
        run.process.wait(PATIENCE)

    written = run.output.read_text()
    assert written.index("did migrate") < written.index("did collectstatic")
    assert "demo   | did demo" in written
    assert second.returncode == 1
    assert f"process {run.process.pid}, http://127.0.0.1:{port}" in second.stderr
    assert (found, running_at(home)) == (f"http://127.0.0.1:{port}", "")
    assert len(servers) == 2
    assert gone(children)
    assert not [
        pid for pid in servers if psutil.pid_exists(pid) and not gone([psutil.Process(pid)])
    ]
    assert not open_home(home).sockets.exists()


def test_the_children_follow_a_killed_dev(project: Path, home: Path, port: int) -> None:
    with running(project, home, port) as run:
        wait_for(lambda: run.says("Xeno is ready."))
        wait_for(lambda: len(run.family()) >= 5)
        children = run.family()

        run.process.kill()
        run.process.wait()

        wait_for(lambda: gone(children))


def test_a_busy_port_is_said_before_anything_starts(project: Path, home: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with running(project, home, port) as run:
            run.process.wait(PATIENCE)

    assert run.process.returncode == 1
    assert f"Port {port} cannot be used" in run.output.read_text()
    assert f"PORT={port + 1}" in run.output.read_text()
    assert server_pids(home) == []


def test_a_web_server_that_only_dies_is_given_up(project: Path, home: Path, port: int) -> None:
    (project / "xeno" / "wsgi.py").write_text("raise SystemExit('broken settings')\n")

    with running(project, home, port) as run:
        run.process.wait(PATIENCE)

    assert run.process.returncode == 1
    assert "web does not start: its last lines are above." in run.output.read_text()
    assert server_pids(home) == []


def test_a_port_that_is_taken_is_not_found(port: int) -> None:
    assert dev.find_port(port) == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        assert dev.find_port(port) not in (port, 0)


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, True),
        ({"DEMO": "0"}, False),
        ({"SHOPIFY_API_KEY": "key"}, False),
        ({"SHOPIFY_FAKE_URL": "http://127.0.0.1:9"}, False),
    ],
)
def test_shopify_is_played_to_who_has_no_app_there(
    env: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DEMO", "SHOPIFY_API_KEY", "SHOPIFY_FAKE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert wants_standin() is wanted
