"""Real Celery workers on a test's own database and broker, and what their logs say."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.brokers import Broker
from tests.faults.processes import ROOT, Database, wait_until

START_SECONDS = 60  # importing the project takes seconds on a machine that does other things


@dataclass
class Worker:
    """A running worker of the odd app."""

    popen: subprocess.Popen[bytes]
    log: Path
    runs_file: Path

    def runs(self, task: str = "apply_inbox") -> list[str]:
        """The ids of the runs of a task, in their order; a redelivered one comes again."""
        if not self.runs_file.exists():
            return []
        lines = [line.split() for line in self.runs_file.read_text().splitlines()]
        return [line[1] for line in lines if line[0].endswith(f".{task}")]

    def said(self, words: str) -> int:
        """How often the words are in the log."""
        return self.log.read_text(errors="replace").count(words)

    def stop(self) -> None:
        """End the worker, its children and its beat."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(20)


@contextmanager
def worker(
    database: Database,
    broker: Broker,
    folder: Path,
    *,
    children: int = 1,
    beat: bool = True,
    name: str = "worker",
    **env: str | float,
) -> Iterator[Worker]:
    """A prefork worker of the odd app, with its beat; does not wait for it to be ready."""
    argv = [sys.executable, "-m", "celery", "-q", "-A", "tests.faults.odd_worker", "worker"]
    argv += ["-P", "prefork", "-c", str(children), "-l", "INFO", "-n", f"{name}@%h"]
    argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    argv += ["-B", "-s", str(folder / f"{name}-beat")] if beat else []
    environment = {
        **database.environment(),
        "REDIS_URL": broker.url,
        "FAULT_RUNS": str(folder / "runs"),
        "C_FORCE_ROOT": "1",
        **{key: str(value) for key, value in env.items()},
    }
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        popen = subprocess.Popen(
            argv, env=environment, cwd=ROOT, start_new_session=True, stdout=out, stderr=out
        )
    started = Worker(popen, log, folder / "runs")
    try:
        yield started
    except AssertionError as error:
        error.add_note(log.read_text(errors="replace")[-3000:])
        raise
    finally:
        started.stop()


def wait_for_start(started: Worker) -> None:
    """Wait until the worker has run something: beat has it sweep at once."""
    wait_until(
        lambda: started.runs("sweep_inbox"), seconds=START_SECONDS, what="the worker's first task"
    )
