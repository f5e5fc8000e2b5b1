"""A pytest plugin: the suite runs on engines of its own, started before Django's settings load.

With DATABASE_URL and REDIS_URL set it uses those servers and starts none.
"""

import os
from contextlib import ExitStack
from pathlib import Path

from xeno import embedded

_held = ExitStack()
postgres, redis = (not os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))

if postgres or redis:
    home = Path(__file__).resolve().parent.parent / ".xeno-test"
    engines = _held.enter_context(embedded.hold(home, postgres=postgres, redis=redis))
if postgres:
    os.environ["DATABASE_URL"] = engines.database_url
    os.environ["DATABASE_ADMIN_URL"] = engines.database_admin_url
if redis:
    os.environ["REDIS_URL"] = engines.redis_url


def pytest_unconfigure() -> None:
    """Stop what was started, when nobody else holds it."""
    _held.close()
