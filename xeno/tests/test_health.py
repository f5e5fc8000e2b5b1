"""`/healthz` says that the process lives; `/readyz` says which part of the install does not."""

import pytest
import time_machine
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from xeno import health
from xeno.tasks import say_alive

WELL = dict.fromkeys(health.PARTS, True)


class FakeRedis:
    """A Redis that answers `INFO memory` with these facts."""

    def __init__(self, facts=None, error=None):
        self.facts, self.error = facts or {}, error

    def info(self, section):
        if self.error:
            raise self.error
        return self.facts

    def ping(self):
        return self.info("server") is not None


def answer_as(monkeypatch, redis):
    monkeypatch.setattr(health, "get_redis_connection", lambda name: redis)


@pytest.fixture
def live_worker():
    health.note_live_worker()
    yield
    cache.delete(health.WORKER_SIGN)


@pytest.fixture
def parts(monkeypatch):
    """The parts of the install, all well; a test breaks one of them."""
    known = {name: lambda: True for name in health.PARTS}
    monkeypatch.setattr(health, "PARTS", known)
    return known


def test_a_sound_install_is_well_in_every_part(db, live_worker):
    assert health.find_state() == WELL


def test_a_process_that_answers_lives(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_process_lives_whatever_is_away(client, monkeypatch):
    monkeypatch.setattr(health, "PARTS", None)

    assert client.get("/healthz").status_code == 200


def test_ready_is_200_with_every_part(client, parts):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "parts": WELL}


@pytest.mark.parametrize("part", health.PARTS)
def test_one_part_that_is_not_well_is_503_and_named(client, parts, part):
    parts[part] = lambda: False

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "parts": {**WELL, part: False}}


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        InterfaceError("closed"),
        DatabaseError("other"),
        RedisConnectionError("refused"),
        RedisTimeoutError("slow"),
        ResponseError("LOADING"),
        ConnectionRefusedError(),
        FileNotFoundError("no socket"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_part_that_raises_is_not_well_and_hides_no_other(parts, error):
    def fail():
        raise error

    parts["database"] = fail

    assert health.find_state() == {**WELL, "database": False}


def test_a_refusal_tells_no_details(client, parts):
    def fail():
        raise OperationalError("password authentication failed for user xeno_app")

    parts["database"] = fail

    assert b"password" not in client.get("/readyz").content


def test_the_database_answers(db):
    assert health.database_answers() is True


@pytest.mark.parametrize(("plan", "applied"), [([], True), ([("0002", False)], False)])
def test_migrations_are_applied_when_nothing_is_planned(db, monkeypatch, plan, applied):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: plan)

    assert health.migrations_applied() is applied


def test_redis_answers():
    assert health.redis_answers() is True


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        ({"maxmemory": 1, "maxmemory_policy": "noeviction"}, ""),
        ({"maxmemory": 0, "maxmemory_policy": "allkeys-lru"}, ""),
        ({"maxmemory": 1, "maxmemory_policy": "allkeys-lru"}, "allkeys-lru"),
        ({"maxmemory": 1, "maxmemory_policy": "volatile-ttl"}, "volatile-ttl"),
        ({}, ""),
    ],
)
def test_only_a_redis_with_a_limit_can_evict_the_queue(monkeypatch, facts, policy):
    answer_as(monkeypatch, FakeRedis(facts))

    assert health.find_evicting_policy() == policy
    assert health.PARTS["queue"]() is (policy == "")


def test_a_redis_that_tells_nothing_of_itself_is_believed(monkeypatch):
    answer_as(monkeypatch, FakeRedis(error=ResponseError("unknown command INFO")))

    assert health.find_evicting_policy() == ""


def test_a_redis_that_is_away_has_no_queue(db, monkeypatch):
    answer_as(monkeypatch, FakeRedis(error=RedisConnectionError("refused")))

    state = health.find_state()

    assert (state["redis"], state["queue"]) == (False, False)


def test_a_worker_lives_when_its_task_ran():
    cache.delete(health.WORKER_SIGN)
    assert health.worker_lives() is False

    say_alive()

    assert health.worker_lives() is True
    cache.delete(health.WORKER_SIGN)


def test_the_sign_of_a_worker_fades_within_a_minute(live_worker):
    assert 0 < cache.ttl(health.WORKER_SIGN) <= 60


@time_machine.travel("2026-03-01T12:00:00Z", tick=False)
def test_the_sign_says_when_the_worker_was_seen():
    health.note_live_worker()

    assert cache.get(health.WORKER_SIGN) == 1772366400.0
    cache.delete(health.WORKER_SIGN)


def test_an_install_that_is_not_ready_fills_no_log(client, parts, caplog):
    parts["worker"] = lambda: False

    assert client.get("/readyz").status_code == 503

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
