"""Workers that are forked from the test, send a campaign, and are killed with -9 meanwhile.

Each says in a byte of shared memory what it is doing, so that a kill counts where it landed.
"""

import mmap
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from campaigns.models import Campaign
from campaigns.providers import smtp
from campaigns.sending import claiming, handing, rates, settling, starting
from tenants.models import Tenant
from tests.faults.dying import Dying, parts_of
from tests.faults.mail_sink import MailSink
from tests.faults.processes import Database
from xeno.lib.postgres.scope import tenant_scope

# Where a worker may be, and the part of the work that it belongs to.
POINTS = {
    "rows locked": "claim",
    "claim committed": "claim",
    "few marked": "hand-over",
    "accepted": "hand-over",
    "before settling": "settle",
    "settled": "settle",
}
PARTS = parts_of(POINTS)


@dataclass(frozen=True)
class Times:
    """Seconds that a test cannot wait for; the product's own where None is given."""

    claim: float = 1.0
    hand_over: float = 2.0
    answer: float = 0.4
    circuit: float = 0.3

    def apply(self) -> None:
        swap(claiming, "SETTLE", f"{claiming.SECONDS} seconds", f"{self.claim} seconds")
        known = f"{settling.HAND_OVER_SECONDS} seconds"
        swap(settling, "STEP", known, f"{self.hand_over} seconds")
        swap(rates, "OPEN", f"interval '{rates.FIRST_PAUSE} s", f"interval '{self.circuit} s")
        swap(rates, "OPEN", f"{rates.FIRST_PAUSE} * 2", f"{self.circuit} * 2")
        swap(rates, "OPEN", f"LEAST({rates.LONGEST_PAUSE}, ", "LEAST(1, ")
        smtp.SECONDS = self.answer  # type: ignore[assignment]


def swap(module: Any, name: str, known: str, wanted: str) -> None:
    """Other words in a statement of this process."""
    sql = getattr(module, name)
    assert known in sql, "the statement has changed: put this right"
    setattr(module, name, sql.replace(known, wanted))


class Worker(Dying):
    """What happens in the forked process."""

    points = POINTS

    def arm(self) -> None:
        """Reach the points in the course of the product's own functions."""
        names: Any = claiming  # it exports nothing that it imports
        take, claim = names.run, names.claim
        step, hand_over_one = settling.step, smtp.SmtpSession.hand_over_one

        def taking(sql: str, params: Any) -> Any:
            rows = take(sql, params)
            if sql is claiming.TAKE and rows:
                self.reach("rows locked")
            return rows

        def claim_them(**told: Any) -> Any:
            claimed = claim(**told)
            if claimed:
                self.reach("claim committed")
            return claimed

        def step_on(**told: Any) -> Any:
            if told["outcomes"]:
                self.reach("before settling")
            begun = step(**told)
            if told["outcomes"]:
                self.reach("settled")
            if begun:
                self.reach("few marked")
            return begun

        def hand_one_over(*told: Any) -> Any:
            outcome = hand_over_one(*told)
            self.reach("accepted")
            return outcome

        names.run, names.claim = taking, claim_them
        settling.step = step_on
        session: Any = smtp.SmtpSession
        session.hand_over_one = hand_one_over


def send_until_sent(tenant_id: int) -> None:
    """Turn after turn, as the tasks do; a lost database costs a turn."""
    while True:
        try:
            with tenant_scope(tenant_id):
                tenant = Tenant.objects.get(pk=tenant_id)
                handing.send_turn(tenant=tenant, seconds=1)
                if is_over():
                    return
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.05)


def is_over() -> bool:
    """Whether no campaign of the open store is on its way."""
    ways = [starting.State.SCHEDULED, starting.State.SENDING]
    return not Campaign.objects.filter(state__in=ways).exists()


@dataclass
class Sender:
    """A forked worker, as the test sees it."""

    pid: int
    place: mmap.mmap
    ended: int | None = None

    def look(self) -> bool:
        """Whether it has ended."""
        if self.ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = os.waitstatus_to_exitcode(status)
                assert self.ended <= 0, "the worker failed"
        return self.ended is not None

    def was_killed(self) -> bool:
        return self.ended == -signal.SIGKILL

    def part(self) -> str:
        """Where its failpoint was."""
        return PARTS[self.place[0]]

    def kill(self) -> None:
        """kill -9, wherever it is; nothing when it has ended."""
        if not self.look():
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self.ended = os.waitstatus_to_exitcode(status)


def start_sender(
    database: Database,
    sink: MailSink,
    *,
    times: Times | None = None,
    prepare: Callable[[], None] = lambda: None,
    **how: Any,
) -> Sender:
    """Fork a worker that sends of the database's store into the sink."""
    place = mmap.mmap(-1, 1)
    connection.close()
    pid = os.fork()
    if pid:
        return Sender(pid, place)
    try:
        connection.settings_dict.update(NAME=database.name, **database.app)
        settings.CAMPAIGN_PROVIDER, settings.EMAIL_HOST = "smtp", "127.0.0.1"
        settings.EMAIL_PORT, settings.EMAIL_HOST_USER = sink.port, ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_PASSWORD = ""
        (times or Times()).apply()
        Worker(place, **how).arm()
        prepare()
        send_until_sent(database.tenant_id)
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
