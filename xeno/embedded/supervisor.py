"""Child processes that live and die together: started, watched, restarted, stopped."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from xeno.embedded.signals import caught_by, undisturbed

PATIENCE = 10.0  # seconds between asking a child to end and killing it
STEADY = 30.0  # seconds after which a child's earlier deaths are forgotten
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1


def follow_parent(parent: int) -> None:
    """Get SIGTERM when the parent dies, even by kill -9 (Linux; elsewhere it does nothing)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we could say so
        os.kill(os.getpid(), signal.SIGTERM)


class Master:
    """The process that started us, typically make, when we are to end with it.

    make does not pass on a SIGINT for itself alone, as an editor's stop button sends it: it gives
    its handler up and waits for us without end. The missing handler is what we can see.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._handlers = caught_by(pid)

    def ends(self) -> bool:
        """Tell whether a signal has told it to end."""
        return not self._handlers <= caught_by(self._pid)


@dataclass
class Child:
    """One process of ours, through all its restarts."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    restart: bool = True
    deaths: int = 0
    started: float = 0.0
    due: float | None = None
    exit_code: int | None = None
    process: subprocess.Popen[bytes] | None = None
    rest: bytes = field(default=b"", repr=False)

    def start(self) -> None:
        """Start the process at the head of a session of its own, apart from the terminal."""
        parent = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.argv,
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: follow_parent(parent),  # safe: this process has one thread
        )
        self.started, self.due, self.exit_code = time.monotonic(), None, None

    def signal_all(self, number: signal.Signals) -> None:
        """Send the signal to the process and to what it started, which may outlive it."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Runs children in the order of `start`; leaving the block stops them all."""

    def __init__(
        self, report: Callable[[str], None], cwd: Path, master: Master | None = None
    ) -> None:
        self.children: list[Child] = []
        self._report = report
        self._cwd = cwd
        self._master = master
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with undisturbed():
            self._stop_all()

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a child that is started again whenever it dies."""
        return self._add(Child(name, argv, env, self._cwd))

    def run(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> int:
        """Run a child to its end beside the others; return its exit code."""
        child = self._add(Child(name, argv, env, self._cwd, restart=False))
        while child.exit_code is None:
            self.watch(0.2)
        self.children.remove(child)
        return child.exit_code

    def watch(self, patience: float) -> None:
        """Look after the children for so long at most; KeyboardInterrupt when the master ends."""
        self._tend(patience)
        if self._master is not None and self._master.ends():
            raise KeyboardInterrupt

    def _tend(self, patience: float) -> None:
        """Pass on what the children write, and start the dead again."""
        for key, _ in self._selector.select(patience):
            self._read(key.data)
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child)
            elif child.due is not None and time.monotonic() >= child.due:
                self._launch(child)

    def _add(self, child: Child) -> Child:
        self.children.append(child)
        self._launch(child)
        return child

    def _launch(self, child: Child) -> None:
        child.start()
        output = child.process.stdout if child.process else None
        if output is not None:
            os.set_blocking(output.fileno(), False)
            self._selector.register(output, selectors.EVENT_READ, child)

    def _read(self, child: Child) -> None:
        output = child.process.stdout if child.process else None
        try:
            chunk = os.read(output.fileno(), 65536) if output is not None else b""
        except BlockingIOError:
            return
        if not chunk and output is not None:
            # it closed its output; unread, an end of file would wake us for ever
            with suppress(KeyError):
                self._selector.unregister(output)
        *lines, child.rest = (child.rest + chunk).split(b"\n")
        for line in lines:
            self._say(child, line)

    def _say(self, child: Child, line: bytes) -> None:
        self._report(f"{child.name:<7}| {line.decode(errors='replace').rstrip()}")

    def _bury(self, child: Child) -> None:
        """Report a dead child, end what it left behind, and plan its return."""
        process = child.process
        if process is None:
            return
        child.signal_all(signal.SIGKILL)  # a worker of a dead web server would keep the port
        self._read(child)
        if child.rest:
            self._say(child, child.rest)
        if process.stdout is not None:
            with suppress(KeyError):
                self._selector.unregister(process.stdout)
            process.stdout.close()
        child.process, child.rest, child.exit_code = None, b"", process.returncode
        if child.restart:
            child.deaths = 1 if time.monotonic() - child.started > STEADY else child.deaths + 1
            pause = min(2.0 ** (child.deaths - 1), LONGEST_PAUSE)
            child.due = time.monotonic() + pause
            how = describe_exit(process.returncode)
            self._report(f"{child.name} {how}; it starts again in {pause:.0f} s.")

    def _stop_all(self) -> None:
        for child in self.children:
            child.restart, child.due = False, None
            child.signal_all(signal.SIGTERM)
        self._wait_gone(PATIENCE)
        for child in self.children:
            child.signal_all(signal.SIGKILL)
        self._wait_gone(PATIENCE)
        self._selector.close()

    def _wait_gone(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while any(child.process for child in self.children) and time.monotonic() < deadline:
            # nobody may be left to read what we write: the children must go all the same
            with suppress(OSError):
                self._tend(0.1)


def describe_exit(code: int) -> str:
    """Say how a process ended."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
