"""Whether this process lives, and whether the install can do its work."""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django_redis import get_redis_connection
from redis.exceptions import RedisError, ResponseError

WORKER_SIGN = "xeno:worker-alive"
WORKER_SIGN_SECONDS = 60
KEEPING = "noeviction"


def note_live_worker() -> None:
    """Say that a worker is alive; the sign fades by itself."""
    cache.set(WORKER_SIGN, time.time(), timeout=WORKER_SIGN_SECONDS)


def database_answers() -> bool:
    """Whether a statement runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations_applied() -> bool:
    """Whether the database is at the newest migration."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def redis_answers() -> bool:
    """Whether Redis answers a ping; asked directly, because the cache forgives."""
    return bool(get_redis_connection("default").ping())


def find_evicting_policy() -> str:
    """The policy by which Redis throws queued work away when its memory is short; '' for none.

    A Redis without a limit of memory never comes to that, whatever its policy.
    """
    try:
        facts: dict[str, Any] = get_redis_connection("default").info("memory")
    except ResponseError:
        return ""  # it answers, but tells nothing of itself
    policy = str(facts.get("maxmemory_policy", KEEPING))
    return policy if facts.get("maxmemory") and policy != KEEPING else ""


def worker_lives() -> bool:
    """Whether a worker has taken work within the last minute."""
    return cache.get(WORKER_SIGN) is not None


PARTS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": migrations_applied,
    "redis": redis_answers,
    "queue": lambda: not find_evicting_policy(),
    "worker": worker_lives,
}


def find_state() -> dict[str, bool]:
    """Each part of the install and whether it is well. Never raises."""
    state = {}
    for name, is_well in PARTS.items():
        try:
            state[name] = is_well()
        except (Error, RedisError, OSError, TimeoutError):
            state[name] = False
    return state


def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is well, else 503; says which is not."""
    state = find_state()
    answer = JsonResponse(
        {"status": "ok" if all(state.values()) else "not ready", "parts": state},
        status=200 if all(state.values()) else 503,
    )
    answer._has_been_logged = True  # type: ignore[attr-defined]  # asked each second at a start
    return answer
