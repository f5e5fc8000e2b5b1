"""Several commands at once (RFC 2920): the same outcomes, whatever the server answers, and when."""

import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress

import pytest

from campaigns.providers.base import ProviderAway, TooSlow
from campaigns.providers.smtp import SmtpProvider
from campaigns.sending.ready import Ready

HANG_UP = "hang up"


class Server:
    """Answers by table: what it says of a recipient, and of a message that came whole."""

    def __init__(self, *, together: bool) -> None:
        self.together = together
        self.mail = "250 OK"
        self.rcpt: Callable[[str], str] = lambda address: "250 OK"
        self.end: Callable[[str], str] = lambda address: "250 OK queued as X1"
        self.always_takes_data = False
        self.taken: list[tuple[str | None, bytes]] = []
        self.groups: list[int] = []  # commands that came in one packet
        self.connections = 0

    def serve(self, read: Callable[[], bytes], write: Callable[[bytes], None]) -> None:
        """One connection."""
        self.connections += 1
        write(b"220 here\r\n")
        waiting, recipient, taking = b"", None, False
        while came := read():
            waiting += came
            self.groups.append(came.count(b"MAIL") + came.count(b"RCPT") + came.count(b"DATA\r\n"))
            while True:
                body, end, rest = waiting.partition(b"\r\n.\r\n" if taking else b"\r\n")
                if taking and waiting.startswith(b".\r\n"):
                    body, end, rest = b"", b".\r\n", waiting[3:]
                if not end:
                    break
                waiting = rest
                if taking:
                    taking = False
                    self.taken.append((recipient, body))
                    answer = self.end(recipient or "") if recipient else "554 for nobody"
                else:
                    answer, recipient, taking = self.answer(body.decode(), recipient)
                if answer == HANG_UP:
                    return
                write(f"{answer}\r\n".encode())

    def answer(self, line: str, recipient: str | None) -> tuple[str, str | None, bool]:
        """What it says, for whom a message would be, and whether one is to come."""
        word = line[:4].upper()
        if word == "EHLO":
            return ("250-here\r\n250 PIPELINING" if self.together else "250 here"), None, False
        if word == "MAIL":
            return self.mail, None, False
        if word == "RCPT":
            address = line[line.index("<") + 1 : line.index(">")]
            answer = self.rcpt(address)
            return answer, address if answer.startswith("250") else None, False
        if word == "DATA":
            takes = self.always_takes_data or recipient is not None
            return ("354 go on" if takes else "554 no recipient"), recipient, takes
        return "250 OK", recipient, False

    @property
    def recipients(self) -> list[str | None]:
        return [recipient for recipient, body in self.taken if body]


@contextmanager
def running(server: Server, **given):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            server.serve(lambda: self.request.recv(1 << 16), self.request.sendall)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, args=[0.02], daemon=True).start()
        try:
            port = listening.server_address[1]
            with SmtpProvider(host="127.0.0.1", port=port, **given).open() as way:
                yield way
        finally:
            listening.shutdown()


@pytest.fixture(params=[True, False], ids=["together", "one by one"])
def server(request) -> Server:
    return Server(together=request.param)


def messages(count: int = 5) -> list[Ready]:
    return [
        Ready(
            n, "a@shop.example", "Ana", "", f"p{n}@example.com", "Hi", "<p>.\n.</p>", "Hi", "<1@x>"
        )
        for n in range(1, count + 1)
    ]


def told(outcomes) -> dict[int, str]:
    return {outcome.id: outcome.state for outcome in outcomes}


def test_each_is_taken_once_and_in_order(server):
    with running(server) as way:
        found = way.hand_over(messages())

    assert told(found) == dict.fromkeys(range(1, 6), "sent")
    assert server.recipients == [f"p{n}@example.com" for n in range(1, 6)]
    assert max(server.groups) == (3 if server.together else 1)


def test_what_is_to_be_done_meanwhile_is_done_while_each_answer_is_awaited(server):
    """Once a message, when its end has been sent."""
    sent = []

    with running(server) as way:
        send = way.server.send
        way.server.send = lambda raw: (send(raw), sent.append("message" if len(raw) > 200 else ""))
        way.hand_over(messages(3), meanwhile=lambda: sent.append("meanwhile"))

    assert [word for word in sent if word] == ["message", "meanwhile"] * 3


def test_a_refused_recipient_is_the_only_one_who_gets_nothing(server):
    server.rcpt = lambda address: "550 nobody" if address.startswith("p2@") else "250 OK"

    with running(server) as way:
        found = way.hand_over(messages())

    assert told(found) == {1: "sent", 2: "failed", 3: "sent", 4: "sent", 5: "sent"}
    assert server.recipients == [f"p{n}@example.com" for n in (1, 3, 4, 5)]


def test_a_server_that_takes_data_for_nobody_gets_none(server):
    """Postfix and others answer 354 to a DATA that came with its refused recipient."""
    server.always_takes_data = True
    server.rcpt = lambda address: "450 later" if address.startswith("p2@") else "250 OK"

    with running(server) as way:
        found = way.hand_over(messages(3))

    assert told(found) == {1: "sent", 2: "queued", 3: "sent"}
    assert server.recipients == ["p1@example.com", "p3@example.com"]
    assert server.connections == 1


