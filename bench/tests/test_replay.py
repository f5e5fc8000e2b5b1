"""The command posts signed webhooks, comes again to a busy server, and reports."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.deliveries import signature
from bench.replay import main
from bench.tests.shop import FIXTURE, SECRET


@dataclass
class Server:
    """A stand-in that checks signatures; `refusals` are the statuses of its first answers."""

    url: str = ""
    refusals: list[int] = field(default_factory=list)
    accepted: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            right = self.headers["X-Shopify-Hmac-Sha256"] == signature(SECRET, raw)
            status = state.refusals.pop() if state.refusals else (200 if right else 401)
            if status == 200:
                state.accepted.append((self.path, self.headers["X-Shopify-Webhook-Id"]))
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


def replay(server: Server, *options: str, secret: str = SECRET) -> int:
    return main(
        [str(FIXTURE), "--url", server.url, "--secret", secret, "--connections", "3", *options]
    )


def test_every_delivery_arrives_signed(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(server, "--clean", "--limit", "40", "--duplicate", "0.05", "--shuffle", "3") == 0

    ids = [webhook_id for _, webhook_id in server.accepted]
    assert (len(ids), len(set(ids))) == (44, 42)
    assert {path for path, _ in server.accepted} == {"/webhook/order-create"}
    report = capsys.readouterr().out
    assert "posted: 44 deliveries" in report
    assert "44  200" in report
    assert "9  lines of C invoices" in report


def test_refunds_go_to_the_general_address(server: Server) -> None:
    assert replay(server) == 0

    paths = Counter(path for path, _ in server.accepted)
    assert paths == {"/webhook/order-create": 552, "/webhook/shopify": 30}


def test_a_busy_server_gets_the_same_delivery_again(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.refusals = [503, 500]

    assert replay(server, "--clean", "--limit", "5") == 0
    assert len({webhook_id for _, webhook_id in server.accepted}) == 5
    assert "1  503" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "no store retail.myshopify.com there: make it with `manage.py create_store retail."),
        (401, "the server has another SHOPIFY_API_SECRET"),
    ],
)
def test_the_first_answer_that_all_would_get_ends_it_with_what_to_do(
    server: Server, capsys: pytest.CaptureFixture[str], status: int, said: str
) -> None:
    server.refusals = [status] * 100

    assert replay(server, "--clean", "--limit", "50") == 1

    told = capsys.readouterr()
    assert told.err.startswith(f"replay: {said}")
    assert (told.err.count("\n"), told.out) == (1, "")
    assert len(server.refusals) >= 100 - 2 * 3  # each connection ends behind its current post


def test_a_wrong_secret_is_told(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(server, "--clean", "--limit", "5", secret="wrong") == 1

    assert "another SHOPIFY_API_SECRET" in capsys.readouterr().err


def test_no_server_and_no_file_are_said_in_one_line(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(FIXTURE), "--url", "http://127.0.0.1:9"]) == 2
    assert "start it with `make run`" in capsys.readouterr().err

    assert main(["nowhere.csv.gz", "--url", server.url]) == 2
    assert capsys.readouterr().err == "replay: there is no file nowhere.csv.gz\n"
