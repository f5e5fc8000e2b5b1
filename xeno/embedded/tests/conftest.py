"""Homes for the tests of the engines: one is made once, each test has a copy of it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xeno.embedded import hold
from xeno.embedded.home import Home, open_home
from xeno.embedded.processes import find_server, is_alive
from xeno.embedded.signals import ENDING

PATIENCE = 120.0  # seconds: an orderly end may take the supervisor's patience several times
PROJECT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys
from pathlib import Path
from xeno.embedded import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose cluster, roles and database exist; nothing runs on it."""
    home = tmp_path_factory.mktemp("made") / "home"
    with hold(home):
        pass
    return home


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home of the test's own, at a path that trips shells, URLs and socket limits."""
    copy = tmp_path / f"it's a shop; $HOME é {'x' * 60}" / "home"
    shutil.copytree(made_home, copy)
    place = open_home(copy)
    yield copy
    for pid in server_pids(place):
        os.kill(pid, 9)
    shutil.rmtree(place.sockets, ignore_errors=True)


def server_pids(place: Home | Path) -> list[int]:
    home = open_home(place) if isinstance(place, Path) else place
    found = (
        find_server("postgres", home.postgres / "data" / "postmaster.pid", home.postgres / "data"),
        find_server("valkey-server", home.valkey / "valkey.pid", home.valkey),
    )
    return [pid for pid in found if pid is not None]


def assert_nothing_left(home: Home, pids: list[int]) -> None:
    assert [pid for pid in pids if is_alive(pid)] == []
    assert not home.sockets.exists()


@contextmanager
def holder(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the engines until its stdin closes or it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=own_signals,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def own_signals() -> None:
    """For a child just before it runs: `nohup pytest … &` ignores signals, and children inherit
    that; Python takes a Ctrl-C that is ignored for somebody's wish."""
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
