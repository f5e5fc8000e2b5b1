"""The bench's mail server (`sink.py`) in a process of its own, and what it says it took."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.machinery import ROOT, free_port, process


@contextmanager
def sinking() -> Iterator[int]:
    """The mail server in a process of its own; its port."""
    import smtplib

    port = free_port()
    with process([str(ROOT / "bench" / "sink.py"), str(port)], os.environ):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                smtplib.SMTP("127.0.0.1", port).quit()
                break
            except OSError:
                time.sleep(0.05)
        yield port


def counted(port: int) -> tuple[int, float]:
    """How many messages the sink took, and what processor time it used."""
    import smtplib

    with smtplib.SMTP("127.0.0.1", port) as asking:
        messages, seconds = asking.docmd("XCOUNT")[1].split()
    return int(messages), float(seconds)
