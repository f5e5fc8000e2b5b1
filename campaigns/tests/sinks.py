"""A real mail server on loopback that writes down each message, and behaves as it is told."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

Answer = Callable[[str], str | None]


class Sink:
    """Takes messages; `answer` gives another reply than 250 for a recipient, at DATA's end."""

    def __init__(self) -> None:
        self.raw: list[tuple[str, bytes]] = []
        self.rcpt: Answer = lambda address: None
        self.data: Answer = lambda address: None
        self.hang_seconds = 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        refusal = self.rcpt(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        [address] = envelope.rcpt_tos
        refusal = self.data(address)
        if refusal:
            return refusal
        self.raw.append((address, envelope.content))
        if self.hang_seconds:
            await asyncio.sleep(self.hang_seconds)
        return "250 OK queued as ABC123"

    @property
    def recipients(self) -> Counter:
        return Counter(address for address, _ in self.raw)

    def messages(self) -> list:
        return [message_from_bytes(raw, policy=policy.SMTP) for _, raw in self.raw]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def sink() -> Iterator[tuple[Sink, int]]:
    """A running server; gives it and its port."""
    handler, port = Sink(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()
