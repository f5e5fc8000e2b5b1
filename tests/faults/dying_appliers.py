"""Appliers that are forked from the test and killed with -9: at a point, or at any moment.

Each says in a byte of shared memory what it is doing, so that a kill counts where it landed.
"""

import mmap
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tenants.models import Tenant
from tests.faults.hurting import hurt, shorten_lease
from tests.faults.processes import Database
from webhooks import applying, processing
from xeno.lib.postgres.scope import tenant_scope

# Where an applier may be: each point and the part of the work that it belongs to.
POINTS = {
    "attempt counted": "claim",
    "claim sent": "claim",
    "claim committed": "claim",
    "rows read": "apply",
    "customers written": "apply",
    "everything written": "apply",
    "rows marked": "apply",
    "before the commit": "commit",
    "commit sent": "commit",
    "committed": "commit",
}
PARTS = ("idle", "claim", "apply", "commit")
LEASE_SECONDS = 0.1


@dataclass
class Applier:
    """What happens in the forked process."""

    place: mmap.mmap
    die_at: str = ""
    passes: int = 0
    lease: float = LEASE_SECONDS
    fixed: bool = False  # whether the handler no longer has the bug of the notes
    part: str = field(default="idle", init=False)
    claimed: bool = field(default=False, init=False)

    def enter(self, part: str) -> None:
        self.part = part
        self.place[0] = PARTS.index(part)

    def reach(self, point: str) -> None:
        if point == self.die_at and (self.claimed or point != "claim sent"):
            self.passes -= 1
            if self.passes < 0:
                self.enter(POINTS[point])
                os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self, owner: Any, name: str, part: str = "", after: str = "") -> None:
        """Say before the call what begins, and after it what has been reached."""
        healthy = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if part:
                self.enter(part)
            given = healthy(*args, **kwargs)
            if after and given != []:
                self.reach(after)
            return given

        setattr(owner, name, call)

    def arm(self) -> None:
        self.wrap(processing, "claim", "claim", after="claim committed")
        self.wrap(processing, "apply_batch", "apply", after="committed")
        self.wrap(processing, "read", after="rows read")
        self.wrap(applying.customer_actions, "save_customers", after="customers written")
        self.wrap(processing, "apply_news", after="everything written")
        self.wrap(processing, "mark", after="rows marked")
        self.wrap_run()
        self.wrap_commit()

    def wrap_run(self) -> None:
        """Of its statements only the claim's own counts: it gives the rows it has claimed."""
        healthy = processing.run

        def run(sql: str, params: Any) -> Any:
            rows = healthy(sql, params)
            if sql is processing.CLAIM:
                self.claimed = bool(rows)
                if rows:
                    self.reach("attempt counted")
            return rows

        processing.run = run

    def wrap_commit(self) -> None:
        healthy = connection._commit

        def commit() -> Any:
            if self.part == "apply":
                self.enter("commit")
                self.reach("before the commit")
            point = "commit sent" if self.part == "commit" else "claim sent"
            if point == self.die_at and self.passes <= 0 and self.claimed:
                connection.connection.pgconn.send_query(b"COMMIT")  # and never hear the answer
            self.reach(point)
            return healthy()

        connection._commit = commit


def work(applier: Applier, tenant_id: int, seconds: float) -> None:
    """Apply the inbox until it is empty, coming again while a dead one's lease holds."""
    shorten_lease(applier.lease)
    if not applier.fixed:
        hurt()
    applier.arm()
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        end = time.monotonic() + seconds
        while processing.has_pending() and time.monotonic() < end:
            processing.apply_inbox(tenant=tenant, seconds=seconds)
            applier.enter("idle")
            time.sleep(0.02)


@contextmanager
def forked(
    database: Database,
    prepare: Callable[[], object] = lambda: None,
    *,
    tenant_id: int = 0,
    seconds: float = 120.0,
    **how: Any,
) -> Iterator[tuple[int, mmap.mmap]]:
    """An applier of one store in a process of its own; gives its pid and its place."""
    place = mmap.mmap(-1, 1)
    pid = os.fork()
    if pid == 0:
        try:
            # The parent's session is not ours to end.
            connection.connection = None
            connection.settings_dict["NAME"] = database.name
            prepare()
            work(Applier(place, **how), tenant_id or database.tenant_id, seconds)
            os._exit(0)
        except BaseException:
            os._exit(1)
    try:
        yield pid, place
    finally:
        place.close()


def run_to_end(
    database: Database, prepare: Callable[[], object] = lambda: None, **how: Any
) -> tuple[int, str]:
    """How a forked applier ended: its signal (0: by itself), and in which part of the work."""
    with forked(database, prepare, **how) as (pid, place):
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) <= 0, "the applier failed"
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, PARTS[place[0]]


def kill_at_random(database: Database, chance: random.Random) -> tuple[int, str]:
    """Kill an applier from outside after a moment; how and where it ended."""
    with forked(database) as (pid, place):
        time.sleep(chance.uniform(0.05, 0.7))
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so the number is still its own
        _, status = os.waitpid(pid, 0)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, PARTS[place[0]]


def landed(endings: list[tuple[int, str]]) -> Counter[str]:
    """How many were killed in which part of the work."""
    return Counter(part for number, part in endings if number == signal.SIGKILL)
