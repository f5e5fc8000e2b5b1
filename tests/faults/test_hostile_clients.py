"""Rows 31, 59, 63 and 64 against the real server: slow, many, deep and huge."""

import gzip
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.own_engine import lent_to
from tests.faults.processes import Database, wait_until
from tests.faults.serving import NUMBERS, TURNS, Answer, Served, ask, post_order, serve, signed
from tests.faults.test_database_pressure import apply

MB = 1024 * 1024
HEAD = b"POST /webhook/shopify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


# --- 31: slow clients -----------------------------------------------------------------------
@contextmanager
def slow_clients(address: str, count: int, opening: bytes) -> Iterator[list[socket.socket]]:
    """Clients that say the opening and then a byte each tenth of a second."""
    place, over = urlsplit(address), threading.Event()
    clients = [socket.create_connection((place.hostname, place.port)) for _ in range(count)]
    for client in clients:
        client.sendall(opening)

    def trickle() -> None:
        while not over.wait(0.1):
            for client in clients:
                with suppress(OSError):  # a test may have ended some of them
                    client.sendall(b"a")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield clients
    finally:
        over.set()
        thread.join()
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    "opening",
    [HEAD + b"X-Slow: ", HEAD + b"Content-Length: 1000000\r\n\r\n{"],
    ids=["slow head", "slow body"],
)
def test_f031_slow_clients_hold_nobody_up(served: Served, record_property, opening):
    with slow_clients(served.address, 10 * TURNS, opening):
        time.sleep(0.3)
        webhooks = [post_order(served.address, next(NUMBERS)) for _ in range(30)]
        pages = [ask(served.address, "GET", "/orders", headers=served.bearer) for _ in range(10)]

    assert {answer.status for answer in (*webhooks, *pages)} == {200}
    slowest = max(answer.seconds for answer in (*webhooks, *pages))
    assert slowest < 1
    record_property("the others' slowest of 40, in seconds", round(slowest, 3))


def test_f031_a_slow_body_that_comes_in_the_end_is_taken(served: Served):
    place, body = urlsplit(served.address), b'{"id": 1}'
    headers = signed(body, f"slow{next(NUMBERS)}")
    headers.pop("Content-Type")  # the head has it
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = HEAD + f"Content-Length: {len(body)}\r\n{lines}\r\n".encode()
    with socket.create_connection((place.hostname, place.port)) as client:
        client.sendall(head)
        for byte in body:
            client.sendall(bytes([byte]))
            time.sleep(0.05)
        answer = client.recv(1000)

    assert answer.startswith(b"HTTP/1.1 200")


def test_f031_a_client_that_leaves_in_the_middle_leaves_nothing(served: Served):
    before = served.database.ask("SELECT count(*) FROM webhooks_delivery")
    with slow_clients(served.address, 10, HEAD + b"Content-Length: 1000\r\n\r\n{") as clients:
        time.sleep(0.2)
        for client in clients[:5]:
            client.shutdown(socket.SHUT_WR)
    answer = post_order(served.address, next(NUMBERS))

    assert answer.status == 200
    assert served.database.ask("SELECT count(*) FROM webhooks_delivery") == before + 1


# --- 59: no file descriptor left ------------------------------------------------------------
def test_f059_without_descriptors_nothing_is_lost_and_it_ends_with_the_crowd(
    own_database: Database, record_property, log
):
    few = ("/bin/sh", "-c", 'ulimit -n 64; exec "$@"', "sh")
    with serve(own_database.environment(), log=log, prefix=few) as server:
        before = [post_order(server.address, next(NUMBERS)) for _ in range(5)]
        worker, place = server.worker(), urlsplit(server.address)
        crowd = [socket.create_connection((place.hostname, place.port)) for _ in range(100)]
        during = [try_once(server.address)]
        for client in crowd:
            client.close()
        left_at = time.monotonic()
        wait_until(lambda: post_order(server.address, next(NUMBERS)).status == 200, what="recovery")
        recovered_in = time.monotonic() - left_at
        same_worker = server.worker() == worker

    acknowledged = {a.webhook_id for a in (*before, *during) if a.status == 200}
    stored = own_database.ask("SELECT array_agg(webhook_id) FROM webhooks_delivery")
    assert {answer.status for answer in before} == {200}
    assert {answer.status for answer in during} <= {0, 200, 503}
    assert acknowledged <= set(stored)
    assert recovered_in < 5
    record_property("seconds to the first 200", round(recovered_in, 2))
    assert same_worker


