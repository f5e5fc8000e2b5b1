"""Messages from a frozen campaign to a mail server: beside what Django does by itself.

Everything of the product is on: claims, consent read again, marks and settling committed, Liquid,
signed links, the pixel. The base renders a template of Django's with the same words, builds an
`EmailMultiAlternatives` and sends it over one connection that stays open, and keeps no record.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from uuid import uuid4

import django

from bench.figures import REPETITIONS, Figure, in_turn, middle, spread
from bench.machinery import ROOT, busy_seconds, resident_bytes
from bench.outbox import Outbox
from bench.sinking import counted, sinking
from bench.stock import Stock

Done = Callable[[], object]
MEGABYTE = 1 << 20
CHUNKS = 4  # of the run whose memory is watched


def measurements() -> int:
    """How many single ones there are."""
    return 8 * REPETITIONS + CHUNKS


class Sending:
    """Processes that send, kept from one repetition to the next."""

    def __init__(self, tenant_id: int, port: int, count: int) -> None:
        env = {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        command = [sys.executable, "-m", "bench.handing", "send", str(tenant_id)]
        self.workers = [
            subprocess.Popen(command, env=env, cwd=ROOT, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
            for _ in range(count)
        ]  # fmt: skip
        for worker in self.workers:
            self.hear(worker)

    @staticmethod
    def hear(worker: Any) -> None:
        """Wait until it is ready for the next campaign."""
        if worker.stdout.readline().strip() != b"ready":
            raise SystemExit("A sending process failed: see above.")

    def send(self) -> float:
        """Seconds until all that is frozen has left."""
        began = time.perf_counter()
        for worker in self.workers:
            assert worker.stdin is not None
            worker.stdin.write(b"go\n")
            worker.stdin.flush()
        for worker in self.workers:
            self.hear(worker)
        return time.perf_counter() - began

    def resident_bytes(self) -> int:
        """What they hold in memory."""
        return sum(resident_bytes(worker.pid) for worker in self.workers)

    def stop(self) -> None:
        """Let them end."""
        for worker in self.workers:
            assert worker.stdin is not None
            worker.stdin.close()
            try:
                worker.wait(10)
            except subprocess.TimeoutExpired:
                worker.kill()


def send_when_told(tenant_id: int) -> None:
    """A process of `Sending`: all that can leave, at each line that is read."""
    from campaigns.sending import handing
    from tenants.models import Tenant
    from xeno.lib.postgres.scope import tenant_scope

    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        print("ready", flush=True)
        for _ in sys.stdin:
            while handing.send_turn(tenant=tenant):
                pass
            print("ready", flush=True)


class Rows:
    """Claims and settling alone, the product's own: nothing is handed over between."""

    def __init__(self, *, marking: bool) -> None:
        self.marking = marking  # whether the mark between is timed, which belongs to the hand-over

    def send(self, outbox: Outbox, campaign: Any) -> float:
        """Seconds until all are claimed, marked and settled, a claim's messages a commit."""
        from campaigns.sending import claiming, settling
        from campaigns.sending.settling import Outcome
        from campaigns.settings import settings_of

        tenant, began, marks = outbox.tenant, time.perf_counter(), 0.0
        holder, rules = uuid4(), settings_of(outbox.tenant)
        while claimed := claiming.claim(
            tenant=tenant, campaign=campaign, holder=holder, rules=rules
        ):
            shared: dict[str, Any] = {"tenant": tenant, "holder": holder, "provider": "smtp"}
            attempts = {message.id: message.attempts for message in claimed}
            at = time.perf_counter()
            settling.step(**shared, outcomes=[], attempts=attempts, following=list(attempts))
            marks += time.perf_counter() - at
            taken = [Outcome(pk, "sent", provider_id=f"{pk:X}") for pk in attempts]
            settling.step(**shared, outcomes=taken, attempts=attempts, ending=True)
            holder = uuid4()
        return time.perf_counter() - began - (0 if self.marking else marks)


