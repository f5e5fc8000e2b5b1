"""What tests do to the applier of the process that they run in, never to the product's files."""

import faulthandler
import os
from collections.abc import Callable
from typing import Any

from webhooks import leases, news, processing


def shorten_lease(seconds: float) -> None:
    """A dead applier's lease runs out after so many seconds, in this process."""
    known = f"{leases.LEASE_SECONDS} seconds"
    longest = f"{2 * leases.LONGEST_HOLD} seconds"
    for words in (known, longest):
        assert words in leases.TAKE, "the lease's statement has changed: put this wrapper right"
    longer = f"{2 * max(seconds, leases.LONGEST_HOLD)} seconds"
    leases.TAKE = leases.TAKE.replace(longest, longer).replace(known, f"{seconds} seconds")


def hurt() -> None:
    """Orders noted "abort" end the process as a segfault does; those noted "raise" raise."""

    def hear(body: bytes, envelope: Any, gathered: news.News) -> int | None:
        if b'"note": "abort"' in body:
            os.abort()
        if b'"note": "raise"' in body:
            raise RuntimeError("a bug in the handler")
        return healthy(body, envelope, gathered)

    faulthandler.disable()  # the deaths are wanted
    healthy: Callable[..., int | None] = processing.HANDLERS["orders/create"]
    processing.HANDLERS["orders/create"] = hear
