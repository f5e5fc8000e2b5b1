"""Limits: per user, key, store and address, said with every answer; open while Redis is away."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache

from conftest import api_of
from tenants import keys
from tenants.audit import Actor
from tests.faults.processes import free_port
from xeno.lib.api import windows
from xeno.lib.api.windows import Count, Scope, Windows

HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@pytest.fixture(autouse=True)
def _empty_windows(settings):
    """Counters of no other test; all limits far away."""
    cache.clear()
    windows.windows_at.cache_clear()
    for name in ("USER", "KEY", "STORE", "ADDRESS"):
        setattr(settings, f"API_LIMIT_PER_MINUTE_{name}", 1000)


def statuses(api, path, count, **extra):
    return [api.get(path, **extra).status_code for _ in range(count)]


def test_a_user_has_so_many_a_minute_and_each_answer_says_how_it_stands(ana_api, settings):
    settings.API_LIMIT_PER_MINUTE_USER = 3

    answers = [ana_api.get("/customers") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert all(answer.headers["RateLimit-Limit"] == "3" for answer in answers)
    refused = answers[-1]
    assert refused.json()["errors"][0]["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 120
    assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]


def test_a_store_has_a_limit_that_its_people_share(ana_api, ben_api, cy_api, settings):
    settings.API_LIMIT_PER_MINUTE_STORE = 3

    assert statuses(ana_api, "/customers", 2) + statuses(ben_api, "/customers", 2) == [
        200, 200, 200, 429,
    ]  # fmt: skip
    assert statuses(cy_api, "/customers", 1) == [200]


def test_a_key_has_its_own_limit(ana, api, in_anas_store, settings):
    settings.API_LIMIT_PER_MINUTE_KEY = 2
    made = keys.make_key(
        actor=Actor(ana), tenant=in_anas_store, name="till", rights=["view_customers"]
    )
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {made.raw}")

    assert statuses(api, "/customers", 3) == [200, 200, 429]
    assert statuses(api_of(ana), "/customers", 1) == [200]


def test_whoever_has_not_signed_in_is_counted_by_address(db, api, settings):
    settings.API_LIMIT_PER_MINUTE_ADDRESS = 2
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}

    assert statuses(api, "/customers", 3) == [401, 401, 429]
    assert statuses(api, "/customers", 1, **elsewhere) == [401]


def test_signing_in_counts_by_address_whoever_one_is(ana_api, settings):
    settings.API_LIMIT_PER_MINUTE_ADDRESS = 2

    found = [ana_api.post("/auth/login", {}).status_code for _ in range(3)]

    assert found == [400, 400, 429]


@pytest.mark.parametrize("path", ["/healthz", "/admin/login/", "/"])
def test_what_is_no_api_is_not_limited(db, api, settings, path):
    settings.API_LIMIT_PER_MINUTE_ADDRESS = 1

    answers = [api.get(path) for _ in range(3)]

    assert 429 not in [answer.status_code for answer in answers]
    assert not any(name in answer.headers for answer in answers for name in HEADERS)


@pytest.mark.parametrize("path", ["/customers", "/nowhere", "/customers/x", "/auth/me"])
def test_errors_say_how_the_limits_stand_too(ana_api, path):
    assert all(name in ana_api.get(path).headers for name in HEADERS)


def test_who_is_refused_by_one_limit_does_not_use_up_the_other(ana_api, ben_api, settings):
    settings.API_LIMIT_PER_MINUTE_USER, settings.API_LIMIT_PER_MINUTE_STORE = 1, 3

    statuses(ana_api, "/customers", 10)

    assert statuses(ben_api, "/customers", 1) == [200]


def test_no_two_at_once_slip_through_together(anas_store, ana, settings):
    scope = [Scope("user:1", 20)]
    counters = Windows(settings.REDIS_URL)

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: counters.count(scope), range(60)))

    assert sum(not count.refused for count in counts) == 20


# --- The window slides: no burst at the turn of the minute ---------------------------------


@pytest.mark.parametrize(("now", "before", "elapsed", "wait"), [
    (0, 10, 0.0, 1),     # the minute has just begun: the last one counts whole
    (5, 10, 0.0, 31),    # half of it must be gone
    (10, 0, 15.0, 46),   # full within this minute: the next one begins 45 s from now
    (20, 0, 0.0, 91),    # and a limit that was lowered meanwhile is waited for too
])  # fmt: skip
def test_the_wait_that_is_told_is_long_enough_and_a_second_less_is_not(now, before, elapsed, wait):
    count = Count(10, now, before, elapsed, refused=True)

    def used_after(seconds):
        later = elapsed + seconds
        held = (now, before) if later < 60 else (0, now)
        return held[0] + held[1] * (1 - later % 60 / 60)

    assert count.wait == wait
    assert used_after(wait) < 10 <= used_after(max(0, wait - 1.01))


def test_the_last_minute_still_counts_in_this_one(settings, monkeypatch):
    counters, scope = Windows(settings.REDIS_URL), [Scope("user:slide", 10)]
    clock = {"now": 6_000_030.0}
    monkeypatch.setattr(windows.time, "time", lambda: clock["now"])
    for _ in range(10):
        assert not counters.count(scope).refused
    clock["now"] += 30 + 15  # a quarter of the next minute: three quarters still count

    passed = [not counters.count(scope).refused for _ in range(5)]

    assert passed == [True, True, True, False, False]


# --- Redis is away: open, and nobody waits -------------------------------------------------


@pytest.fixture
def refusing(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"


@pytest.fixture
def silent(settings):
    with socket.create_server(("127.0.0.1", 0)) as listening:  # takes all, and says nothing
        settings.REDIS_URL = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        yield


@pytest.mark.parametrize("away", ["refusing", "silent"])
def test_without_redis_nobody_is_limited_and_nobody_waits(ana_api, settings, request, away):
    settings.API_LIMIT_PER_MINUTE_USER = 1
    request.getfixturevalue(away)
    ana_api.get("/auth/me")

    began = time.monotonic()
    found = statuses(ana_api, "/auth/me", 20)

    assert found == [200] * 20
    assert time.monotonic() - began < 1


def test_redis_is_asked_again_after_a_rest(settings, refusing, monkeypatch):
    real = settings.REDIS_URL
    counters = Windows(real)
    asked = []
    monkeypatch.setattr(counters, "ask", lambda scopes: asked.append(1) or [Count(1, 0, 0, 0.0)])
    counters.away_until = time.monotonic() + 60

    assert counters.count([Scope("user:1", 1)]) is None
    counters.away_until = time.monotonic() - 0.01
    assert counters.count([Scope("user:1", 1)]) is not None
    assert (asked, counters.away_until) == ([1], 0.0)
