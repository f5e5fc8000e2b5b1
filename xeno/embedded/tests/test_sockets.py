"""The folder of the sockets is private, or it is refused; it goes with the last engine."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from xeno.embedded import EngineError
from xeno.embedded.home import Home, open_home
from xeno.embedded.sockets import close_sockets, open_sockets


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = open_home(tmp_path / "home")
    yield place
    if place.sockets.is_symlink() or place.sockets.is_file():
        place.sockets.unlink()
    elif place.sockets.exists():
        place.sockets.rmdir()


def test_it_is_made_for_its_owner_alone(home: Home) -> None:
    open_sockets(home)

    assert stat.S_IMODE(home.sockets.stat().st_mode) == 0o700


def test_one_that_is_there_and_private_is_used(home: Home) -> None:
    open_sockets(home)
    before = home.sockets.stat().st_ino

    open_sockets(home)

    assert home.sockets.stat().st_ino == before


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o770, 0o777])
def test_one_that_others_may_enter_is_refused(home: Home, mode: int) -> None:
    home.sockets.mkdir()
    home.sockets.chmod(mode)

    with pytest.raises(EngineError, match="not a private folder"):
        open_sockets(home)


def test_a_link_in_its_place_is_refused_wherever_it_leads(home: Home, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    home.sockets.symlink_to(tmp_path / "private")

    with pytest.raises(EngineError, match="not a private folder"):
        open_sockets(home)


def test_a_file_in_its_place_is_refused(home: Home) -> None:
    home.sockets.touch(mode=0o600)

    with pytest.raises(EngineError, match="not a private folder"):
        open_sockets(home)


def test_somebody_elses_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    place = home.sockets
    monkeypatch.setattr(Home, "sockets", property(lambda self: place))  # its name has the user
    place.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)

    with pytest.raises(EngineError, match="not a private folder"):
        open_sockets(home)


def test_it_goes_when_it_is_closed_and_closing_again_is_no_error(home: Home) -> None:
    open_sockets(home)

    close_sockets(home)
    close_sockets(home)

    assert not home.sockets.exists()


def test_it_stays_while_an_engine_uses_it(home: Home) -> None:
    open_sockets(home)
    (home.sockets / "valkey.sock").touch()

    close_sockets(home)

    assert home.sockets.exists()
    (home.sockets / "valkey.sock").unlink()
