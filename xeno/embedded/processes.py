"""Servers that outlive the process that started them: find, signal, wait."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xeno.embedded.errors import EngineError

PROC = Path("/proc")


def find_server(name: str, pid_file: Path, folder: Path) -> int | None:
    """Return the id of the server of this name that wrote the file and works in the folder."""
    try:
        pid = int(pid_file.read_text().split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None
    if not is_alive(pid):
        return None
    # after a reboot the number may be anybody's; both servers stay in their folder. A container's
    # root may not look at another user's process, such as PostgreSQL's: then the name must do
    return pid if _works(name, pid, folder) is not False else None


def find_orphans(name: str, folder: Path) -> list[int]:
    """Return the processes of this name that work in this folder; none where there is no /proc."""
    pids = [int(entry.name) for entry in PROC.glob("[0-9]*")] if PROC.exists() else []
    return [pid for pid in pids if _works(name, pid, folder) and is_alive(pid)]


def _works(name: str, pid: int, folder: Path) -> bool | None:
    """Tell whether this is a process of this name in this folder; None when nobody says where."""
    if not PROC.exists():
        return None
    try:
        found = (PROC / str(pid) / "comm").read_text().strip()
        return found == name and os.path.samefile(PROC / str(pid) / "cwd", folder)
    except PermissionError:
        return None
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    """Tell whether the process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    # what was left to a container's first process may never be reaped
    if not PROC.exists():
        return False
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True  # gone in this moment


def stop_server(pid: int, steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send the signals in turn, each with its patience in seconds, until the process is gone."""
    for number, patience in steps:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_until(lambda: not is_alive(pid), patience):
            return
    raise EngineError(f"Process {pid} does not stop: end it by hand (kill -9 {pid}).")


def wait_until(condition: Callable[[], bool], patience: float) -> bool:
    """Wait until the condition holds, at most so many seconds; tell whether it does."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def plain_environment() -> Mapping[str, str]:
    """Return an environment for a server: none of our secrets, no PGDATA or PGPORT of the user."""
    kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}


def explain(engine: str, setting: str, output: str, log: Path) -> EngineError:
    """Turn what a server wrote before it gave up into one line that says what to do."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return EngineError(
            f"{engine} cannot start, the disk under {log.parent} is full:"
            " free some space, or set XENO_HOME to a folder on another disk."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it wrote nothing"]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return EngineError(
        f"{engine} cannot start ({telling[-1]}): see {log}, or set {setting} to your own server."
    )
