"""Posting to the running server over a few kept-alive connections."""

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import SplitResult, urlsplit

from xeno.demo.deliveries import Delivery
from xeno.lib.errors import Mistake

CONNECTIONS = 4
TRIES = 6
TIMEOUT = 20.0
NO_ANSWER = 0

# Posts everything, and calls back with 1 for each that the server has taken.
Sender = Callable[[Sequence[Delivery], Callable[[int], object]], None]

REFUSALS = {
    401: "The server at {url} has another SHOPIFY_API_SECRET than this command.",
    404: "The server at {url} does not know the demo store: it uses another database.",
    NO_ANSWER: "Nothing answers at {url}. Start it with `make run`, or say where it is with --url.",
}


class NotTaken(Mistake):
    """The server did not take a webhook."""

    code = "webhook_not_taken"
    status = 502


def check_answers(url: str) -> None:
    """Raise NotTaken unless a server answers at the address."""
    Poster(url).check_answers()


def send_to(url: str) -> Sender:
    """A sender to the server at this address."""

    def send(deliveries: Sequence[Delivery], on_taken: Callable[[int], object]) -> None:
        poster = Poster(url)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            try:
                for _ in pool.map(poster.post, deliveries):
                    on_taken(1)
            finally:
                # After a refusal or a Ctrl-C nothing more is sent.
                pool.shutdown(cancel_futures=True)

    return send


class Poster:
    """Posts one delivery at a time on each thread's own connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._address = urlsplit(url)
        if self._address.scheme not in ("http", "https") or not self._address.hostname:
            raise NotTaken(f"{url!r} is no address such as http://127.0.0.1:8000")
        self._own = threading.local()

    def check_answers(self) -> None:
        """Raise NotTaken unless a server answers, whatever it says."""
        connection = self._connection()
        try:
            connection.request("GET", self._address.path.rstrip("/") + "/healthz")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise NotTaken(REFUSALS[NO_ANSWER].format(url=self._url)) from error
        finally:
            connection.close()

    def post(self, delivery: Delivery) -> None:
        """Post it until the server takes it; NotTaken when it never does."""
        status = self._post_once(delivery)
        for attempt in range(1, TRIES):
            # A 4xx stays what it is; anything else is a server that is busy or restarts.
            if status == 200 or 400 <= status < 500:
                break
            time.sleep(0.1 * 2**attempt)
            status = self._post_once(delivery)
        if status != 200:
            reason = REFUSALS.get(status, f"The server at {{url}} answered {status}.")
            raise NotTaken(reason.format(url=self._url))

    def _post_once(self, delivery: Delivery) -> int:
        connection = self._connection()
        path = self._address.path.rstrip("/") + delivery.path
        try:
            connection.request("POST", path, body=delivery.body, headers=delivery.headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return NO_ANSWER
        return answer.status

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = connect(self._address)
        kept: http.client.HTTPConnection = self._own.connection
        return kept


def connect(address: SplitResult) -> http.client.HTTPConnection:
    """A connection to the address; opened with the first request."""
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    return kind(str(address.hostname), address.port, timeout=TIMEOUT)
