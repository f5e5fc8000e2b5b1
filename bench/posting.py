"""Post deliveries over kept-alive connections; come again to a busy server, as Shopify does."""

import http.client
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.deliveries import Delivery

TRIES = 9
TIMEOUT = 30.0
NO_ANSWER = "no answer"
# What every further delivery would be answered too: the secret, or the store, is another.
HOPELESS = ("401", "404")


@dataclass
class Answers:
    """Every answer by its status, and the deliveries that never got a 200, by topic."""

    by_status: Counter[str] = field(default_factory=Counter)
    undelivered: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    hopeless: str = ""  # the status at which nothing more was posted

    def __iadd__(self, other: "Answers") -> "Answers":
        self.by_status += other.by_status
        self.undelivered += other.undelivered
        self.hopeless = self.hopeless or other.hopeless
        return self


def check_reachable(url: str) -> None:
    """Raise OSError unless something listens at the address."""
    connection = _connection(url)
    connection.connect()
    connection.close()


def post(
    posts: Iterable[Delivery],
    *,
    url: str,
    connections: int = 8,
    on_answer: Callable[[], object] = lambda: None,
) -> Answers:
    """Post all, started in their order; `on_answer` is called once for each, from any thread.

    Nothing more is posted after an answer that every other delivery would get too.
    """
    waiting: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
    for delivery in posts:
        waiting.put(delivery)
    stop, answers, started = threading.Event(), Answers(), time.monotonic()
    posters = [_Poster(url, waiting, stop, on_answer) for _ in range(connections)]
    for poster in posters:
        poster.start()
    try:
        for poster in posters:
            poster.join()
            answers += poster.answers
    finally:
        # After a Ctrl-C nothing more is sent; the threads end behind their current post.
        stop.set()
    answers.seconds = time.monotonic() - started
    return answers


class _Poster(threading.Thread):
    """One connection; it takes the next delivery until none is left."""

    def __init__(
        self,
        url: str,
        waiting: "queue.SimpleQueue[Delivery]",
        stop: threading.Event,
        on_answer: Callable[[], object],
    ) -> None:
        super().__init__(daemon=True)
        self._connection = _connection(url)
        self._prefix = urlsplit(url).path.rstrip("/")
        self._waiting = waiting
        self._stop_asked = stop
        self._on_answer = on_answer
        self.answers = Answers()

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                delivery = self._waiting.get_nowait()
            except queue.Empty:
                break
            if not self._deliver(delivery):
                self.answers.undelivered[delivery.topic] += 1
            self._on_answer()
        self._connection.close()

    def _deliver(self, delivery: Delivery) -> bool:
        for attempt in range(TRIES):
            status = self._post_once(delivery)
            self.answers.by_status[status] += 1
            if status == "200":
                return True
            if status in HOPELESS:
                self.answers.hopeless = status
                self._stop_asked.set()
            # A 4xx stays what it is: asking again would only repeat the mistake.
            if status.startswith("4") or self._stop_asked.wait(min(0.1 * 2**attempt, 5.0)):
                return False
        return False

    def _post_once(self, delivery: Delivery) -> str:
        try:
            path = self._prefix + delivery.path
            self._connection.request("POST", path, body=delivery.body, headers=delivery.headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return NO_ANSWER
        return str(answer.status)


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    if not parts.hostname:
        raise OSError(f"{url!r} names no host")
    return kind(parts.hostname, parts.port, timeout=TIMEOUT)
