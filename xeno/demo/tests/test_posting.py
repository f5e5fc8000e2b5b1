"""The sender comes again to a busy server, and says what a refusal means."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from webhooks.signature import is_signed
from xeno.demo import posting
from xeno.demo.deliveries import Delivery, deliver
from xeno.demo.posting import NotTaken, send_to
from xeno.demo.story import Event

SECRET = "a secret of this test"


@dataclass
class Server:
    """A stand-in; it gives each of `answers` once and then 200 to what is signed."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(posting.time, "sleep", lambda seconds: None)
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = is_signed(body, self.headers["X-Shopify-Hmac-Sha256"], [SECRET])
            status = state.answers.pop() if state.answers else (200 if signed else 401)
            if status == 200:
                state.taken.append(self.headers["X-Shopify-Webhook-Id"])
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{web.server_address[1]}"
    thread = threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    web.shutdown()
    web.server_close()


def some(count: int) -> list[Delivery]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    events = [Event("products/create", at, f"thing {n}", {"id": n + 1}) for n in range(count)]
    return [deliver(event, SECRET) for event in events]


def test_every_delivery_is_taken_and_counted(server: Server) -> None:
    deliveries, steps = some(30), []

    send_to(server.url)(deliveries, steps.append)

    assert sorted(server.taken) == sorted(delivery.webhook_id for delivery in deliveries)
    assert sum(steps) == 30


def test_a_busy_server_is_asked_again(server: Server) -> None:
    server.answers = [503, 503, 500]

    send_to(server.url)(some(5), lambda done: None)

    assert len(server.taken) == 5


@pytest.mark.parametrize(
    ("status", "said"), [(401, "SHOPIFY_API_SECRET"), (404, "another database"), (400, "400")]
)
def test_a_refusal_says_why(server: Server, status: int, said: str) -> None:
    server.answers = [status]

    with pytest.raises(NotTaken, match=said):
        send_to(server.url)(some(1), lambda done: None)


def test_nobody_there_says_how_to_start(server: Server) -> None:
    with pytest.raises(NotTaken, match="make run"):
        send_to("http://127.0.0.1:9")(some(1), lambda done: None)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(NotTaken, match="is no address"):
        send_to(url)(some(1), lambda done: None)
