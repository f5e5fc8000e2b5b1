"""Messages from a frozen campaign to a mail server: beside what Django does by itself.

Everything of the product is on: claims, consent read again, marks and settling committed, Liquid,
signed links, the pixel. The base renders a template of Django's with the same words, builds an
`EmailMultiAlternatives` and sends it over one connection that stays open, and keeps no record.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import uuid4

import django
import psycopg

from bench.arrival import make_store
from bench.figures import REPETITIONS, Figure, in_turn, middle, spread
from bench.machinery import ROOT, cpu_seconds, free_port, process, resident_bytes

Done = Callable[[], object]
MEGABYTE = 1 << 20
CHUNKS = 4  # of the run whose memory is watched
PEOPLE = """
    INSERT INTO customers_customer (tenant_id, shopify_id, email, first_name, last_name, country,
        email_consent, orders_count, total_spent, orders_count_source, total_spent_source,
        created_at, updated_at, triggered_at, version_order_id, synced_at)
    SELECT %(tenant)s, 6000000000 + n, 'c' || n || '@example.com', 'Ada' || n %% 997,
        'Abbott' || n, 'GB', 'subscribed', 0, 0, 'computed', 'computed', now(), now(), now(), 0,
        now()
    FROM generate_series(1, %(people)s) n
"""
MEMBERS = """
    INSERT INTO segments_segmentmember (tenant_id, segment_id, customer_id, valid_from)
    SELECT tenant_id, %(segment)s, id, now() FROM customers_customer
    WHERE tenant_id = %(tenant)s ORDER BY id LIMIT %(people)s
"""


def measurements() -> int:
    """How many single ones there are."""
    return 7 * REPETITIONS + CHUNKS


class Outbox:
    """A store with people, and campaigns to all of them."""

    def __init__(self, admin_url: str, people: int) -> None:
        from campaigns.content.library import LIBRARY
        from campaigns.models import Sender, SendingSettings
        from tenants.models import Tenant
        from xeno.lib.postgres.scope import tenant_scope

        self.admin_url, self.people = admin_url, people
        self.tenant = Tenant.objects.get(pk=make_store(admin_url))
        self.words = LIBRARY["newsletter"]
        self.execute(PEOPLE, {"people": people})
        with tenant_scope(self.tenant.pk):
            SendingSettings.objects.create(postal_address="1 Harbour Street, York", provider="smtp")
            self.sender = Sender.objects.create(name="Bench", email="news@bench.example")

    def execute(self, sql: str, params: dict[str, Any]) -> None:
        """One statement as the tables' owner."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(sql, {**params, "tenant": self.tenant.pk})

    def freeze(self, people: int) -> Any:
        """A campaign to so many of them, frozen; those before it are forgotten."""
        from django.db.models.functions import Now
        from django.utils import timezone

        from campaigns.models import Campaign
        from campaigns.sending import starting
        from segments.models import Segment

        for table in ("campaigns_message", "campaigns_link", "campaigns_audience",
                      "campaigns_campaign", "segments_segmentmember"):  # fmt: skip
            self.execute(f"DELETE FROM {table} WHERE tenant_id = %(tenant)s", {})
        segment = Segment.objects.create(name=uuid4().hex, kind="static")
        self.execute(MEMBERS, {"segment": segment.pk, "people": people})
        self.execute("VACUUM (ANALYZE) campaigns_message, segments_segmentmember", {})
        made = Campaign.objects.create(
            name="Spring", sender=self.sender, subject=self.words.subject, html=self.words.html,
            preheader=self.words.preheader, state="scheduled", scheduled_for=timezone.now(),
        )  # fmt: skip
        made.audiences.create(segment=segment)
        assert starting.freeze(tenant=self.tenant, campaign=made)
        Campaign.objects.filter(pk=made.pk).update(progressed_at=Now())
        made.refresh_from_db()
        return made


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

    def cpu_seconds(self) -> float:
        """What they have used."""
        return sum(cpu_seconds(worker.pid) for worker in self.workers)

    def resident_bytes(self) -> int:
        """What they hold in memory."""
        return sum(resident_bytes(worker.pid) for worker in self.workers)

    def stop(self) -> None:
        """Let them end."""
        for worker in self.workers:
            assert worker.stdin is not None
            worker.stdin.close()
            worker.wait(10)


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