class Turns:
    """Whole claims in steps of five, with words and a mail server that cost nothing."""

    name: ClassVar[str] = "smtp"

    def write(self, claimed: Any) -> Iterator[Any]:
        """Each message in no words."""
        from campaigns.sending.ready import Ready

        return (Ready(m.id, "", "", "", m.address, "", "", "", "") for m in claimed)

    def hand_over(self, messages: Any, meanwhile: Any) -> list[Any]:
        """All are taken."""
        from campaigns.sending.settling import Outcome

        return [Outcome(each.id, "sent", provider_id=f"{each.id:X}") for each in messages]

    def send(self, outbox: Outbox, campaign: Any) -> float:
        """Seconds until all are settled."""
        from campaigns.sending.handing import send_claim
        from campaigns.settings import settings_of

        began, rules = time.perf_counter(), settings_of(outbox.tenant)
        while send_claim(outbox.tenant, campaign, rules, self, self, self):  # type: ignore[arg-type]
            pass
        return time.perf_counter() - began


class Dialogue:
    """The SMTP hand-over alone: messages in their final words, over one connection."""

    def __init__(self, outbox: Outbox) -> None:
        from campaigns.content.writing import CampaignWriter
        from campaigns.sending.claiming import Claimed

        campaign = outbox.freeze(500)
        found = campaign.messages.values_list("pk", "customer_id", "address", "variant")
        claimed = [Claimed(pk, who, address, key, 1) for pk, who, address, key in found]
        self.messages: Any = CampaignWriter(tenant=outbox.tenant, campaign=campaign).prepare(
            claimed
        )

    def send(self, port: int) -> float:
        """Seconds a message."""
        from campaigns.providers.smtp import SmtpProvider
        from campaigns.sending.handing import FEW

        began = time.perf_counter()
        with SmtpProvider(host="127.0.0.1", port=port).open() as session:
            for first in range(0, len(self.messages), FEW):
                few = self.messages[first : first + FEW]
                assert all(each.state == "sent" for each in session.hand_over(few))
        return (time.perf_counter() - began) / len(self.messages)


