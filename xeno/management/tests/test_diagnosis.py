"""Each thing that `doctor` looks at says how it is, where it is, and no secret."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone
from redis.exceptions import ResponseError

from tests.rows import make_row
from webhooks.models import Delivery, State
from xeno.management.diagnosis import inboxes, install
from xeno.management.diagnosis.findings import Finding, Level, ago, note, wrong


@pytest.fixture
def store(in_anas_store):
    return in_anas_store


def deliver(state, *, age=timedelta(0)):
    make_row(Delivery, state=state, received_at=timezone.now() - age)


def test_what_is_wrong_says_what_to_do():
    assert wrong("a", "b", "c") == Finding("a", "b", Level.WRONG, "c")
    assert note("a", "b") == Finding("a", "b", Level.NOTE, "")


def test_a_time_in_the_future_is_now():
    assert ago(timedelta(seconds=-5)) == "0 s"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:secret@db.example.com:6380/0", "db.example.com:6380"),
        ("redis://user:secret@db.example.com/0", "db.example.com:6379"),
        ("rediss://[::1]:7000/1", "::1:7000"),
        ("unix:///run/valkey.sock?db=0", "/run/valkey.sock"),
    ],
)
def test_redis_is_named_without_its_password(settings, monkeypatch, url, said):
    settings.REDIS_URL = url
    monkeypatch.setenv("REDIS_URL", url)

    assert install.redis_address() == said


def test_an_embedded_redis_is_called_so(settings, monkeypatch):
    settings.REDIS_URL = "unix:///run/valkey.sock?db=0"
    monkeypatch.delenv("REDIS_URL")

    assert install.redis_address() == "embedded, /run/valkey.sock"


def test_the_database_is_named_without_its_password(db, monkeypatch):
    monkeypatch.setitem(install.connection.settings_dict, "PASSWORD", "the-password")

    said = install.database_address()

    assert install.connection.settings_dict["NAME"] in said
    assert "the-password" not in said


@pytest.mark.parametrize(("version", "level"), [(140_012, Level.WRONG), (150_000, Level.WELL)])
def test_an_old_postgresql_is_wrong(monkeypatch, version, level):
    monkeypatch.setattr(install, "connection", type("Server", (), {"pg_version": version}))

    assert install.look_at_version().level is level


@pytest.mark.parametrize(
    ("setting", "level"), [("off", Level.WRONG), ("on", Level.WELL), ("remote_apply", Level.WELL)]
)
def test_commits_that_a_crash_could_lose_are_wrong(monkeypatch, setting, level):
    monkeypatch.setattr(install, "ask", lambda sql: setting)

    assert install.look_at_commits().level is level


@pytest.mark.parametrize(("aof", "level"), [(1, Level.WELL), (0, Level.NOTE)])
def test_a_redis_that_forgets_is_only_a_note(aof, level):
    assert install.look_at_persistence({"aof_enabled": aof}).level is level


def test_a_redis_that_tells_nothing_of_itself_is_only_a_note(monkeypatch):
    class Silent:
        def info(self):
            raise ResponseError("unknown command INFO")

    monkeypatch.setattr(install, "get_redis_connection", lambda name: Silent())

    assert [finding.level for finding in install.look_at_redis()] == [Level.NOTE]


@pytest.mark.parametrize(
    ("state", "age", "level"),
    [
        (State.PENDING, timedelta(minutes=4), None),
        (State.PENDING, timedelta(minutes=6), Level.WRONG),
        (State.PARKED, timedelta(0), Level.WRONG),
        (State.WAITING, timedelta(hours=23), None),
        (State.WAITING, timedelta(hours=25), Level.NOTE),
        (State.APPLIED, timedelta(days=9), None),
        (State.NOT_HANDLED, timedelta(days=9), None),
    ],
)
def test_what_is_behind_is_told_once_it_is_too_old(store, state, age, level):
    deliver(state, age=age)

    assert [found.level for found in inboxes.find_backlog(store)] == ([level] if level else [])


def test_the_oldest_tells_the_age_and_all_are_counted(store):
    deliver(State.PENDING)
    deliver(State.PENDING, age=timedelta(hours=3))

    (late,) = inboxes.find_backlog(store)

    assert "2 webhooks" in late.said
    assert "3 h" in late.said


def test_a_store_that_shopify_never_called_says_so(store):
    assert inboxes.describe(store).said == "0 pending, 0 waiting, 0 parked, no webhook yet"


def test_a_store_from_which_the_app_was_removed_says_so(store):
    store.uninstalled_at = timezone.now()

    assert inboxes.describe(store).said.endswith("the app was removed")


def test_one_store_that_cannot_be_read_does_not_hide_another(anas_store, cys_store, monkeypatch):
    describe = inboxes.describe

    def fail_for_ana(tenant):
        if tenant == anas_store:
            raise DatabaseError("broken")
        return describe(tenant)

    monkeypatch.setattr(inboxes, "describe", fail_for_ana)

    found = {finding.subject: finding for finding in inboxes.look_at_stores()}

    assert found["ana.myshopify.com"].level is Level.WRONG
    assert found["cy.myshopify.com"].level is Level.WELL


def test_an_install_without_stores_says_how_to_make_one(db):
    (found,) = inboxes.look_at_stores()

    assert (found.level, found.remedy) == (Level.NOTE, "Make one: create_store, or demo.")
