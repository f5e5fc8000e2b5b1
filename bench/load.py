"""A lean client: a few kept-alive connections, whole requests prepared before, one thread.

It costs some 30 microseconds a request, so that what is measured is the server.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

LARGEST_ANSWER = 65_536


@dataclass
class Load:
    """What came back: how many of each status, each request's seconds, and the whole."""

    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers of 200 a second."""
        return self.statuses.get(200, 0) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Connection:
    """One connection and the request that is under way on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0

    def send(self, request: bytes) -> None:
        """Send a request, all of it."""
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """The status of the answer, which is short enough to come in one piece or two."""
        answer = self.socket.recv(LARGEST_ANSWER)
        while not complete(answer):
            more = self.socket.recv(LARGEST_ANSWER)
            if not more:
                raise ConnectionError("The server closed the connection.")
            answer += more
        return int(answer[9:12])


def complete(answer: bytes) -> bool:
    """Whether the whole answer is there."""
    head, found, rest = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        return rest.endswith(b"0\r\n\r\n")
    return len(rest) >= int(lowered[at + 15 :].split(b"\r\n", 1)[0])


def drive(
    port: int, requests: Sequence[bytes], *, connections: int, rate: float | None = None
) -> Load:
    """Send all, so many at once, as fast as they are answered or (with a rate) by the clock.

    With a rate a request's time counts from when it was due, so that a slow server cannot
    hide behind a client that waits for it.
    """
    load, waiting = Load(), deque(requests)
    idle = deque(Connection(port) for _ in range(connections))
    every = list(idle)
    watch = selectors.DefaultSelector()
    for connection in every:
        watch.register(connection.socket, selectors.EVENT_READ, connection)
    began, sent, open_requests = time.perf_counter(), 0, 0
    while waiting or open_requests:
        while waiting and idle and (rate is None or time.perf_counter() - began >= sent / rate):
            connection = idle.popleft()
            connection.send(waiting.popleft())
            if rate is not None:
                connection.began = began + sent / rate
            sent, open_requests = sent + 1, open_requests + 1
        pause = None if rate is None else max(began + sent / rate - time.perf_counter(), 0.0005)
        for key, _ in watch.select(pause):
            ended: Connection = key.data
            status = ended.receive()
            load.latencies.append(time.perf_counter() - ended.began)
            load.statuses[status] = load.statuses.get(status, 0) + 1
            idle.append(ended)
            open_requests -= 1
    load.seconds = time.perf_counter() - began
    for connection in every:
        connection.socket.close()
    return load