class Measured:
    """The measurements over one sink and one store."""

    def __init__(self, outbox: Outbox, port: int, each: int, on_done: Done) -> None:
        self.outbox, self.port, self.each, self.on_done = outbox, port, each, on_done
        self.sunk: list[float] = []  # the sink's processor time over the whole time
        self.busy: dict[int, list[float]] = {1: [], 2: []}  # the machine's, by how many send

    def sent(self, work: Callable[[], float], people: int) -> float:
        """Messages a second, all of which the sink took once."""
        before, used = counted(self.port)
        seconds = work()
        after, used_then = counted(self.port)
        assert after - before == people, f"{after - before} of {people} arrived"
        self.sunk.append((used_then - used) / seconds)
        return people / seconds

    def through(self, sending: Sending) -> float:
        """Messages a second through these processes."""
        self.outbox.freeze(self.each)
        before, began = busy_seconds(), time.perf_counter()
        rate = self.sent(sending.send, self.each)
        share = (busy_seconds() - before) / (time.perf_counter() - began) / (os.cpu_count() or 1)
        self.busy[len(sending.workers)].append(share)
        return rate

    def beside_stock(self, one: Sending, two: Sending) -> list[Figure]:
        """One process beside Django's own way, and two beside one."""
        stock = Stock(self.outbox)
        for warm in (one, two):
            self.through(warm)
        base, ours, both = in_turn(
            lambda: self.sent(lambda: stock.send(self.port, self.each), self.each),
            lambda: self.through(one),
            lambda: self.through(two),
            on_done=self.on_done,
        )
        sink = f"the sink used {max(self.sunk):.0%} of a processor at most"
        alone, together = (middle(self.busy[count]) for count in (1, 2))
        return [
            row("one process, from claim to settled, through SMTP",
                f"`EmailMultiAlternatives`, a template a message, one kept connection; {sink}",
                ours, base, 1.5, 2),
            row("two processes on two processors, which the sink and PostgreSQL share",
                f"one process; processors are busy {alone:.0%} with it, {together:.0%} with two",
                both, ours, 1.6, 1.8),
        ]  # fmt: skip

    def beside_smtp(self, one: Sending) -> list[Figure]:
        """Claiming and settling beside the hand-over."""
        dialogue = Dialogue(self.outbox)

        def alone(way: Rows | Turns) -> float:
            return self.each / way.send(self.outbox, self.outbox.freeze(self.each))

        smtp, rows, marked, turns, whole = in_turn(
            lambda: 1 / dialogue.send(self.port),
            lambda: alone(Rows(marking=False)),
            lambda: alone(Rows(marking=True)),
            lambda: alone(Turns()),
            lambda: self.through(one),
            on_done=self.on_done,
        )
        whole_rate = "messages that one process hands over by SMTP, from claim to settled"
        steps = "the same in steps of 5 a commit, as between two hand-overs"
        return [
            row("claim and settle, a claim of 100 a commit each", whole_rate, rows, whole, 10, 15),
            row("the same and the mark between, which belongs to a hand-over", whole_rate, marked,
                whole, None, None),
            row(steps, whole_rate, turns, whole, None, None),
            row(steps, "the dialogue of SMTP alone, words ready", turns, smtp, None, None),
        ]  # fmt: skip

    def memory(self, one: Sending) -> Figure:
        """What one process holds while it sends a long campaign."""
        before = one.resident_bytes()
        held = []
        for _ in range(CHUNKS):
            self.outbox.freeze(self.outbox.people)
            self.sent(one.send, self.outbox.people)
            held.append(one.resident_bytes())
            self.on_done()
        late = (held[-1] - held[CHUNKS // 2 - 1]) / MEGABYTE
        return Figure(
            f"memory of one process through {CHUNKS * self.outbox.people:,} messages",
            "the same after its first ones",
            f"{(held[-1] - before) / MEGABYTE:+.0f} MB at the end, {late:+.0f} in the second half",
            f"{before / MEGABYTE:.0f} MB",
            (max(held) - before) / MEGABYTE,
            f"{(max(held) - before) / MEGABYTE:+.0f} MB",
            20,
            5,
            more_is_better=False,
        )


def row(work: str, against: str, ours: list[float], base: list[float], gate: float | None,
        aim: float | None) -> Figure:  # fmt: skip
    """A row about two rates."""
    ratio = middle([o / b for o, b in zip(ours, base, strict=True)])
    mine, theirs = (f"{middle(rates):,.0f}/s ({spread(rates)})" for rates in (ours, base))
    return Figure(work, against, mine, theirs, ratio, f"{ratio:.2f}", gate, aim, rate=middle(ours))


def measure(each: int, people: int, on_done: Done) -> list[Figure]:
    """Every row, with `each` messages a repetition and `people` in a chunk of the long run."""
    from xeno.lib.postgres.scope import tenant_scope

    outbox = Outbox(os.environ["DATABASE_ADMIN_URL"], people)
    with sinking() as port, tenant_scope(outbox.tenant.pk):
        measured = Measured(outbox, port, each, on_done)
        one, two = (Sending(outbox.tenant.pk, port, count) for count in (1, 2))
        try:
            figures = measured.beside_stock(one, two)
            figures += measured.beside_smtp(one)
            return [*figures, measured.memory(one)]
        finally:
            one.stop()
            two.stop()


def main(arguments: list[str]) -> None:
    """Print the figures, one JSON a line, and a line `done` for each measurement."""
    django.setup()
    if arguments[0] == "send":
        send_when_told(int(arguments[1]))
        return
    each, people = map(int, arguments)
    for figure in measure(each, people, lambda: print("done", flush=True)):
        print(json.dumps(figure.as_dict()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
