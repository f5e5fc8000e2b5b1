"""Messages as lines on the worker's own output, for whoever looks there."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from campaigns.mail.building import build
from campaigns.providers.base import idle
from campaigns.sending.ready import Ready
from campaigns.sending.settling import Outcome


class ConsoleSession:
    """Writes each message to standard output."""

    def hand_over(
        self, messages: Sequence[Ready], meanwhile: Callable[[], None] = idle
    ) -> list[Outcome]:
        """One after the other."""
        for message in messages:
            sys.stdout.write(build(message).decode("ascii", "replace") + "\n")
        sys.stdout.flush()
        return [Outcome(message.id, "sent") for message in messages]


class ConsoleProvider:
    """For development."""

    name: ClassVar[str] = "console"

    @contextmanager
    def open(self) -> Iterator[ConsoleSession]:
        """There is nothing to open."""
        yield ConsoleSession()
