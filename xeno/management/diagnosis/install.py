"""The settings, as far as they are no secret, and the servers behind them."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django_redis import get_redis_connection
from redis.exceptions import RedisError, ResponseError

from xeno.checks import SECRETS, STRONG_ROLE, check_secrets
from xeno.embedded.commands import configured
from xeno.health import worker_lives
from xeno.management.diagnosis.findings import Finding, note, wrong

OLDEST_POSTGRES = 15
OLDEST_REDIS = 7


def look_at_settings() -> list[Finding]:
    """What is configured; in production a default secret is wrong."""
    default, given = "the one of development", "set"
    findings = [
        Finding("environment", settings.XENO_ENV),
        Finding("address", settings.PUBLIC_URL),
        Finding("e-mail", settings.EMAIL_BACKEND.rpartition("backends.")[2]),
    ]
    for name in SECRETS:
        weak = settings.DEVELOPMENT_SECRET in getattr(settings, name)
        findings.append(Finding(name, default if weak else given))
    weak = settings.DEVELOPMENT_KEY in settings.ENCRYPTION_KEYS
    findings.append(Finding("ENCRYPTION_KEYS", default if weak else given))
    # The same that `check --deploy` and every start in production say.
    refusals = check_secrets(None)
    return findings + [wrong(str(e.id), str(e.msg), str(e.hint or "")) for e in refusals]


def database_address() -> str:
    """Where the database is, without its password."""
    own = connection.settings_dict
    place = f"{own['HOST'] or 'localhost'}:{own['PORT'] or 5432}"
    kind = "" if configured("DATABASE_URL") else "embedded, "
    return f"{kind}{own['USER']} at {place}, {own['NAME']}"


def look_at_database() -> list[Finding]:
    """Whether it answers, and whether it is what we need."""
    try:
        connection.ensure_connection()
    except (DatabaseError, OSError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return [
            wrong(
                "database",
                f"{database_address()} does not answer: {first}",
                "Start it, or put DATABASE_URL right.",
            )
        ]
    return [
        Finding("database", database_address()),
        look_at_version(),
        look_at_role(),
        look_at_commits(),
        look_at_migrations(),
    ]


def look_at_version() -> Finding:
    """PostgreSQL 15 or later."""
    major = connection.pg_version // 10_000  # type: ignore[attr-defined]  # PostgreSQL's has it
    if major < OLDEST_POSTGRES:
        return wrong("PostgreSQL", str(major), f"Version {OLDEST_POSTGRES} or later is needed.")
    return Finding("PostgreSQL", str(major))


def ask(sql: str) -> Any:
    """The one value of a statement's one row."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def look_at_role() -> Finding:
    """The application's login must not see over the walls between stores."""
    if ask(STRONG_ROLE):
        return wrong(
            "login",
            "could see every store's rows: a superuser, BYPASSRLS, or the tables' owner",
            "Make two logins with: python manage.py setup_database",
        )
    return Finding("login", "sees one store at a time")


def look_at_commits() -> Finding:
    """What a webhook's 200 promises must survive a crash."""
    if ask("SHOW synchronous_commit") == "off":
        return wrong(
            "synchronous_commit",
            "off: a crash would lose acknowledged webhooks",
            "Set synchronous_commit = on for the application's login.",
        )
    return Finding("commits", "are on disk before a webhook is acknowledged")


def look_at_migrations() -> Finding:
    """The tables must be the ones of this version."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return wrong(
            "migrations", f"{len(missing)} are not applied", "Run: python manage.py migrate"
        )
    return Finding("migrations", "all applied")


def redis_address() -> str:
    """Where Redis is, without its password."""
    parts = urlsplit(settings.REDIS_URL)
    place = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
    return place if configured("REDIS_URL") else f"embedded, {place}"


def look_at_redis() -> list[Finding]:
    """Whether it answers, and whether it throws anything away."""
    try:
        facts: dict[str, Any] = get_redis_connection("default").info()
    except ResponseError as error:
        return [note("Redis", f"{redis_address()} answers, but tells nothing of itself: {error}")]
    except (RedisError, OSError) as error:
        return [
            wrong(
                "Redis",
                f"{redis_address()} does not answer ({type(error).__name__})",
                "Start it, or put REDIS_URL right. Webhooks are kept meanwhile, and wait.",
            )
        ]
    return [look_at_redis_version(facts), look_at_eviction(facts), look_at_persistence(facts)]


def look_at_redis_version(facts: dict[str, Any]) -> Finding:
    """Redis or Valkey, 7 or later."""
    name = str(facts.get("server_name", "redis")).capitalize()
    version = str(facts.get("valkey_version") or facts.get("redis_version", "0"))
    said = f"{redis_address()}, {name} {version}"
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        return wrong("Redis", said, f"Version {OLDEST_REDIS} or later is needed.")
    return Finding("Redis", said)


def look_at_eviction(facts: dict[str, Any]) -> Finding:
    """A queue that may lose its oldest entries is none."""
    policy = facts.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return Finding("eviction", policy)
    remedy = "Set maxmemory-policy noeviction."
    if facts.get("maxmemory"):
        return wrong(
            "eviction", f"{policy}: queued work is thrown away when memory is short", remedy
        )
    return note("eviction", f"{policy}, without a limit of memory yet", remedy)


def look_at_persistence(facts: dict[str, Any]) -> Finding:
    """Redis only wakes and caches: losing it costs seconds, no data."""
    if facts.get("aof_enabled"):
        return Finding("persistence", "append-only file")
    return note("persistence", "no append-only file: a restart forgets what was queued")


def look_at_worker() -> Finding:
    """Whether a worker took work within the last minute."""
    if worker_lives():
        return Finding("worker", "took work within the last minute")
    return wrong(
        "worker",
        "none took work within the last minute",
        "Start `make run`, or: celery -A xeno worker, and: celery -A xeno beat",
    )
