"""Web servers as they are deployed (granian with a pool), and clients that write down answers."""

import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tenants.actions import save_member, save_role_rights
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.sign_in import start_sign_in
from tests.faults.own_engine import lent_to
from tests.faults.processes import ROOT, SHOP, Database, free_port, get, wait_until
from webhooks.signature import signature
from webhooks.tests.shopify import order

NUMBERS = itertools.count(1)  # of orders: no test repeats another's
THREADS, TURNS = 64, 4  # as `make run` has them in each web process


@dataclass
class Server:
    """A web server of the test's own."""

    address: str
    popen: subprocess.Popen[bytes]

    def worker(self) -> int:
        """The process that answers; the one that was started only watches it."""
        pid = self.popen.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[-1])

    def peak_mb(self) -> float:
        """The most memory that the answering process ever had."""
        status = Path(f"/proc/{self.worker()}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


@dataclass
class Served:
    """A web server and the database that it works on."""

    server: Server
    database: Database
    bearer: dict[str, str]

    @property
    def address(self) -> str:
        return self.server.address


def bearer_of(database: Database, email: str = "ana@example.com") -> dict[str, str]:
    """The headers of a new owner of the database's store."""
    with lent_to(database):
        tenant = Tenant.objects.get(pk=database.tenant_id)
        save_role_rights(tenant=tenant)
        owner = User.objects.create_user(email, "correct horse battery staple")
        save_member(tenant=tenant, user=owner, role=Role.OWNER)
        return {"Authorization": f"Bearer {start_sign_in(user=owner).access}"}


@contextmanager
def serve(
    env: Mapping[str, str], *, log: Path, threads: int = THREADS, prefix: Sequence[str] = ()
) -> Iterator[Server]:
    """One granian process with a pool, as `make run` starts them."""
    port = free_port()
    argv = [*prefix, sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--blocking-threads", str(threads)]
    pooled = {"DATABASE_POOL_SIZE": str(TURNS), **env}
    # To a file: nobody reads a pipe, and a full one would stop the server.
    with log.open("wb") as file:
        popen = subprocess.Popen(
            [*argv, "xeno.wsgi:application"], env=pooled, cwd=ROOT, start_new_session=True,
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
        server = Server(f"http://127.0.0.1:{port}", popen)
        try:
            wait_until(lambda: get(f"{server.address}/healthz") == 200, what="the web server")
            yield server
        finally:
            os.killpg(popen.pid, signal.SIGKILL)
            popen.wait(20)


@dataclass(frozen=True)
class Answer:
    """What came back, and when; status 0 is a connection that broke."""

    status: int
    asked_at: float
    seconds: float
    retry_after: str | None = None
    body: bytes = b""
    webhook_id: str = ""

    @property
    def came_at(self) -> float:
        return self.asked_at + self.seconds


def ask(
    address: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = 20.0,
    webhook_id: str = "",
) -> Answer:
    """One request on a connection of its own."""
    place, start = urlsplit(address), time.monotonic()
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=timeout)
    try:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        told, retry = answer.read(), answer.getheader("Retry-After")
        took = time.monotonic() - start
        return Answer(answer.status, start, took, retry, told, webhook_id)
    except (OSError, http.client.HTTPException):
        return Answer(0, start, time.monotonic() - start, webhook_id=webhook_id)
    finally:
        connection.close()


def signed(body: bytes, webhook_id: str, *, topic: str = "orders/create", shop: str = SHOP) -> Any:
    """The headers with which Shopify would send this body."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature(body, settings.SHOPIFY_API_SECRET).decode(),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Webhook-Id": webhook_id,
    }


def post_order(address: str, number: int, *, shop: str = SHOP, **changes: Any) -> Answer:
    """Send one order as a webhook of its own."""
    body = json.dumps(order(number, **changes)).encode()
    headers = signed(body, f"w{number}", shop=shop)
    return ask(address, "POST", "/webhook/shopify", body, headers, webhook_id=f"w{number}")


@dataclass
class Senders:
    """Threads that send orders without pause until the block ends, each order once."""

    address: str
    threads: int = TURNS
    pause: float = 0.01
    answers: list[Answer] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Senders":
        self._running = [threading.Thread(target=self._send) for _ in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._running:
            thread.join()

    def _send(self) -> None:
        while not self._over.wait(self.pause):
            self.answers.append(post_order(self.address, next(NUMBERS)))

    def acknowledged(self) -> set[str]:
        return {answer.webhook_id for answer in list(self.answers) if answer.status == 200}

    def wait_for_more(self, count: int, *, seconds: float = 20.0) -> None:
        """Until so many more were acknowledged."""
        wanted = len(self.acknowledged()) + count
        wait_until(
            lambda: len(self.acknowledged()) >= wanted, seconds=seconds, what="an acknowledgement"
        )
