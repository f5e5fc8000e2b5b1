"""The web application, which kills itself once at a point named by DIE_AT.

Only these tests run it: no failpoint lives in the product. DIE_ONCE names a file that is there
as long as the death is still to come.
"""

import os
import signal
from pathlib import Path
from typing import Any

# First: it sets Django up, which the import below needs. It is what the server runs.
from xeno.wsgi import application  # isort: skip  # noqa: F401
from webhooks import middleware

healthy = middleware.save_arrival


def die_once() -> None:
    marker = Path(os.environ["DIE_ONCE"])
    if marker.exists():
        marker.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def save_arrival(*args: Any) -> bool:
    if os.environ["DIE_AT"] == "before commit":
        die_once()
    saved = healthy(*args)
    if os.environ["DIE_AT"] == "after commit":
        die_once()
    return saved


middleware.save_arrival = save_arrival
