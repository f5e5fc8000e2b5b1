"""Rows 4 to 6, 26, 27 and 45: senders that die, double, lose an answer, or have an odd clock."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from campaigns.sending import claiming
from tests.faults.campaigns import finished_early, schedule, state_of, states
from tests.faults.dying_senders import Sender, start_sender
from tests.faults.mail_sink import MailSink, mail_sink
from tests.faults.processes import Database, wait_until

PEOPLE = 12
NEGATIVE = """
    SELECT count(*) FROM campaigns_message m JOIN campaigns_campaign c ON c.id = m.campaign_id
    WHERE m.handed_at < m.claimed_at OR m.claimed_at < c.started_at OR c.finished_at < m.handed_at
        OR c.progressed_at < c.started_at OR m.claimed_at > clock_timestamp()
        OR c.started_at < clock_timestamp() - interval '10 minutes'
"""


@pytest.fixture
def sink(tmp_path):
    with mail_sink(tmp_path) as made:
        yield made


@pytest.fixture
def scheduled(database: Database) -> Database:
    """A campaign to twelve people is due."""
    schedule(database, PEOPLE)
    return database


def wait_for(*senders: Sender) -> None:
    try:
        for sender in senders:
            wait_until(sender.look, seconds=30, what="the sender's end")
    finally:
        for sender in senders:
            sender.kill()


def send_all(database: Database, sink: MailSink) -> None:
    """A healthy sender brings it to its end."""
    wait_for(start_sender(database, sink))
    assert (state_of(database), finished_early(database)) == ("sent", 0)
    assert sum(states(database).values()) == PEOPLE


def die(database: Database, sink: MailSink, point: str) -> None:
    dying = start_sender(database, sink, die_at=point)
    wait_for(dying)
    assert dying.was_killed()


@pytest.mark.parametrize("point", ["accepted", "before settling"])
def test_f004_what_the_server_took_before_the_kill_is_uncertain_and_never_sent_again(
    scheduled, sink, point
):
    die(scheduled, sink, point)
    taken = sum(sink.got().values())

    send_all(scheduled, sink)

    assert taken == (1 if point == "accepted" else 5)
    assert states(scheduled) == {"sent": PEOPLE - 5, "uncertain": 5}
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE - 5 + taken


@pytest.mark.parametrize("point", ["rows locked", "claim committed"])
def test_f005_what_was_claimed_before_the_kill_is_sent_once_after_the_lease(scheduled, sink, point):
    die(scheduled, sink, point)
    assert sink.got() == {}

    send_all(scheduled, sink)

    assert states(scheduled) == {"sent": PEOPLE}
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE


def test_f006_two_who_are_told_at_once_begin_and_send_it_once(scheduled, sink):
    wait_for(*(start_sender(scheduled, sink) for _ in range(2)))

    assert (state_of(scheduled), states(scheduled)) == ("sent", {"sent": PEOPLE})
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE


@pytest.mark.parametrize(
    "mode",
    ["deaf", "reset", "cut", "half"],
    ids=["f026 no answer", "f027 reset after DATA", "f027 half an answer", "f027 half a message"],
)
def test_a_lost_answer_costs_one_message_and_never_a_second_mail(scheduled, sink, mode):
    sink.behave(mode)
    sender = start_sender(scheduled, sink)
    try:
        wait_until(lambda: states(scheduled)["uncertain"], what="the first lost answer")
        lost = states(scheduled)
        sink.behave()
        wait_until(sender.look, seconds=30, what="the sender's end")
    finally:
        sender.kill()

    assert lost["uncertain"] == 1  # and not all that were marked with it
    found = states(scheduled)
    assert found["uncertain"] <= 3
    assert found["sent"] == PEOPLE - found["uncertain"]
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE - (found["uncertain"] if mode == "half" else 0)


@pytest.mark.parametrize("mode", ["hang", "refuse"])
def test_f026_a_server_that_takes_nothing_costs_nobody_anything(scheduled, sink, mode):
    sink.behave(mode)
    sender = start_sender(scheduled, sink)
    try:
        trouble = "SELECT trouble FROM campaigns_sendingstate WHERE failures > 0"
        wait_until(lambda: scheduled.ask(trouble), what="an open circuit")
        sink.behave()
        wait_until(sender.look, seconds=30, what="the sender's end")
    finally:
        sender.kill()

    assert states(scheduled) == {"sent": PEOPLE}
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE
    assert scheduled.ask("SELECT max(attempts) FROM campaigns_message") == 1


def step_back() -> None:
    """From now on this process's clock loses an hour with every claim."""
    names: Any = claiming
    claim = names.claim

    def claim_and_step_back(**told: Any) -> Any:
        if claimed := claim(**told):
            time_machine.travel(timezone.now() - timedelta(hours=1)).start()
        return claimed

    names.claim = claim_and_step_back


@pytest.mark.parametrize(("point", "uncertain"), [("", 0), ("few marked", 5)])
def test_f045_a_clock_that_steps_back_during_a_lease_holds_nobody_up(
    scheduled, sink, point, uncertain
):
    wait_for(start_sender(scheduled, sink, prepare=step_back, die_at=point))

    wait_for(start_sender(scheduled, sink, prepare=step_back))

    assert state_of(scheduled) == "sent"
    assert states(scheduled) == Counter(sent=PEOPLE - uncertain, uncertain=uncertain)
    assert set(sink.got().values()) == {1}
    assert len(sink.got()) == PEOPLE - uncertain
    assert scheduled.ask(NEGATIVE) == 0
