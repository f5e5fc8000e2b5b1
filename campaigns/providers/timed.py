"""Django's SMTP, in which nothing is waited for beyond a deadline: not an address, not a handshake,
and no answer that comes byte by byte.

Python's own time-outs are of one read each, and connecting and signing in are a dozen of them.
"""

import io
import smtplib
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from campaigns.providers.deadline import Deadline

Find = Callable[[str, int], list[str]]


class Answers(io.RawIOBase):
    """What a server says, as it comes."""

    def __init__(self, server: "TimedSMTP", sock: socket.socket) -> None:
        self.server, self.sock = server, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self.server.deadline.bound(self.sock, self.server.timeout)
        return self.sock.recv_into(buffer)


class TimedSMTP(smtplib.SMTP):
    """`find` gives the addresses of the host, which are tried one after the other."""

    timeout: float

    def __init__(self, *args: Any, deadline: Deadline, find: Find, **more: Any) -> None:
        self.deadline, self.find = deadline, find
        super().__init__(*args, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        trouble = OSError("There is no address.")
        for address in self.find(host, port):
            try:
                sock = socket.create_connection((address, port), self.deadline.left(timeout))
            except OSError as error:
                trouble = error
            else:
                sock.settimeout(self.deadline.left(timeout))  # of a handshake
                return sock
        raise trouble

    def send(self, s: Any) -> None:
        if self.sock is not None:
            try:
                self.deadline.bound(self.sock, self.timeout)
            except TimeoutError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected("The time is over.") from error
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(Answers(self, self.sock))
        return super().getreply()


class TimedSMTPoverTLS(smtplib.SMTP_SSL, TimedSMTP):
    """The same within TLS, which is begun on the socket that `TimedSMTP` opened."""

    def __init__(self, *args: Any, deadline: Deadline, find: Find, **more: Any) -> None:
        self.deadline, self.find = deadline, find
        smtplib.SMTP_SSL.__init__(self, *args, **more)


class TimedEmailBackend(EmailBackend):
    """Django's, through the two above."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.deadline = Deadline()

    @property
    def connection_class(self) -> Any:
        kind = TimedSMTPoverTLS if self.use_ssl else TimedSMTP
        return partial(kind, deadline=self.deadline, find=self.find)

    def find(self, host: str, port: int) -> list[str]:
        """The addresses that may be connected to."""
        return find_addresses(host, port)


def find_addresses(host: str, port: int, *, flags: int = 0) -> list[str]:
    """The host's addresses, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(each[4][0]) for each in found))
