"""Workers that are forked from the test and killed with -9 while they bring a sync on.

Each says in a byte of shared memory what it is doing, so that a kill counts where it landed.
"""

import mmap
import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from tenants.models import Tenant
from tests.faults.dying import Dying, parts_of
from tests.faults.hurting import shorten_lease
from tests.faults.processes import Database
from webhooks import processing
from webhooks.backfill import applying, running, spool
from webhooks.reconciliation import mending
from xeno.lib.postgres.scope import tenant_scope

# Where a worker may be, and the part of the work that it belongs to.
POINTS = {
    "turn taken": "claim",
    "webhooks claimed": "claim",
    "a line fetched": "fetch",
    "file whole": "fetch",
    "news written": "apply",
    "before the mark": "apply",
    "webhooks written": "apply",
}
PARTS = parts_of(POINTS)
LEASE_SECONDS = 0.1


class Worker(Dying):
    """What happens in the forked process."""

    points = POINTS

    def wrap(self, owner: Any, name: str, point: str) -> None:
        """Reach the point whenever the call has done something."""
        healthy = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            given = healthy(*args, **kwargs)
            if given or point in ("news written", "webhooks written"):
                self.reach(point)
            return given

        setattr(owner, name, call)

    def arm(self) -> None:
        self.wrap(running, "take", "turn taken")
        self.wrap(processing, "claim", "webhooks claimed")
        self.wrap(running, "apply_groups", "before the mark")
        self.wrap(spool, "fetch", "file whole")
        self.wrap(processing, "apply_news", "webhooks written")
        self.wrap(mending, "apply_news", "news written")
        self.wrap(applying, "apply_news", "news written")
        healthy = spool.http.read_lines

        def read_lines(url: str) -> Iterator[bytes]:
            for line in healthy(url):
                self.reach("a line fetched")
                yield line

        spool.http.read_lines = read_lines


def work(worker: Worker, tenant_id: int, turns: int) -> None:
    """Bring the sync on and the inbox off for so many turns, or until there is nothing to do."""
    shorten_lease(LEASE_SECONDS)
    running.LEASE = timedelta(seconds=LEASE_SECONDS)
    running.count_for = lambda size, roots: 6  # a small file has a large one's partitions
    worker.arm()
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        for _ in range(turns):
            running.cut_pause()
            running.advance(tenant=tenant, seconds=0)
            processing.apply_inbox(tenant=tenant, seconds=0)
            if running.find_running() is None and not processing.has_pending():
                break
            time.sleep(0.01)


def run_worker(database: Database, *, turns: int = 10_000, **how: Any) -> tuple[int, str]:
    """How a forked worker ended: its signal (0: by itself), and in which part of the work."""
    place = mmap.mmap(-1, 1)
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            connection.connection = None
            connection.settings_dict["NAME"] = database.name
            work(Worker(place, **how), database.tenant_id, turns)
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    part = PARTS[place[0]]
    place.close()
    assert os.waitstatus_to_exitcode(status) <= 0, "the worker failed"
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), part


def landed(endings: Iterable[tuple[int, str]]) -> Counter[str]:
    """How many were killed in which part of the work."""
    return Counter(part for number, part in endings if number == signal.SIGKILL)
