"""A pytest plugin: the suite runs on engines of its own, started before Django's settings load.

With DATABASE_URL and REDIS_URL set it uses those servers and starts none.
"""

import os
from contextlib import ExitStack
from pathlib import Path

from xeno import embedded

_held = ExitStack()
_needed = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))

if _needed:
    home = Path(__file__).resolve().parent.parent / ".xeno-test"
    engines = _held.enter_context(embedded.hold(home))
    os.environ.setdefault("DATABASE_URL", engines.database_url)
    os.environ.setdefault("DATABASE_ADMIN_URL", engines.database_admin_url)
    os.environ.setdefault("REDIS_URL", engines.redis_url)


def pytest_unconfigure() -> None:
    """Stop what was started, when nobody else holds it."""
    _held.close()
