"""Children are watched, started again, and never left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xeno.embedded import supervisor as supervisor_module
from xeno.embedded.processes import is_alive
from xeno.embedded.supervisor import Master, Supervisor, describe_exit
from xeno.embedded.tests.conftest import wait_for

STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)"
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("child", child.pid)
child.wait()
"""


class Desk:
    """A supervisor and the lines it reported."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[str] = []
        self.supervisor = Supervisor(self.lines.append, folder)

    def start(self, name: str, code: str) -> None:
        self.supervisor.start(name, python(code), env())

    def watch_for(self, text: str, times: int = 1) -> str:
        deadline = time.monotonic() + 20
        while len(found := [line for line in self.lines if text in line]) < times:
            assert time.monotonic() < deadline, self.lines
            self.supervisor.watch(0.1)
        return found[-1]


def env() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def talk(supervisor: Supervisor, pids: list[int]) -> None:
    code = "import time; print('x', flush=True); time.sleep(60)"
    pids.append(supervisor.start("web", python(code), env()).process.pid)
    while True:
        supervisor.watch(0.1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    with desk.supervisor:
        yield desk


def test_every_line_says_whose_it_is(desk: Desk) -> None:
    code = "import sys; sys.stdout.buffer.write(b'one\\ntw\\xffo\\nlast without end')"

    assert desk.supervisor.run("demo", python(code), env()) == 0

    assert desk.lines == ["demo   | one", "demo   | tw\ufffdo", "demo   | last without end"]


def test_a_child_that_runs_once_gives_its_code(desk: Desk) -> None:
    assert desk.supervisor.run("migrate", python("raise SystemExit(3)"), env()) == 3
    assert desk.supervisor.children == []


def test_a_dead_child_starts_again_after_a_growing_pause(desk: Desk) -> None:
    desk.start("worker", "print('up'); raise SystemExit(7)")

    desk.watch_for("up", times=3)

    deaths = [line for line in desk.lines if "starts again" in line]
    assert deaths[0] == "worker ended with code 7; it starts again in 1 s."
    assert deaths[1].endswith("in 2 s.")


def test_what_a_dead_child_started_dies_with_it(desk: Desk) -> None:
    desk.start("web", PARENT)
    grandchild = int(desk.watch_for("child").rsplit(" ", 1)[1])

    desk.supervisor.children[0].process.kill()

    desk.watch_for("web was killed by SIGKILL")
    wait_for(lambda: not is_alive(grandchild))


def test_a_child_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "PATIENCE", 0.5)
    desk = Desk(tmp_path)
    with desk.supervisor:
        desk.start("worker", STUBBORN)
        desk.watch_for("up")
        pid = desk.supervisor.children[0].process.pid

    assert not is_alive(pid)


def test_a_reader_that_went_away_does_not_keep_the_children(tmp_path: Path) -> None:
    def report(line: str) -> None:
        raise BrokenPipeError

    pids: list[int] = []
    with pytest.raises(BrokenPipeError), Supervisor(report, tmp_path) as supervisor:
        talk(supervisor, pids)

    assert not is_alive(pids[0])


def test_a_master_that_gives_up_its_handler_ends_the_watch(tmp_path: Path) -> None:
    # what make does when it alone gets a SIGINT
    code = (
        "import signal, sys; signal.signal(2, lambda *_: None); print('on', flush=True);"
        " sys.stdin.readline(); signal.signal(2, signal.SIG_DFL); print('off', flush=True);"
        " sys.stdin.readline()"
    )
    make = subprocess.Popen(
        python(code), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert make.stdout.readline() == "on\n"
    with Supervisor(lambda line: None, tmp_path, Master(make.pid)) as supervisor:
        supervisor.watch(0)
        make.stdin.write("\n")
        assert make.stdout.readline() == "off\n"

        with pytest.raises(KeyboardInterrupt):
            supervisor.watch(0)
    make.communicate("\n")


@pytest.mark.parametrize(
    ("code", "words"), [(0, "ended with code 0"), (-9, "was killed by SIGKILL")]
)
def test_an_exit_is_told_in_words(code: int, words: str) -> None:
    assert describe_exit(code) == words
