"""Posting many webhooks over kept connections, with the time that each answer took."""

import http.client
import queue
import statistics
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from bench.deliveries import Delivery, signature
from tests.faults.processes import SHOP


@dataclass
class Answered:
    """What came back, in any order."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[98]


def signed(body: bytes, webhook_id: str, *, shop: str = SHOP) -> Delivery:
    """A delivery of an order."""
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": signature(settings.SHOPIFY_API_SECRET, body),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Webhook-Id": webhook_id,
    }
    return Delivery("orders/create", "/webhook/shopify", headers, body)


def post_all(
    address: str, posts: Iterable[Delivery], *, connections: int = 4, pause: float = 0.0
) -> Answered:
    """Post each once; 0 stands for a connection that broke."""
    waiting: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
    for post in posts:
        waiting.put(post)
    answered, lock = Answered(), threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        while True:
            try:
                post = waiting.get_nowait()
            except queue.Empty:
                break
            started = time.monotonic()
            try:
                connection.request("POST", post.path, body=post.body, headers=post.headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                connection.close()
                status = 0
            with lock:
                answered.statuses.append(status)
                answered.seconds.append(time.monotonic() - started)
            time.sleep(pause)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answered
