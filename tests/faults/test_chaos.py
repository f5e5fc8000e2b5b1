"""A campaign goes out while everything beneath it fails: nobody is written to twice.

The short form has 200 people and forked senders, the long one 20,000, Celery's own workers with
a Redis that forgets beside them, and the product's own leases.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from campaigns.sending import claiming, rates, settling
from tests.faults.brokers import Broker
from tests.faults.campaigns import finished_early, schedule, state_of, states
from tests.faults.dying_senders import POINTS, Sender, Times, start_sender
from tests.faults.mail_sink import WAYS, MailSink, mail_sink
from tests.faults.own_engine import OwnEngine
from tests.faults.processes import Database
from tests.faults.workers import Worker, worker

OWN_TIMES = Times(
    claim=claiming.SECONDS,
    hand_over=settling.HAND_OVER_SECONDS,
    answer=5,
    circuit=rates.FIRST_PAUSE,
)
# A customer of the store says no, and the moment at which that was committed.
REFUSE = """
    UPDATE customers_customer SET email_consent = 'unsubscribed' WHERE id = (
        SELECT customer_id FROM campaigns_message WHERE state = 'queued' AND handed_at IS NULL
        ORDER BY md5(id::text) LIMIT 1
    ) RETURNING id
"""
LEFT = """
    SELECT count(*) FROM campaigns_message
    WHERE customer_id = %s AND handed_at IS NOT NULL AND claimed_at > %s
"""
CLAIMED_AT_ONCE = """
    SELECT count(*) FROM campaigns_message WHERE state = 'claimed' GROUP BY holder ORDER BY 1 DESC
