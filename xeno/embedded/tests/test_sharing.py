"""The first holder starts the engines, all share them, the last stops them."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from xeno.embedded import addresses, hold
from xeno.embedded.home import open_home
from xeno.embedded.tests.conftest import PATIENCE, assert_nothing_left, holder, server_pids


def test_both_engines_answer_at_their_addresses(home: Path) -> None:
    with hold(home) as engines:
        with psycopg.connect(engines.database_url) as connection:
            row = connection.execute("SELECT current_user, current_database()").fetchone()
        with redis.Redis.from_url(engines.redis_url) as client:
            policy = client.config_get("maxmemory-policy")

    assert row == ("xeno_app", "xeno")
    assert policy == {"maxmemory-policy": "noeviction"}


def test_sockets_are_short_and_private(home: Path) -> None:
    with hold(home):
        sockets = open_home(home).sockets

        assert len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) <= 107
        assert sockets.stat().st_mode & 0o777 == 0o700


def test_credentials_are_private_and_stay(home: Path) -> None:
    first = addresses(home)

    assert addresses(home) == first
    assert (home / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert "xeno_app:" not in repr(first)


def test_the_last_of_two_holders_stops_the_engines(home: Path) -> None:
    with hold(home):
        pids = server_pids(home)
        with hold(home):
            assert server_pids(home) == pids
        assert server_pids(home) == pids

    assert len(pids) == 2
    assert_nothing_left(open_home(home), pids)


def test_an_engine_with_a_url_of_its_own_is_not_started(home: Path) -> None:
    with hold(home, postgres=False):
        assert len(server_pids(home)) == 1
        assert not (open_home(home).sockets / ".s.PGSQL.5432").exists()


def test_concurrent_starters_on_a_fresh_home_do_not_race(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    with holder(fresh) as one, holder(fresh) as other:
        assert one.stdout.readline() == other.stdout.readline() == "held\n"
        pids = server_pids(fresh)
        one.communicate()
        assert server_pids(fresh) == pids
        other.communicate()

    assert (one.returncode, other.returncode) == (0, 0)
    assert_nothing_left(open_home(fresh), pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_engines(home: Path, number: signal.Signals) -> None:
    with holder(home) as process:
        process.stdout.readline()
        pids = server_pids(home)

        process.send_signal(number)
        process.wait(PATIENCE)

    assert len(pids) == 2
    assert_nothing_left(open_home(home), pids)


def test_a_signal_during_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    with holder(fresh) as process:
        while not (fresh / "postgres" / "data.partial").exists():
            assert process.poll() is None
        process.terminate()
        process.wait(PATIENCE)

    assert server_pids(fresh) == []
    assert not open_home(fresh).sockets.exists()


def test_a_home_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(addresses, [tmp_path / "home"] * 64))

    assert len(found) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["credentials.json"]


def test_settings_that_keep_promises(home: Path) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "jit")
    with hold(home, redis=False) as engines, psycopg.connect(engines.database_url) as connection:
        found = [connection.execute(f"SHOW {name}").fetchone()[0] for name in names]

    assert found == ["on", "on", "on", "", "off"]


def test_the_servers_get_none_of_our_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_SECRET", "not-for-the-servers")
    monkeypatch.setenv("PGPORT", "9999")
    with hold(home) as engines:
        psycopg.connect(engines.database_url).close()
        for pid in server_pids(home):
            assert b"not-for-the-servers" not in Path(f"/proc/{pid}/environ").read_bytes()
