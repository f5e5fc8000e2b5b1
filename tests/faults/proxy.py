"""A link that can fail: stands on loopback before a server's socket, and is slow, deaf or torn.

Every fault can be set while connections are open: the next bytes meet it.
"""

import os
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Link:
    """What the link does to bytes; `address` is where clients connect."""

    target: str  # "host:port", or the path of a Unix socket
    port: int = 0
    latency: float = 0.0  # seconds, each way half
    deaf: bool = False  # connects and takes everything, passes nothing on
    refused: bool = False  # new connections end at once
    cut_after: int | None = None  # bytes from the server; then the link is torn
    trips: int = 0  # how often a client had to wait for an answer
    _open: set[socket.socket] = field(default_factory=set)

    def reset(self) -> None:
        """Tear every open connection with RST."""
        for end in list(self._open):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                end.shutdown(socket.SHUT_RDWR)

    def connect(self) -> socket.socket:
        if self.target.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            return server
        host, _, port = self.target.rpartition(":")
        return socket.create_connection((host, int(port)))

    def carry(self, source: socket.socket, sink: socket.socket, *, answers: bool) -> None:
        """Pass bytes on in one direction until either end closes."""
        passed = 0
        with suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.latency / 2)
                while self.deaf:
                    time.sleep(0.05)
                if answers and self.cut_after is not None:
                    data = data[: max(0, self.cut_after - passed)]
                passed += len(data)
                sink.sendall(data)
                if answers and self.cut_after is not None and passed >= self.cut_after:
                    break
                self.trips += not answers
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        link: Link = self.server.link  # type: ignore[attr-defined]
        if link.refused:
            return
        client = self.request
        with link.connect() as server:
            link._open |= {client, server}
            back = threading.Thread(
                target=link.carry, args=(server, client), kwargs={"answers": True}, daemon=True
            )
            back.start()
            link.carry(client, server, answers=False)
            back.join()
            link._open -= {client, server}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64


@contextmanager
def link_to(target: str | os.PathLike[str]) -> Iterator[Link]:
    """A link to a server, on a port of loopback of its own."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        link = Link(os.fspath(target), server.server_address[1])
        server.link = link  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield link
        finally:
            link.deaf = False
            link.reset()
            server.shutdown()
            thread.join()
