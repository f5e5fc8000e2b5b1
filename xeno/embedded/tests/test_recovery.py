"""After kill -9, a reboot or a copy the next holder finds its way."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import redis

from xeno.embedded import hold
from xeno.embedded.home import open_home
from xeno.embedded.tests.conftest import assert_nothing_left, holder, server_pids


def test_engines_of_a_killed_holder_are_used_and_stopped_by_the_next(home: Path) -> None:
    with holder(home) as process:
        process.stdout.readline()
        pids = server_pids(home)
        process.kill()
        process.wait()

    with hold(home):
        assert server_pids(home) == pids
    assert_nothing_left(open_home(home), pids)


def test_what_was_acknowledged_survives_kill_9_of_both_servers(home: Path) -> None:
    with hold(home) as engines:
        with psycopg.connect(engines.database_admin_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        with redis.Redis.from_url(engines.redis_url) as client:
            client.set("kept", "1")
        for pid in server_pids(home):
            os.kill(pid, signal.SIGKILL)
        with hold(home), psycopg.connect(engines.database_admin_url) as connection:
            assert connection.execute("SELECT id FROM kept").fetchone() == (1,)
            with redis.Redis.from_url(engines.redis_url) as client:
                assert client.get("kept") == b"1"


def test_a_stale_pid_file_that_names_a_living_process_does_not_block(home: Path) -> None:
    place = open_home(home)
    # as after a reboot: the numbers are somebody else's now, the sockets are files without a server
    mine = f"{os.getpid()}\n{place.postgres / 'data'}\n1\n5432\n{place.sockets}\n\n\nready\n"
    (place.postgres / "data" / "postmaster.pid").write_text(mine)
    (place.valkey / "valkey.pid").write_text(f"{os.getpid()}\n")
    place.sockets.mkdir(mode=0o700)
    (place.sockets / ".s.PGSQL.5432.lock").write_text(mine)
    (place.sockets / ".s.PGSQL.5432").touch()
    place.valkey_socket.touch()

    with hold(home) as engines, psycopg.connect(engines.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "home" / "postgres" / "data.partial").mkdir(parents=True)
    (tmp_path / "home" / "postgres" / "data.partial" / "PG_VERSION").write_text("18")

    with hold(tmp_path / "home", redis=False) as engines:
        psycopg.connect(engines.database_url).close()


def test_a_copied_home_has_engines_of_its_own(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)

    with hold(home, postgres=False) as one, hold(copy, postgres=False) as other:
        assert one.redis_url != other.redis_url
        assert server_pids(home) != server_pids(copy)
