"""Servers are found by what they do and not by a number alone; they get signals in turn."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xeno.embedded import EngineError, processes
from xeno.embedded.processes import (
    explain,
    find_orphans,
    find_server,
    is_alive,
    plain_environment,
    stop_server,
    wait_until,
)

needs_proc = pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux tells")
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process named sleep that works in the test's folder."""
    process = subprocess.Popen(["sleep", "60"], cwd=tmp_path)
    reaper = threading.Thread(target=process.wait)  # as init does for a server
    reaper.start()
    yield process
    process.kill()
    reaper.join()


@pytest.fixture
def pid_file(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> Path:
    path = tmp_path / "server.pid"
    path.write_text(f"{sleeper.pid}\n/data\n12345\n")
    return path


def test_a_server_that_wrote_the_file_and_works_there_is_found(pid_file: Path, sleeper) -> None:
    assert wait_until(lambda: find_server("sleep", pid_file, pid_file.parent) == sleeper.pid, 5)


@needs_proc
def test_a_process_of_another_name_is_not_it(pid_file: Path) -> None:
    assert find_server("postgres", pid_file, pid_file.parent) is None


@needs_proc
def test_a_process_that_works_elsewhere_is_not_it(pid_file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    assert find_server("sleep", pid_file, tmp_path / "other") is None


@pytest.mark.parametrize("written", ["", "\n", "no number", "-"])
def test_a_file_that_holds_no_number_names_nobody(tmp_path: Path, written: str) -> None:
    (tmp_path / "server.pid").write_text(written)

    assert find_server("sleep", tmp_path / "server.pid", tmp_path) is None


def test_no_file_names_nobody(tmp_path: Path) -> None:
    assert find_server("sleep", tmp_path / "server.pid", tmp_path) is None


def test_one_that_ended_is_not_found(pid_file: Path, sleeper) -> None:
    sleeper.kill()

    assert wait_until(lambda: find_server("sleep", pid_file, pid_file.parent) is None, 5)


@needs_proc
def test_orphans_are_those_of_the_name_in_the_folder(tmp_path: Path, sleeper) -> None:
    assert wait_until(lambda: find_orphans("sleep", tmp_path) == [sleeper.pid], 5)
    assert find_orphans("postgres", tmp_path) == []


def test_where_there_is_no_proc_nobody_is_an_orphan(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path / "none")

    assert find_orphans("sleep", tmp_path) == []


def test_where_there_is_no_proc_the_number_must_do(pid_file: Path, sleeper, monkeypatch) -> None:
    monkeypatch.setattr(processes, "PROC", pid_file.parent / "none")

    assert find_server("any name", pid_file, pid_file.parent) == sleeper.pid


@needs_proc
def test_one_that_ended_and_was_never_reaped_does_not_live() -> None:
    child = subprocess.Popen(["true"])

    assert wait_until(lambda: not is_alive(child.pid), 5)
    child.wait()


def test_we_live() -> None:
    assert is_alive(os.getpid())


def test_the_first_signal_that_works_is_the_last(sleeper) -> None:
    stop_server(sleeper.pid, [(signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)])

    assert wait_until(lambda: sleeper.returncode is not None, 5)
    assert sleeper.returncode == -signal.SIGTERM


def test_one_that_does_not_listen_gets_the_next_signal() -> None:
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()  # from here on it ignores the first

    stop_server(process.pid, [(signal.SIGTERM, 0.1), (signal.SIGKILL, 10.0)])

    assert process.wait() == -signal.SIGKILL


def test_one_that_never_stops_is_said_with_what_to_do(sleeper) -> None:
    with pytest.raises(EngineError, match=f"kill -9 {sleeper.pid}"):
        stop_server(sleeper.pid, [(signal.SIGCONT, 0.05)])


def test_one_that_is_gone_needs_no_signal() -> None:
    child = subprocess.Popen(["true"])
    child.wait()

    assert stop_server(child.pid, [(signal.SIGKILL, 0.0)]) is None


def test_waiting_tells_whether_it_came_true() -> None:
    begun = time.monotonic()

    assert wait_until(lambda: True, 60) is True
    assert wait_until(lambda: False, 0.05) is False
    assert time.monotonic() - begun < 30


def test_a_server_gets_no_secret_and_nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "PGDATA", "PGPORT", "LC_ALL", "PYTHONPATH"):
        monkeypatch.setenv(name, "ours")

    told = plain_environment()

    assert told["LC_ALL"] == "C"
    assert "ours" not in told.values()
    assert told["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("No space left on device", "free some space"),
        ("Disk quota exceeded", "free some space"),
        ("LOG: x\nFATAL: first\nFATAL: last\nLOG: y", "FATAL: last"),
        ("# Error in line 3\nbye", "# Error in line 3"),
        ("one\ntwo\n\n", "two"),
        ("  \n", "it wrote nothing"),
    ],
)
def test_an_explanation_is_one_line_of_the_telling_words(written: str, said: str) -> None:
    message = str(explain("Valkey", "REDIS_URL", written, Path("/home/valkey.log")))

    assert said in message
    assert message.startswith("Valkey cannot start")
    assert "\n" not in message
