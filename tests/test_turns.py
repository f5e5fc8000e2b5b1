"""A request has one of the process's turns only once its body is there: xeno/turns.py."""

import threading
from io import BytesIO

import pytest

from xeno.turns import BodyFirst


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def call(application, body, length):
    return b"".join(
        application({"wsgi.input": body, "CONTENT_LENGTH": length}, lambda status, headers: None)
    )


class NeverEnding:
    """The body of a client that says nothing more until it is let go."""

    def __init__(self):
        self.asked, self.let_go = threading.Event(), threading.Event()

    def read(self, size):
        self.asked.set()
        self.let_go.wait(10)
        return b"late"


def test_a_body_that_does_not_come_takes_nobodys_turn():
    application, slow = BodyFirst(echo, turns=1, most=100), NeverEnding()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(call(application, slow, "4")))
    waiting.start()
    slow.asked.wait(10)

    meanwhile = call(application, BytesIO(b"quick"), "5")
    slow.let_go.set()
    waiting.join()

    assert (meanwhile, answers) == (b"quick", [b"late"])


def test_no_more_work_at_once_than_there_are_turns():
    most, now, lock = [0], [0], threading.Lock()

    def work(environ, start_response):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.02)
        with lock:
            now[0] -= 1
        return []

    application = BodyFirst(work, turns=2, most=100)
    threads = [threading.Thread(target=call, args=(application, BytesIO(), "")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [2]


@pytest.mark.parametrize("length", ["101", "9" * 30, "-1", "x", "", None])
def test_a_body_that_is_too_long_or_of_no_length_is_not_read(length):
    body = BytesIO(b"abc")

    seen = BodyFirst(lambda environ, start: [environ["wsgi.input"]], turns=1, most=100)
    found = seen({"wsgi.input": body, "CONTENT_LENGTH": length}, lambda status, headers: None)

    assert found == [body]
    assert body.tell() == 0


def test_a_failure_gives_the_turn_back():
    def fail(environ, start_response):
        raise ValueError

    application = BodyFirst(fail, turns=1, most=100)
    for _ in range(2):
        with pytest.raises(ValueError):
            call(application, BytesIO(), "")
