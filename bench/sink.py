#!/usr/bin/env python3
"""A mail server that takes every message and keeps none, in a process of its own.

It does as little as one can: it looks at the first letters of a command and for the end of the
data, so that its share of the processor is small beside whoever sends. `XCOUNT` asks it how many
messages it took and what processor time it has used.
"""

import resource
import selectors
import socket
import sys
from contextlib import suppress

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

    def __init__(self, port: int) -> None:
        self.messages = 0
        self.ways = selectors.DefaultSelector()
        self.listening = socket.create_server(("127.0.0.1", port), backlog=64)
        self.ways.register(self.listening, selectors.EVENT_READ)

    def serve(self) -> None:
        """Answer until the process is ended."""
        while True:
            for key, _ in self.ways.select():
                if key.data is None:
                    self.accept()
                elif not key.data.read():
                    self.ways.unregister(key.data.way)
                    key.data.way.close()

    def accept(self) -> None:
        """Greet one that connects."""
        way, _ = self.listening.accept()
        way.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        way.sendall(b"220 sink\r\n")
        self.ways.register(way, selectors.EVENT_READ, Dialogue(self, way))

    def count(self) -> bytes:
        """The answer to XCOUNT."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        return b"250 %d %.6f\r\n" % (self.messages, used.ru_utime + used.ru_stime)


class Dialogue:
    """One connection."""

    def __init__(self, sink: Sink, way: socket.socket) -> None:
        self.sink, self.way = sink, way
        self.waiting, self.taking = b"", False

    def read(self) -> bool:
        """Take what has come and answer it; False when the other side has gone."""
        came = b""
        with suppress(OSError):
            came = self.way.recv(1 << 18)
        if not came:
            return False
        self.waiting += came
        replies = b""
        while reply := self.step():
            replies += reply
        with suppress(OSError):
            self.way.sendall(replies)  # RFC 2920: what came together is answered together
        return True

    def step(self) -> bytes:
        """The answer to the next command or message; b"" when it has not come whole."""
        end, mark = (END, 5) if self.taking else (b"\r\n", 2)
        at = self.waiting.find(end)
        if at < 0:
            return b""
        line, self.waiting = self.waiting[:at], self.waiting[at + mark :]
        if self.taking:
            self.taking = False
            self.sink.messages += 1
            return b"250 OK queued as %d\r\n" % self.sink.messages
        word = line[:4].upper()
        self.taking = word == b"DATA"
        return self.sink.count() if word == b"XCOU" else REPLIES.get(word, b"502 no\r\n")


if __name__ == "__main__":
    Sink(int(sys.argv[1])).serve()
