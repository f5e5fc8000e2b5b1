"""`doctor` says what is wrong and what to do, shows no secret, and exits with 1 or 0."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from tenants.models import Tenant
from webhooks.models import Delivery, State
from xeno.health import WORKER_SIGN, note_live_worker
from xeno.management.diagnosis import inboxes, install
from xeno.management.diagnosis.findings import Level, ago


@pytest.fixture(autouse=True)
def live_worker() -> Iterator[None]:
    note_live_worker()
    yield
    cache.delete(WORKER_SIGN)


def doctor() -> str:
    """What it says when all is well."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except CommandError:
        pytest.fail(out.getvalue())
    return out.getvalue()


def complaint() -> str:
    """What it says when something is wrong; its exit code is 1."""
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("doctor", stdout=out)
    assert error.value.returncode == 1
    return out.getvalue()


def add_delivery(state: State, *, age: timedelta = timedelta(0)) -> None:
    received = timezone.now() - age
    Delivery.objects.create(
        webhook_id=f"{state} {age}", topic="orders/create", body=b"{}", body_hash=b"",
        state=state, received_at=received,
    )  # fmt: skip


def test_a_sound_install_is_well(in_anas_store: Tenant) -> None:
    add_delivery(State.APPLIED, age=timedelta(minutes=3))
    add_delivery(State.PENDING)

    said = doctor()

    assert "All is well." in said
    assert "ok ana.myshopify.com: 1 pending, 0 waiting, 0 parked, last webhook" in said
    assert "ok login: sees one store at a time" in said


def test_no_secret_is_shown(db: None, settings: LazySettings) -> None:
    settings.SHOPIFY_API_SECRET = "the-secret-of-shopify"
    settings.REDIS_URL = "redis://:redis-password@127.0.0.1:6379/0"
    settings.DATABASES["default"]["PASSWORD"] = password = connection.settings_dict["PASSWORD"]

    said = doctor()

    assert "SHOPIFY_API_SECRET: set" in said
    assert "the-secret-of-shopify" not in said
    assert "redis-password" not in said
    assert f":{password}@" not in said
    assert settings.SECRET_KEY not in said


def test_no_worker_is_wrong(db: None) -> None:
    cache.delete(WORKER_SIGN)

    said = complaint()

    assert "!! worker: none took work" in said
    assert "-> Start `make run`" in said


def test_a_backlog_and_parked_webhooks_are_wrong(in_anas_store: Tenant) -> None:
    add_delivery(State.PENDING, age=timedelta(minutes=9))
    add_delivery(State.PARKED)

    said = complaint()

    assert "1 webhooks wait to be applied, the oldest for 9 min" in said
    assert "-> Read why in the admin; after a fix: manage.py replay_deliveries ana" in said


def test_a_refund_that_waits_long_is_only_a_note(in_anas_store: Tenant) -> None:
    add_delivery(State.WAITING, age=timedelta(days=3))

    assert "-- ana.myshopify.com: 1 refunds wait for their order, the oldest for 3 days" in doctor()


def test_only_the_first_stores_are_looked_at(
    anas_store: Tenant, cys_store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inboxes, "MOST_STORES", 1)

    said = doctor()

    assert "ana.myshopify.com" in said
    assert "cy.myshopify.com" not in said
    assert "1 more were not looked at" in said


def test_a_database_that_is_away_is_told_and_the_rest_is_looked_at(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused\nIs the server running?")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "ensure_connection", refuse)
        broken.setattr(connection, "connection", None)
        said = complaint()

    assert "does not answer: connection refused" in said
    assert "ok eviction" in said
    assert "-- stores: cannot be read before the database is right" in said


def test_a_redis_that_is_away_is_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(install, "get_redis_connection", refuse)

    assert "does not answer (ConnectionRefusedError)" in complaint()


def test_production_with_default_secrets_is_wrong(db: None, settings: LazySettings) -> None:
    settings.PRODUCTION = True

    said = complaint()

    assert "!! xeno.E001: SECRET_KEY is the default of development." in said
    assert "-> Set it to a long random value" in said


def test_missing_migrations_are_wrong(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.MigrationExecutor, "migration_plan", lambda *_: [("a", False)])

    assert "-> Run: python manage.py migrate" in complaint()


def test_a_strong_login_is_wrong(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "STRONG_ROLE", "SELECT true")

    assert "could see every store's rows" in complaint()


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"maxmemory_policy": "noeviction", "maxmemory": 1}, Level.WELL),
        ({"maxmemory_policy": "allkeys-lru", "maxmemory": 0}, Level.NOTE),
        ({"maxmemory_policy": "allkeys-lru", "maxmemory": 1}, Level.WRONG),
    ],
)
def test_eviction_is_wrong_where_it_can_happen(facts: dict[str, object], level: Level) -> None:
    assert install.look_at_eviction(facts).level is level


@pytest.mark.parametrize(
    ("facts", "said", "level"),
    [
        ({"redis_version": "6.2.14"}, "Redis 6.2.14", Level.WRONG),
        ({"redis_version": "7.4.1"}, "Redis 7.4.1", Level.WELL),
        (
            {"server_name": "valkey", "redis_version": "7.2.4", "valkey_version": "9.1.0"},
            "Valkey 9.1.0",
            Level.WELL,
        ),
    ],
)
def test_the_version_of_redis_or_valkey(facts: dict[str, str], said: str, level: Level) -> None:
    finding = install.look_at_redis_version(facts)

    assert finding.said.endswith(said)
    assert finding.level is level


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (7_200, "2 h"),
        (90_000, "25 h"),
        (172_800, "2 days"),
    ],
)
def test_ages_are_said_in_their_largest_unit(seconds: int, said: str) -> None:
    assert ago(timedelta(seconds=seconds)) == said
