"""Rows 6, 7, 13 and 44 with Celery's own workers: deployed, told twice, forgotten by Redis, and a
day off."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from campaigns.sending.handing import FEW
from tests.faults.brokers import Broker
from tests.faults.campaigns import finished_early, schedule, state_of, states
from tests.faults.dying_senders import start_sender
from tests.faults.mail_sink import MailSink, mail_sink
from tests.faults.processes import Database, wait_until
from tests.faults.workers import START_SECONDS, Worker, worker

PEOPLE = 120
GRACE = 0.5  # seconds from TERM to KILL
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
HANDED_AT_ODD_TIMES = """
    SELECT count(*) FROM campaigns_message
    WHERE handed_at NOT BETWEEN now() - interval '1 hour' AND now()
"""
StartWorker = Callable[..., AbstractContextManager[Worker]]


@pytest.fixture
def sink(tmp_path):
    with mail_sink(tmp_path) as made:
        yield made


@pytest.fixture
def start(database: Database, broker: Broker, sink: MailSink, tmp_path: Path) -> StartWorker:
    """A worker with a beat that sweeps every half second, and with short times."""

    def start_worker(
        name: str, *, answer: float = 0.4, **more: str
    ) -> AbstractContextManager[Worker]:
        times = f"1 2 {answer} 0.3"
        env = {**sink.environment(), **more}
        return worker(database, broker, tmp_path, name=name, FAULT_SENDING=times, **env)

    return start_worker


def wait_for_mail(sink: MailSink, count: int) -> None:
    wait_until(lambda: len(sink.got()) >= count, seconds=START_SECONDS, what=f"{count} messages")


def is_over_after_a_flush(database: Database, broker: Broker) -> bool:
    """Whether it is said to be sent; what was queued until now is forgotten."""
    broker.client.flushall()
    assert finished_early(database) == 0
    return state_of(database) == "sent"


def test_f007_term_and_kill_in_the_middle_of_a_campaign_lose_and_double_nothing(
    database, sink, start
):
    schedule(database, PEOPLE)
    with start("old", answer=20) as old:
        wait_for_mail(sink, 10)
        sink.behave("deaf")
        wait_until(lambda: states(database)["handing_over"], what="a message on its way")
        old.popen.send_signal(signal.SIGTERM)
        with pytest.raises(AssertionError):
            wait_until(lambda: old.popen.poll() is not None, seconds=GRACE)
        old.stop()
    assert (state_of(database), finished_early(database)) == ("sending", 0)
    sink.behave()

    new = start_sender(database, sink)
    try:
        wait_until(new.look, seconds=30, what="the end of the campaign")
    finally:
        new.kill()

    found, got = states(database), sink.got()
    assert (state_of(database), finished_early(database)) == ("sent", 0)
    assert found == {"sent": PEOPLE - found["uncertain"], "uncertain": found["uncertain"]}
    assert 1 <= found["uncertain"] <= FEW
    assert set(got.values()) == {1}
    assert found["sent"] < len(got) <= PEOPLE


def test_f006_f013_two_beats_and_a_redis_that_forgets_send_it_once(database, broker, sink, start):
    schedule(database, PEOPLE)
    with start("one") as one, start("two") as two:
        wait_for_mail(sink, 10)
        sink.behave("hang")  # until both beats have told of it
        for each in (one, two):
            wait_until(lambda each=each: each.said("sweep-campaigns"), seconds=START_SECONDS)
        sink.behave()
        wait_until(lambda: is_over_after_a_flush(database, broker), what="the campaign's end")

    assert (states(database), finished_early(database)) == ({"sent": PEOPLE}, 0)
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("offset", ["+1d", "-1d"])
def test_f044_a_worker_whose_clock_is_a_day_off_and_one_whose_is_right_send_it_once(
    database, sink, start, offset
):
    schedule(database, PEOPLE)
    odd = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with start("odd", **odd):
        wait_for_mail(sink, 10)
        sink.behave("hang")  # so that something is left for the other one
        with start("right") as right:
            wait_until(lambda: right.said("sweep-campaigns"), seconds=START_SECONDS)
            sink.behave()
            wait_until(lambda: state_of(database) == "sent", seconds=30, what="the campaign's end")

    assert (states(database), finished_early(database)) == ({"sent": PEOPLE}, 0)
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE
    assert database.ask(HANDED_AT_ODD_TIMES) == 0
