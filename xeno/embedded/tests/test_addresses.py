"""Where a home's engines are: known before anything runs, the same for every process."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from xeno.embedded import EngineError, addresses, running_at, standin_at
from xeno.embedded.home import APPLICATION, BOOTSTRAP, MIGRATOR, RUN_LOCK, open_home
from xeno.embedded.tests.conftest import PROJECT

LONGEST_SOCKET = 103  # bytes of a Unix socket's path on macOS; Linux allows a few more


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_asking_makes_the_folder_and_the_credentials_and_starts_nothing(home: Path) -> None:
    addresses(home)

    assert [path.name for path in home.iterdir()] == ["credentials.json"]
    assert not open_home(home).sockets.exists()


def test_asking_again_gives_the_same(home: Path) -> None:
    assert addresses(home) == addresses(home)


def test_each_role_has_a_long_password_of_its_own(home: Path) -> None:
    passwords = open_home(home).passwords

    assert passwords.keys() == {BOOTSTRAP, MIGRATOR, APPLICATION}
    assert len(set(passwords.values())) == 3
    assert min(map(len, passwords.values())) >= 32


def test_only_their_owner_reads_the_home_and_the_credentials(home: Path) -> None:
    addresses(home)

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "credentials.json").stat().st_mode) == 0o600


def test_no_password_is_shown_by_accident(home: Path) -> None:
    shown = f"{addresses(home)!r} {open_home(home)!r}"

    assert not [p for p in open_home(home).passwords.values() if p in shown]


@pytest.mark.parametrize("depth", [0, 1, 60])
def test_the_sockets_path_is_short_however_long_the_homes_is(tmp_path: Path, depth: int) -> None:
    place = open_home(tmp_path.joinpath(*["deep é $HOME"] * depth))

    postgres = place.sockets / ".s.PGSQL.5432"
    assert len(os.fsencode(postgres)) < LONGEST_SOCKET
    assert len(os.fsencode(place.valkey_socket)) < LONGEST_SOCKET


def test_two_homes_never_share_sockets(tmp_path: Path) -> None:
    assert open_home(tmp_path / "a").sockets != open_home(tmp_path / "b").sockets


def test_a_home_by_another_way_is_the_same_home(home: Path, tmp_path: Path) -> None:
    addresses(home)
    (tmp_path / "link").symlink_to(home)

    assert open_home(tmp_path / "link").sockets == open_home(home).sockets


def test_the_shells_own_places_move_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_home(home).sockets
    for name in ("TMPDIR", "XDG_RUNTIME_DIR", "PGHOST", "PGPORT"):
        monkeypatch.setenv(name, "/elsewhere")

    assert open_home(home).sockets == before


def test_a_relative_home_is_where_the_process_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert open_home(Path("home")).path == tmp_path / "home"


@pytest.mark.parametrize(
    ("url", "role"), [("database_url", APPLICATION), ("database_admin_url", MIGRATOR)]
)
def test_an_url_is_one_that_postgresqls_library_understands(
    home: Path, url: str, role: str
) -> None:
    place = open_home(home)

    parts = conninfo_to_dict(getattr(addresses(home), url))

    assert (parts["user"], parts["password"]) == (role, place.passwords[role])
    assert (parts["host"], parts["port"], parts["dbname"]) == (str(place.sockets), "5432", "xeno")


def test_nobody_answers_at_an_address_that_is_not_held(home: Path) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(addresses(home).database_url, connect_timeout=2)


@pytest.mark.parametrize("broken", ["", "{", "null garbage"])
def test_credentials_that_cannot_be_read_are_one_line_that_says_what_to_do(
    home: Path, broken: str
) -> None:
    home.mkdir()
    (home / "credentials.json").write_text(broken)

    with pytest.raises(EngineError) as refusal:
        addresses(home)

    assert "\n" not in str(refusal.value)
    assert "XENO_HOME" in str(refusal.value)


def test_lost_credentials_of_a_database_are_not_made_anew(home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)

    with pytest.raises(EngineError, match="put it back"):
        addresses(home)

    assert not (home / "credentials.json").exists()


def test_of_two_that_make_the_credentials_together_both_read_the_firsts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def be_second(draft: Path, path: Path) -> None:
        path.write_text(json.dumps({BOOTSTRAP: "b", MIGRATOR: "m", APPLICATION: "first"}))
        link(draft, path)

    monkeypatch.setattr(os, "link", be_second)

    assert ":first@" in addresses(home).database_url
    assert [path.name for path in home.iterdir()] == ["credentials.json"]


HERE, BESIDE = "http://127.0.0.1:9000", "http://127.0.0.1:9001"


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (f"process {os.getpid()}, {HERE}\n", (HERE, "")),
        (f"process {os.getpid()}, {HERE}, {BESIDE}\n", (HERE, BESIDE)),
        (f"process 1, {HERE}, {BESIDE}\n", (HERE, BESIDE)),  # another user's
        # killed, and no system has so high a number
        (f"process {2**22 + 1}, {HERE}, {BESIDE}\n", ("", "")),
        ("", ("", "")),
        ("process", ("", "")),
    ],
    ids=["ours", "with a stand-in", "another user's", "killed", "empty", "cut off"],
)
def test_where_make_run_and_its_stand_in_answer_is_known_while_its_process_lives(
    home: Path, left: str, expected: tuple[str, str]
) -> None:
    home.mkdir()
    absent = running_at(home), standin_at(home)
    (home / RUN_LOCK).write_text(left)

    assert absent == ("", "")
    assert (running_at(home), standin_at(home)) == expected


@pytest.mark.parametrize(
    ("configured", "expected"), [({}, HERE), ({"PUBLIC_URL": "https://crm.example"}, None)]
)
def test_a_command_beside_make_run_tells_its_address(
    home: Path, configured: dict[str, str], expected: str | None
) -> None:
    home.mkdir()
    (home / RUN_LOCK).write_text(f"process {os.getpid()}, {HERE}\n")
    env = {key: value for key, value in os.environ.items() if key not in ("PORT", "PUBLIC_URL")}
    code = "from xeno import settings; print(settings.PUBLIC_URL)"

    env |= {"XENO_HOME": str(home), **configured}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=env,
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert said.stdout.strip() == (expected or configured["PUBLIC_URL"])