class Stock:
    """Django's own way: a template a message, `EmailMultiAlternatives`, one kept connection."""

    # The library's Liquid in Django's spelling.
    SPELLINGS: ClassVar = [(r"\| default: (['\"].*?['\"])", r"|default:\1")]

    def __init__(self, outbox: Outbox) -> None:
        from django.template import engines

        from campaigns.content.links import hrefs_of
        from campaigns.content.masking import mask, unmask
        from campaigns.content.plain import to_text

        self.outbox = outbox
        html, pieces = mask(outbox.words.html)
        text = unmask(to_text(html), pieces)
        assert list(hrefs_of(html))
        engine = engines["django"]
        self.parts = {
            name: engine.from_string(self.spelt(words))
            for name, words in {
                "subject": outbox.words.subject, "html": outbox.words.html, "text": text,
            }.items()
        }  # fmt: skip
        self.shared = {
            "store": {
                "name": outbox.tenant.name,
                "url": f"https://{outbox.tenant.shop_domain}",
                "postal_address": "1 Harbour Street, York",
            }
        }

    def spelt(self, words: str) -> str:
        """A template of Django's."""
        for liquid, own in self.SPELLINGS:
            words = re.sub(liquid, own, words)
        return words

    def send(self, port: int, people: int) -> float:
        """Seconds for so many."""
        from django.core.mail import get_connection

        from customers.models import Customer

        found = Customer.objects.order_by("pk").values("pk", "email", "first_name")[:people]
        backend = "django.core.mail.backends.smtp.EmailBackend"
        began = time.perf_counter()
        with get_connection(backend, host="127.0.0.1", port=port) as connection:
            for person in found.iterator(1_000):
                self.message(person, connection).send()
        return time.perf_counter() - began

    def message(self, person: dict[str, Any], connection: Any) -> Any:
        """One person's."""
        from django.core.mail import EmailMultiAlternatives

        unsubscribe = f"https://bench.example/u/{person['pk']:044}"
        fields = {
            **self.shared,
            "customer": person,
            "unsubscribe_url": unsubscribe,
            "preferences_url": f"https://bench.example/p/{person['pk']:044}",
        }
        words = {name: part.render(fields) for name, part in self.parts.items()}
        made = EmailMultiAlternatives(
            words["subject"].strip(), words["text"], "Bench <news@bench.example>",
            [person["email"]], connection=connection,
            headers={
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )  # fmt: skip
        made.attach_alternative(words["html"], "text/html")
        return made


class Rows:
    """Claims and settling alone: words and a mail server that cost nothing."""

    name: ClassVar[str] = "smtp"

    def prepare(self, claimed: Any) -> list[Any]:
        """Each message in no words."""
        from campaigns.sending.ready import Ready

        return [Ready(m.id, "", "", "", m.address, "", "", "", "") for m in claimed]

    def hand_over(self, messages: Any) -> list[Any]:
        """All are taken."""
        from campaigns.sending.settling import Outcome

        return [Outcome(message.id, "sent", provider_id="1") for message in messages]

    def send(self, outbox: Outbox, campaign: Any) -> float:
        """Seconds until all are settled."""
        from campaigns.sending.handing import send_claim

        began = time.perf_counter()
        while send_claim(outbox.tenant, campaign, self, self, self):  # type: ignore[arg-type]
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
        from campaigns.sending.handing import batched_few

        began = time.perf_counter()
        with SmtpProvider(host="127.0.0.1", port=port).open() as session:
            for few in batched_few(self.messages):
                assert all(each.state == "sent" for each in session.hand_over(few))
        return (time.perf_counter() - began) / len(self.messages)


@contextmanager
def sinking() -> Iterator[int]:
    """The mail server in a process of its own; its port."""
    import smtplib

    port = free_port()
    with process([str(ROOT / "bench" / "sink.py"), str(port)], os.environ):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                smtplib.SMTP("127.0.0.1", port).quit()
                break
            except OSError:
                time.sleep(0.05)
        yield port


def counted(port: int) -> tuple[int, float]:
    """How many messages the sink took, and what processor time it used."""
    import smtplib

    with smtplib.SMTP("127.0.0.1", port) as asking:
        messages, seconds = asking.docmd("XCOUNT")[1].split()
    return int(messages), float(seconds)


class Measured:
    """The measurements over one sink and one store."""

    def __init__(self, outbox: Outbox, port: int, each: int, on_done: Done) -> None:
        self.outbox, self.port, self.each, self.on_done = outbox, port, each, on_done
        self.sunk: list[float] = []  # the sink's processor time over the whole time

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
        return self.sent(sending.send, self.each)

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
        return [
            row("one process, from claim to settled, through SMTP",
                f"`EmailMultiAlternatives`, a template a message, one kept connection; {sink}",
                ours, base, 1.5, 2),
            row("two processes on two processors, which the sink and PostgreSQL share",
                "one process", both, ours, 1.6, 1.8),
        ]  # fmt: skip

    def beside_smtp(self, one: Sending) -> list[Figure]:
        """Claiming and settling beside the hand-over."""
        dialogue = Dialogue(self.outbox)

        def rows() -> float:
            return self.each / Rows().send(self.outbox, self.outbox.freeze(self.each))

        smtp, ours, whole = in_turn(
            lambda: 1 / dialogue.send(self.port),
            rows,
            lambda: self.through(one),
            on_done=self.on_done,
        )
        name = "claim, mark and settle, 5 a commit, one process"
        return [
            row(name, "messages that one process hands over by SMTP", ours, whole, 10, 15),
            row("the same", "the dialogue of SMTP alone, words ready", ours, smtp, None, None),
        ]

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