def try_once(address: str) -> Answer:
    """One webhook from a sender with little patience."""
    body, webhook_id = b"{}", f"w{next(NUMBERS)}"
    headers = signed(body, webhook_id)
    return ask(address, "POST", "/webhook/shopify", body, headers, timeout=1, webhook_id=webhook_id)


# --- 63 and 64: deep and huge ---------------------------------------------------------------
DEEP = {
    "arrays": b"[" * 100_000 + b"]" * 100_000,
    "objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a long array": b"[" + b"1," * 125_000 + b"1]",
    "within an order": b'{"id": 1, "line_items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
_ids = (f"deep{n}" for n in itertools.count())


@pytest.fixture
def memory(served: Served, record_property: Any) -> Iterator[None]:
    """The web process's memory does not grow with what it is sent."""
    post_order(served.address, next(NUMBERS))
    before = served.server.peak_mb()
    yield
    grown = served.server.peak_mb() - before
    assert grown < 60
    record_property("MB that the web process grew by", round(grown, 1))


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
def test_f063_a_deep_webhook_is_kept_and_parked(served: Served, unblocked, memory, body):
    webhook_id = next(_ids)

    answer = ask(served.address, "POST", "/webhook/shopify", body, signed(body, webhook_id))
    with lent_to(served.database):
        apply(served.database.tenant_id)

    question = "SELECT state || ' ' || reason FROM webhooks_delivery WHERE webhook_id = %s"
    outcome = served.database.ask(question, webhook_id)
    assert answer.status == 200
    assert outcome.startswith("parked ")
    assert len(outcome) > len("parked ")


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
def test_f063_a_deep_body_to_the_api_is_400(served: Served, memory, body):
    json = {"Content-Type": "application/json"}

    assert ask(served.address, "POST", "/auth/login", body, json).status == 400


@pytest.mark.parametrize("path", ["/webhook/shopify", "/auth/login"])
def test_f064_fifty_megabytes_are_413_early(served: Served, memory, path):
    body = b"a" * (50 * MB)

    answer = send_until_answered(served.address, path, body)

    assert answer.startswith(b"HTTP/1.1 413")


def send_until_answered(address: str, path: str, body: bytes) -> bytes:
    """The first bytes of the answer, which may come before the body has gone."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=5) as client:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        client.setblocking(False)
        view, end = memoryview(body), time.monotonic() + 5
        while time.monotonic() < end:
            try:
                return client.recv(1000)
            except BlockingIOError:
                pass
            try:
                view = view[client.send(view[: 64 * 1024]) :]
            except (BlockingIOError, ConnectionError):
                time.sleep(0.005)
    return b""


@pytest.mark.parametrize("path", ["/webhook/shopify", "/auth/login"])
def test_f064_a_body_without_a_length_is_refused_and_not_gathered(served: Served, memory, path):
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    place = urlsplit(served.address)
    with socket.create_connection((place.hostname, place.port), timeout=5) as client:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range(800):  # 50 MB
                client.sendall(chunk)
            client.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # it does not listen to all of it
        client.settimeout(5)
        try:
            answer = client.recv(1000)
        except ConnectionError:
            answer = b""

    assert answer == b"" or answer.split()[1] in (b"400", b"401", b"411", b"413")


def test_f064_a_gzip_bomb_is_never_inflated(served: Served, unblocked, memory):
    bomb = gzip.compress(b"[" + b"0," * (100 * MB) + b"0]", compresslevel=1)
    encoded, webhook_id = {"Content-Encoding": "gzip"}, next(_ids)

    api = ask(served.address, "POST", "/auth/login", bomb,
              {"Content-Type": "application/json", **encoded})  # fmt: skip
    webhook = ask(served.address, "POST", "/webhook/shopify", bomb,
                  signed(bomb, webhook_id) | encoded)  # fmt: skip
    with lent_to(served.database):
        apply(served.database.tenant_id)

    question = "SELECT state FROM webhooks_delivery WHERE webhook_id = %s"
    assert api.status == 400
    assert (webhook.status, served.database.ask(question, webhook_id)) == (200, "parked")