"""
LAG = "SELECT extract(epoch FROM handed_at - %s) FROM campaigns_message WHERE customer_id = %s"


@dataclass
class Chaos:
    """A run: senders that are replaced as they die, and what is done to them meanwhile."""

    engine: OwnEngine
    database: Database
    sink: MailSink
    people: int
    kills: list[tuple[str, int]]  # where, after how many passes
    times: Times
    acts: list[tuple[float, Callable[[], None]]]  # from which share of the people on
    senders: list[Sender] = field(default_factory=list)
    landed: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, object]] = field(default_factory=list)
    restarts: int = 0
    early: int = 0
    claimed_most: int = 0

    def run(self, *, seconds: float, children: int = 2) -> None:
        """Until the campaign is said to be sent."""
        end = time.monotonic() + seconds
        try:
            while not self.look() or self.kills:
                assert time.monotonic() < end, (states(self.database), self.landed, self.kills)
                self.replace(children)
                self.act()
                time.sleep(0.05)
        finally:
            self.sink.behave()
            for sender in self.senders:
                sender.kill()

    def look(self) -> bool:
        """Whether it is said to be sent; that this is never said early is seen on the way."""
        try:
            self.early += finished_early(self.database)
            self.claimed_most = max(self.claimed_most, self.database.ask(CLAIMED_AT_ONCE) or 0)
            self.say_no()
            return state_of(self.database) == "sent"
        except psycopg.OperationalError:
            return False

    def say_no(self) -> None:
        """Somebody unsubscribes while messages leave."""
        if len(self.refused) < self.people // 50 and (who := self.database.ask(REFUSE)):
            self.refused.append((who, self.database.ask("SELECT clock_timestamp()")))

    def replace(self, children: int) -> None:
        """As many senders as there should be; each new one is to die at the next place."""
        for sender in [each for each in self.senders if each.look()]:
            self.senders.remove(sender)
            if sender.was_killed():
                self.landed[sender.part()] += 1
        while len(self.senders) < children:
            point, passes = self.kills.pop() if self.kills else ("", 0)
            sender = start_sender(
                self.database, self.sink, times=self.times, die_at=point, passes=passes
            )
            self.senders.append(sender)

    def act(self) -> None:
        """What is due by how many have their mail."""
        got = self.sink.log.read_bytes().count(b"\n")
        while self.acts and got >= self.acts[0][0] * self.people:
            self.acts.pop(0)[1]()

    def restart(self) -> None:
        self.engine.restart_at_once()
        self.restarts += 1

    def misbehave(self, mode: str, seconds: float) -> Callable[[], None]:
        """The mail server does so for a while, and senders go on dying."""

        def act() -> None:
            self.sink.behave(mode)
            time.sleep(seconds)
            self.sink.behave()

        return act

    def assert_holds(self, *, other_kills: int = 0) -> dict[str, float]:
        """What the design promises of every run; the figures."""
        found, got = states(self.database), self.sink.got()
        kills = sum(self.landed.values()) + other_kills
        assert self.early == 0
        assert set(got.values()) == {1}
        assert set(self.sink.message_ids().values()) == {1}
        assert sum(found.values()) == self.people
        assert set(found) <= {"sent", "failed", "uncertain", "skipped"}
        assert found["sent"] <= len(got) <= found["sent"] + found["uncertain"]
        assert set(self.sink.ways()) == set(WAYS)
        assert found["failed"] == 0
        assert found["uncertain"] <= 5 * kills
        assert self.claimed_most <= claiming.MOST
        assert sum(self.database.ask(LEFT, who, at) for who, at in self.refused) == 0
        lags = [self.database.ask(LAG, at, who) or 0 for who, at in self.refused] or [0]
        assert max(lags) <= self.times.claim + self.times.hand_over
        return {
            **found,
            "in the sink": len(got),
            "of them pipelined": self.sink.ways()["pipelining"],
            "kills": kills,
            "restarts": self.restarts,
            "said no meanwhile": len(self.refused),
            "largest lag, s": round(float(max(lags)), 2),
        }


def spread(times: int, *, seed: int, most: int) -> list[tuple[str, int]]:
    """Each of the failpoints so often, mixed, after some passes."""
    mixed = random.Random(seed)
    kills = [(point, mixed.randrange(most)) for point in POINTS for _ in range(times)]
    mixed.shuffle(kills)
    return kills


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    with mail_sink(tmp_path) as made:
        yield made


def test_f004_f005_f018_f026_f027_f109_a_campaign_survives_kills_restarts_and_a_sick_mail_server(
    engine: OwnEngine, own_database: Database, sink: MailSink, record_property
):
    schedule(own_database, 200)
    chaos = Chaos(engine, own_database, sink, 200, spread(1, seed=7, most=2), Times(), [])
    chaos.acts = [
        (0.1, chaos.misbehave("deaf", 0.6)),
        (0.2, chaos.restart),
        (0.3, chaos.misbehave("reset", 0.2)),
        (0.4, chaos.misbehave("refuse", 0.2)),
    ]

    chaos.run(seconds=60)

    for name, value in chaos.assert_holds().items():
        record_property(name, value)
    assert len(chaos.landed) == 3
    assert chaos.restarts == 1
    assert not chaos.acts
    assert chaos.refused


@pytest.mark.slow
def test_f004_f005_f007_f013_f018_f026_f027_f109_chaos_over_twenty_thousand(
    engine: OwnEngine, own_database: Database, sink: MailSink, broker: Broker, tmp_path,
    record_property,
):  # fmt: skip
    people = 20_000
    schedule(own_database, people)
    chaos = Chaos(engine, own_database, sink, people, spread(6, seed=11, most=8), OWN_TIMES, [])
    celery: list[Worker] = []
    with ExitStack() as stack:

        def start_worker() -> None:
            name = f"worker{len(celery)}"
            made = worker(own_database, broker, tmp_path, name=name, **sink.environment())
            celery.append(stack.enter_context(made))

        def deploy() -> None:
            celery[-1].stop()
            start_worker()

        faults = [
            chaos.misbehave("deaf", 8), chaos.restart, broker.client.flushall, deploy,
            chaos.misbehave("hang", 8), chaos.misbehave("reset", 2), broker.client.flushall,
            chaos.restart, chaos.misbehave("refuse", 5), chaos.misbehave("cut", 2), deploy,
            chaos.restart, chaos.misbehave("half", 2), broker.client.flushall,
        ]  # fmt: skip
        chaos.acts = [(0.05 + 0.06 * place, act) for place, act in enumerate(faults)]
        start_worker()
        began = time.monotonic()
        chaos.run(seconds=1_500)
        record_property("seconds", round(time.monotonic() - began))

    figures = chaos.assert_holds(other_kills=2)
    for name, value in (figures | chaos.landed).items():
        record_property(name, value)
    assert all(chaos.landed[part] >= 10 for part in ("claim", "hand-over", "settle"))
    assert figures["in the sink"] + len(chaos.refused) >= 0.99 * people
    assert not chaos.acts
