"""Who holds the engines of a home: the first starts them, all share them, the last stops them.

Every holder has a shared lock on a file; a killed holder's lock goes with it, and the engines
that it leaves behind are found and used by the next. Starting and stopping happen under one
exclusive lock.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from xeno.embedded import postgres as postgres_engine
from xeno.embedded import valkey as valkey_engine
from xeno.embedded.errors import EngineError
from xeno.embedded.home import Engines, Home, open_home
from xeno.embedded.signals import Endings
from xeno.embedded.sockets import close_sockets

ENGINES = {"postgres": postgres_engine, "valkey": valkey_engine}
TURN = "engines.lock"
PATIENCE = 330.0  # a start may have to replay the log of a crash first


@contextmanager
def hold(home: Path, *, postgres: bool = True, redis: bool = True) -> Iterator[Engines]:
    """Keep the engines running while the block runs; the last of all holders stops them.

    Leave one out where the project uses a server of its own instead. SIGINT, SIGTERM and SIGHUP
    end the block by SystemExit(128 + signal), so that the engines are stopped then too.
    """
    place = open_home(home)
    wanted = [name for name, asked in (("postgres", postgres), ("valkey", redis)) if asked]
    endings, locks, holder = Endings(), dict[str, int](), os.getpid()
    with endings.caught():
        try:
            for name in wanted:
                _join(place, name, locks, endings)
            yield place.engines()
        finally:
            # a fork of the holder shares its locks and must not stop anything
            if os.getpid() == holder:
                with endings.deferred():
                    for name in reversed(wanted):
                        _leave(place, name, locks)


def _join(home: Home, name: str, locks: dict[str, int], endings: Endings) -> None:
    engine = ENGINES[name]
    turn = _take_turn(home)
    try:
        with endings.deferred(), _in_one_line(home):
            locks[name] = _open_lock(home, f"{name}.holders")
            fcntl.flock(locks[name], fcntl.LOCK_SH)
            engine.start(home)
    finally:
        os.close(turn)


def _leave(home: Home, name: str, locks: dict[str, int]) -> None:
    if name not in locks:
        return
    turn = _take_turn(home)
    try:
        if _is_last(locks[name]):
            _stop(home, ENGINES[name])
    finally:
        os.close(locks.pop(name))
        os.close(turn)


def _stop(home: Home, engine: ModuleType) -> None:
    with _in_one_line(home):
        engine.stop(home)
        close_sockets(home)


def _is_last(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take_turn(home: Home) -> int:
    """Return the descriptor whose closing lets the next process start or stop engines."""
    lock = _open_lock(home, TURN)
    deadline = time.monotonic() + PATIENCE
    while not _is_last(lock):
        if time.monotonic() > deadline:
            os.close(lock)
            raise EngineError(
                f"Another process holds {home.path / TURN} for too long: look for it and end it."
            )
        time.sleep(0.05)
    return lock


def _open_lock(home: Home, name: str) -> int:
    with _in_one_line(home):
        return os.open(home.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _in_one_line(home: Home) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise EngineError(
            f"The engines of {home.path} cannot run ({problem}):"
            " set XENO_HOME to a folder that you may write, on a disk with space."
        ) from problem
