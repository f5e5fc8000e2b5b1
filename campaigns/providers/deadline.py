"""How long a few messages may take together: less than their lease, whatever a provider does."""

import socket
import time
from math import inf

from campaigns.sending.settling import HAND_OVER_SECONDS

SHORTEST = 0.001  # seconds; of no seconds at all sockets make something else


class Deadline:
    """The limit of what a session waits for; there is none before the first few."""

    begin_seconds = 40.0  # then what was not begun of the few is queued again
    end_seconds = HAND_OVER_SECONDS - 5.0  # then what was begun is uncertain; the rest is settling

    def __init__(self) -> None:
        self.started_at = self.limit = inf

    def start(self) -> None:
        """The next few are on their way from now on."""
        self.started_at = time.monotonic()
        self.await_begin()

    def await_begin(self) -> None:
        """What is waited for now comes before a message is begun."""
        self.limit = self.started_at + self.begin_seconds

    def await_end(self) -> None:
        """A message is begun: what is waited for now tells what became of it."""
        self.limit = self.started_at + self.end_seconds

    @property
    def is_over(self) -> bool:
        """Whether nothing is waited for any more."""
        return time.monotonic() >= self.limit

    def left(self, most: float) -> float:
        """The seconds for which one answer may be waited for."""
        return min(most, max(self.limit - time.monotonic(), SHORTEST))

    def bound(self, sock: socket.socket, most: float) -> None:
        """Have the socket wait no longer than that; raises TimeoutError when the time is over."""
        if self.is_over:
            raise TimeoutError
        sock.settimeout(self.left(most))
