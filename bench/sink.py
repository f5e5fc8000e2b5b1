#!/usr/bin/env python3
"""A mail server that takes every message and keeps none, in a process of its own.

It does as little as one can: it looks at the first letters of a command and for the end of the
data, so that its share of the processor is small beside whoever sends. `XCOUNT` asks it how many
messages it took and what processor time it has used.
"""

import resource
import socket
import sys
from contextlib import suppress
from threading import Lock, Thread

END = b"\r\n.\r\n"
REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 30000000\r\n",
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 OK\r\n",
    b"RCPT": b"250 OK\r\n",
    b"RSET": b"250 OK\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink:
    """Counts what all connections brought."""

    def __init__(self) -> None:
        self.lock, self.messages = Lock(), 0

    def serve(self, port: int) -> None:
        """Answer until the process is ended: a thread a connection, which only waits to read."""
        listening = socket.create_server(("127.0.0.1", port), backlog=64)
        while True:
            way, _ = listening.accept()
            way.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=Dialogue(self, way).hold, daemon=True).start()

    def take(self) -> bytes:
        """The answer to a message."""
        with self.lock:
            self.messages += 1
            return b"250 OK queued as %d\r\n" % self.messages

    def count(self) -> bytes:
        """The answer to XCOUNT."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return b"250 %d %.6f\r\n" % (self.messages, used.ru_utime + used.ru_stime)


class Dialogue:
    """One connection."""

    def __init__(self, sink: Sink, way: socket.socket) -> None:
        self.sink, self.way = sink, way
        self.waiting, self.taking = b"", False

    def hold(self) -> None:
        """Answer until the other side has gone; together what came together (RFC 2920)."""
        with self.way, suppress(OSError):
            self.way.sendall(b"220 sink\r\n")
            while came := self.way.recv(1 << 18):
                self.waiting += came
                if replies := b"".join(iter(self.step, b"")):
                    self.way.sendall(replies)

    def step(self) -> bytes:
        """The answer to the next command or message; b"" when it has not come whole."""
        line, mark, rest = self.waiting.partition(END if self.taking else b"\r\n")
        if not mark:
            return b""
        self.waiting = rest
        if self.taking:
            self.taking = False
            return self.sink.take()
        word = line[:4].upper()
        self.taking = word == b"DATA"
        return self.sink.count() if word == b"XCOU" else REPLIES.get(word, b"502 no\r\n")


if __name__ == "__main__":
    Sink().serve(int(sys.argv[1]))
