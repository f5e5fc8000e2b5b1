"""A mail server in a process of its own that notes each message before it answers.

`python -m tests.faults.mail_sink PORT LOG`. A line of the log is a Message-ID, its recipient and
the way of its connection. The file LOG.mode says how it behaves, from one command to the next: see
`MODES`. Every other connection is offered PIPELINING, so that whatever is done hits both ways.
"""

import asyncio
import logging
import re
import socket
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.controller import UnthreadedController

from tests.faults.processes import ROOT, Process, free_port, wait_until

# hang: answers no MAIL. refuse: will have none of us. deaf: takes a message and answers nothing.
# reset: takes a message and tears the connection. cut: ends in the middle of the answer.
# half: tears the connection in the middle of a message, of which it keeps nothing.
MODES = ("", "hang", "refuse", "deaf", "reset", "cut", "half")
WAYS = ("plain", "pipelining")
MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Handler:
    """What aiosmtpd asks at each step of a message."""

    def __init__(self, log: Path) -> None:
        self.log, self.told = log.open("ab", buffering=0), log.with_suffix(".mode")
        self.greeted = 0

    def mode(self) -> str:
        with suppress(OSError):
            return self.told.read_text()
        return ""

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name, session.way = hostname, WAYS[self.greeted % 2]
        self.greeted += 1
        offered = ["250-PIPELINING"] if session.way == "pipelining" else []
        return [*responses[:-1], *offered, responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        while self.mode() == "hang":
            await asyncio.sleep(0.05)
        if self.mode() == "refuse":
            return "421 not now"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mode = self.mode()
        if mode == "half":
            return self.tear(server)
        [found] = MESSAGE_ID.findall(envelope.content)
        for recipient in envelope.rcpt_tos:
            self.log.write(found + b" " + recipient.encode() + b" " + session.way.encode() + b"\n")
        while self.mode() == "deaf":
            await asyncio.sleep(0.05)
        if mode == "cut":
            server.transport.write(b"25")
            server.transport.close()
            return "0 nobody hears this"
        return self.tear(server) if mode == "reset" else "250 OK queued as ABC123"

    def tear(self, server: Any) -> str:
        """RST, not FIN."""
        own = server.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        server.transport.abort()
        return "250 nobody hears this"


@dataclass
class MailSink:
    """A running server, as seen by a test."""

    port: int
    log: Path

    def behave(self, mode: str = "") -> None:
        """From the next command on; whoever is kept waiting waits until the mode changes."""
        assert mode in MODES
        draft = self.log.with_suffix(".draft")
        draft.write_text(mode)
        draft.replace(self.log.with_suffix(".mode"))

    def got(self) -> Counter[str]:
        """How many messages each address got."""
        return Counter(line.split()[1] for line in self.log.read_text().splitlines())

    def message_ids(self) -> Counter[str]:
        return Counter(line.split()[0] for line in self.log.read_text().splitlines())

    def ways(self) -> Counter[str]:
        """How many came with PIPELINING, and how many with an answer to each command."""
        return Counter(line.split()[2] for line in self.log.read_text().splitlines())

    def environment(self) -> dict[str, str]:
        """For workers that are processes of their own."""
        url = f"smtp://127.0.0.1:{self.port}"
        return {"EMAIL_URL": url, "CAMPAIGN_PROVIDER": "smtp"}


@contextmanager
def mail_sink(folder: Path) -> Iterator[MailSink]:
    """A server that runs until the block ends."""
    made = MailSink(free_port(), folder / "mail.log")
    made.log.touch()
    argv = [sys.executable, "-m", "tests.faults.mail_sink", str(made.port), str(made.log)]
    process = Process(argv, {"PYTHONPATH": str(ROOT), "PATH": ""})
    try:
        wait_until(lambda: listens(made.port), what="the mail server")
        yield made
    finally:
        process.stop()


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            return asked.recv(3) == b"220"
    except OSError:
        return False


def serve(port: int, log: Path) -> None:
    logging.disable()  # nobody reads its standard error
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    handler = Handler(log)
    server: Any = UnthreadedController(handler, hostname="127.0.0.1", port=port, loop=loop)
    server.begin()
    loop.run_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
