"""Each trouble has one line that says what to do."""

import importlib.util
from pathlib import Path

import pytest

from xeno.embedded import EngineError, addresses, hold
from xeno.embedded.binaries import postgres_binaries, valkey_server
from xeno.embedded.commands import needs_engines
from xeno.embedded.home import open_home
from xeno.embedded.processes import explain


@pytest.mark.parametrize(
    ("find", "setting"), [(postgres_binaries, "DATABASE_URL"), (valkey_server, "REDIS_URL")]
)
def test_a_platform_without_a_wheel(find, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    find.cache_clear()
    with pytest.raises(EngineError, match=f"set {setting} to a server of your own"):
        find()
    find.cache_clear()


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EngineError, match="set XENO_HOME to a folder that you may write"):
        addresses(tmp_path / "file" / "home")


def test_lost_credentials_never_lock_out_silently(home: Path) -> None:
    (home / "credentials.json").unlink()

    with pytest.raises(EngineError, match="put it back"):
        addresses(home)


def test_a_socket_folder_that_others_may_enter(home: Path) -> None:
    open_home(home).sockets.mkdir(mode=0o700)
    open_home(home).sockets.chmod(0o755)

    with pytest.raises(EngineError, match="not a private folder"), hold(home):
        pass


def test_a_cluster_of_another_version(home: Path) -> None:
    (home / "postgres" / "data" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EngineError, match="made by PostgreSQL 17"), hold(home):
        pass


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            'FATAL:  could not write to file "x": No space left on device',
            "is full: free some space",
        ),
        ("LOG: a\nFATAL:  something else\nLOG: b", "FATAL:  something else"),
        ("", "it wrote nothing"),
    ],
)
def test_what_a_server_wrote_becomes_one_line(output: str, line: str) -> None:
    message = str(explain("PostgreSQL", "DATABASE_URL", output, Path("/home/log")))

    assert line in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("", False),
        ("help migrate", False),
        ("migrate --help", False),
        ("--version", False),
        ("dev", False),
        ("setup_database --url x", False),
        ("collectstatic --noinput", False),
        ("migrate", True),
        ("shell", True),
        ("doctor", True),
    ],
)
def test_which_commands_start_engines(line: str, needs: bool) -> None:
    assert needs_engines(["manage.py", *line.split()]) is needs
