"""Signals end a holder through its `finally`, and wait for what must not be cut short."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from xeno.embedded.signals import ENDING, Endings, caught_by, undisturbed
from xeno.embedded.tests.conftest import own_signals


@pytest.fixture(autouse=True)
def plain_handlers() -> Iterator[None]:
    """The handlers of a fresh process; pytest's own come back."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_ending_signal_is_an_exit_with_the_shells_code(number: signal.Signals) -> None:
    with pytest.raises(SystemExit) as exit_, Endings().caught():
        send(number)

    assert exit_.value.code == 128 + number


def test_ctrl_c_is_what_python_makes_of_it() -> None:
    with pytest.raises(KeyboardInterrupt), Endings().caught():
        send(signal.SIGINT)


def test_a_deferred_signal_comes_at_the_end_of_the_block() -> None:
    done = []

    def start() -> None:
        endings = Endings()
        with endings.caught():
            with endings.deferred():
                send(signal.SIGTERM)
                done.append("whole")
            done.append("too far")

    with pytest.raises(SystemExit):
        start()
    assert done == ["whole"]


def test_a_deferred_signal_waits_for_the_outermost_block() -> None:
    done = []

    def start() -> None:
        endings = Endings()
        with endings.caught(), endings.deferred():
            with endings.deferred():
                send(signal.SIGTERM)
            done.append("whole")
        done.append("too far")

    with pytest.raises(SystemExit):
        start()
    assert done == ["whole"]


def test_afterwards_the_handlers_are_as_before() -> None:
    before = [signal.getsignal(number) for number in ENDING]

    with Endings().caught():
        assert [signal.getsignal(number) for number in ENDING] != before

    assert [signal.getsignal(number) for number in ENDING] == before


def test_a_handler_of_somebody_else_stays() -> None:
    heard = []
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))

    with Endings().caught():
        send(signal.SIGTERM)

    assert heard == [signal.SIGTERM]


def test_outside_the_main_thread_nothing_is_caught_and_nothing_fails() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def hold() -> None:
        with Endings().caught():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()

    assert seen == [before]


def test_who_is_just_ending_is_not_disturbed() -> None:
    with undisturbed():
        for number in ENDING:
            send(number)

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_process_says_which_signals_it_has_a_handler_for() -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: None)

    assert caught_by(os.getpid()) == {signal.SIGINT, signal.SIGTERM}


def test_a_test_started_with_nohup_in_the_background_gives_its_children_their_signals() -> None:
    ask = "import signal; print(*(signal.getsignal(n) != signal.SIG_IGN for n in (1, 2, 15)))"
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)

    said = [
        subprocess.check_output([sys.executable, "-c", ask], preexec_fn=how, text=True).split()
        for how in (None, own_signals)
    ]
    assert said == [["False"] * 3, ["True"] * 3]


def test_a_process_that_is_gone_has_none() -> None:
    assert caught_by(2**30) == frozenset()