def test_a_refused_message_does_not_touch_the_next(server):
    server.end = lambda address: "554 spam" if address.startswith("p2@") else "250 OK"

    with running(server) as way:
        found = way.hand_over(messages(3))

    assert told(found) == {1: "sent", 2: "failed", 3: "sent"}


def test_only_the_message_whose_answer_is_lost_is_uncertain(server):
    server.end = lambda address: HANG_UP if address.startswith("p2@") else "250 OK"

    with running(server) as way, pytest.raises(ProviderAway) as away:
        way.hand_over(messages(4))

    assert told(away.value.outcomes) == {1: "sent", 2: "uncertain"}
    assert list(away.value.untried) == [3, 4]
    assert server.recipients == ["p1@example.com", "p2@example.com"]


def test_what_was_announced_and_not_begun_is_untried(server):
    server.rcpt = lambda address: HANG_UP if address.startswith("p3@") else "250 OK"

    with running(server) as way, pytest.raises(ProviderAway) as away:
        way.hand_over(messages(4))

    assert told(away.value.outcomes) == {1: "sent", 2: "sent"}
    assert list(away.value.untried) == [3, 4]
    assert server.recipients == ["p1@example.com", "p2@example.com"]


def test_a_server_that_closes_is_left_and_no_attempt_is_used(server):
    server.rcpt = lambda address: "421 closing" if address.startswith("p2@") else "250 OK"

    with running(server) as way, pytest.raises(ProviderAway) as away:
        way.hand_over(messages(3))

    assert (away.value.trouble, list(away.value.untried)) == ("busy", [2, 3])


def test_a_refused_sender_is_nobodys_failure(server):
    server.mail = "550 who are you"

    with running(server) as way, pytest.raises(ProviderAway) as away:
        way.hand_over(messages(3))

    assert (away.value.trouble, list(away.value.untried)) == ("sender_refused", [1, 2, 3])
    assert server.taken == []


def test_after_what_went_wrong_the_next_few_begin_anew(server):
    server.end = lambda address: HANG_UP if address.startswith("p5@") else "250 OK"

    with running(server) as way:
        with pytest.raises(ProviderAway) as away:
            way.hand_over(messages(5))
        second = way.hand_over(messages(2))

    assert told(away.value.outcomes)[5] == "uncertain"
    assert told(second) == {1: "sent", 2: "sent"}


def test_an_address_that_is_none_is_announced_to_nobody(server):
    few = messages(3)
    few[1] = Ready(2, "a@shop.example", "Ana", "", "no address", "Hi", "", "Hi", "<1@x>")

    with running(server) as way:
        found = way.hand_over(few)

    assert told(found) == {1: "sent", 2: "failed", 3: "sent"}
    assert server.recipients == ["p1@example.com", "p3@example.com"]


def wait(seconds: float, answer: str = "250 OK") -> str:
    time.sleep(seconds)
    return answer


def test_what_was_not_begun_in_time_is_untried(server):
    server.end = lambda address: wait(0.4)

    with running(server) as way:
        way.deadline.begin_seconds = 0.6
        with pytest.raises(TooSlow) as slow:
            way.hand_over(messages(5))
        taken = len(slow.value.outcomes)
        server.end = lambda address: "250 OK"
        later = way.hand_over(messages(5)[taken:])

    assert told(slow.value.outcomes) == dict.fromkeys(range(1, taken + 1), "sent")
    assert list(slow.value.untried) == list(range(taken + 1, 6))
    assert set(told(later).values()) == {"sent"}
    assert server.recipients == [f"p{n}@example.com" for n in range(1, 6)]


def test_of_what_was_begun_no_answer_in_time_is_uncertain(server):
    server.end = lambda address: wait(3)

    with running(server) as way:
        way.deadline.end_seconds = 0.5
        begun = time.monotonic()
        with pytest.raises(ProviderAway) as away:
            way.hand_over(messages(3))

    assert time.monotonic() - begun < 2
    assert told(away.value.outcomes) == {1: "uncertain"}
    assert list(away.value.untried) == [2, 3]


def fail_in_time(server: Server, **given) -> None:
    with running(server, **given) as way:
        way.deadline.begin_seconds = 0.5
        begun = time.monotonic()
        with pytest.raises(ProviderAway) as away:
            way.hand_over(messages(3))

    assert time.monotonic() - begun < 2
    assert not isinstance(away.value, TooSlow)
    assert list(away.value.untried) == [1, 2, 3]


def test_a_server_that_speaks_byte_by_byte_is_not_waited_for(server):
    """Each byte comes soon, and the whole greeting too late."""
    serve = server.serve

    def drip(write: Callable[[bytes], None], raw: bytes) -> None:
        for byte in raw:
            write(bytes([byte]))
            time.sleep(0.1)

    def slowly(read: Callable[[], bytes], write: Callable[[bytes], None]) -> None:
        with suppress(OSError):
            serve(read, lambda raw: drip(write, raw))

    server.serve = slowly

    fail_in_time(server)


@pytest.mark.parametrize("over_tls", [False, True])
def test_a_server_that_says_nothing_is_not_waited_for(server, over_tls):
    server.serve = lambda read, write: read() and read()

    fail_in_time(server, use_ssl=over_tls)
