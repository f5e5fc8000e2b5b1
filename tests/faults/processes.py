"""Real processes that a test owns: a database of its own, web servers, appliers; ended by pid."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from webhooks.signature import signature

ROOT = Path(__file__).resolve().parents[2]
SHOP = "fault.myshopify.com"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(holds: Callable[[], Any], *, seconds: float = 20.0, what: str = "it") -> Any:
    """Poll until the condition gives something; the test fails when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come about in {seconds} s")


@dataclass
class Database:
    """A database of the test's own, with one store in it, and who may look into it."""

    name: str
    app: dict[str, Any]
    admin: dict[str, Any]
    tenant_id: int = 0

    def url(self, login: dict[str, Any]) -> str:
        user, host = f"{login['USER']}:{login['PASSWORD']}", login["HOST"]
        if host.startswith("/"):
            return f"postgresql://{user}@/{self.name}?host={host}"
        return f"postgresql://{user}@{host}:{login['PORT'] or 5432}/{self.name}"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.url(self.app),
            "DATABASE_ADMIN_URL": self.url(self.admin),
            "REDIS_URL": settings.REDIS_URL,
            "DJANGO_SETTINGS_MODULE": "xeno.settings",
            "PYTHONPATH": str(ROOT),
        }

    def ask(self, sql: str, *params: Any) -> Any:
        """One statement as the migrator, who sees every row; the first column of the first row."""
        with psycopg.connect(self.url(self.admin), autocommit=True) as connection:
            cursor = connection.execute(sql, params)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


@dataclass
class Process:
    """One process of the test's own."""

    argv: list[str]
    env: dict[str, str]
    popen: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.popen = subprocess.Popen(
            self.argv, env=self.env, cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the process and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)
        self.popen.wait(20)
        if self.popen.stderr:
            self.popen.stderr.close()


@contextmanager
def web(database: Database, module: str = "xeno.wsgi", **env: str) -> Iterator[str]:
    """A granian web server of its own on the database; gives its address."""
    port = free_port()
    argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    argv += ["--port", str(port), "--respawn-failed-workers", f"{module}:application"]
    process = Process(argv, {**database.environment(), **env})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: get(f"{address}/healthz") == 200, what="the web server")
        yield address
    finally:
        process.stop()


def get(url: str) -> int:
    """The status of a GET; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def send(address: str, payload: dict[str, Any], *, webhook_id: str, topic: str) -> int:
    """Post one signed webhook; the status, or 0 when the connection broke."""
    body = json.dumps(payload).encode()
    request = urllib.request.Request(
        f"{address}/webhook/shopify",
        data=body,
        headers={
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature(body, settings.SHOPIFY_API_SECRET).decode(),
            "X-Shopify-Shop-Domain": SHOP,
            "X-Shopify-Webhook-Id": webhook_id,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
