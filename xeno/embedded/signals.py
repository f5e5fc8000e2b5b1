"""Signals that end a holder, turned into exceptions that run its `finally` blocks."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Endings:
    """SIGTERM and SIGHUP become SystemExit; in a block that must not be cut short, all wait."""

    def __init__(self) -> None:
        self._depth = 0
        self._waiting: int | None = None

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catch the signals that nobody else handles; only the main thread can."""
        replaced = {}
        if threading.current_thread() is threading.main_thread():
            found = {number: signal.getsignal(number) for number in ENDING}
            untouched = (signal.SIG_DFL, signal.default_int_handler)
            replaced = {n: handler for n, handler in found.items() if handler in untouched}
        for number in replaced:
            signal.signal(number, self._end)
        try:
            yield
        finally:
            for number, handler in replaced.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let a signal wait until the end of the block: half a start would be left behind."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
        if self._waiting is not None and self._depth == 0:
            self._end(self._waiting, None)

    def _end(self, number: int, frame: FrameType | None) -> None:
        if self._depth:
            self._waiting = number
        elif number == signal.SIGINT:
            # as Python does it: shells and servers have their own answer to Ctrl-C
            signal.default_int_handler(number, frame)
        else:
            raise SystemExit(128 + number)


def caught_by(pid: int) -> frozenset[int]:
    """Return which of the ending signals the process has a handler for; none without /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return frozenset()
    mask = int(next((line.split()[1] for line in lines if line.startswith("SigCgt:")), "0"), 16)
    return frozenset(number for number in ENDING if mask >> (number - 1) & 1)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore further signals that would end the process, because it is just ending."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
