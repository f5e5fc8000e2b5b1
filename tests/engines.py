"""A pytest plugin: the suite runs on engines of its own, started before Django's settings load.

With DATABASE_URL and REDIS_URL set it uses those servers and starts none.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import psycopg

from xeno import embedded
from xeno.embedded.home import BOOTSTRAP, open_home


def do_not_wait_for_the_disk(home: Path) -> None:
    """What a power failure may cost is a test database, and the next run makes another."""
    place = open_home(home)
    with psycopg.connect(
        host=str(place.sockets), user=BOOTSTRAP, dbname="postgres", autocommit=True,
        password=place.passwords[BOOTSTRAP],
    ) as superuser:  # fmt: skip
        superuser.execute("ALTER SYSTEM SET fsync = off")
        superuser.execute("SELECT pg_reload_conf()")


_held = ExitStack()
postgres, redis = (not os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))

if postgres or redis:
    home = Path(__file__).resolve().parent.parent / ".xeno-test"
    engines = _held.enter_context(embedded.hold(home, postgres=postgres, redis=redis))
if postgres:
    os.environ["DATABASE_URL"] = engines.database_url
    os.environ["DATABASE_ADMIN_URL"] = engines.database_admin_url
    do_not_wait_for_the_disk(home)
    os.environ["XENO_TEST_HOME"] = str(home)  # the server is ours: see tests/templates.py
if redis:
    os.environ["REDIS_URL"] = engines.redis_url
if number := os.environ.get("PYTEST_XDIST_WORKER", "")[2:]:  # gw0: the URL is inherited
    # Each has its own keys: a test that takes the sign of a live worker away takes its own.
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("?db=0", f"?db={int(number) + 1}")


def pytest_unconfigure() -> None:
    """Stop what was started, when nobody else holds it."""
    _held.close()
