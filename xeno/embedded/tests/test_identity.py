"""PostgreSQL never runs as root: a namespace, or else another user, takes its part."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from xeno.embedded import EngineError, identity
from xeno.embedded.identity import Identity, find_identity

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A home's folder for PostgreSQL that others may pass through to, as pytest's own are not."""
    home = Path(mkdtemp(prefix="xeno-identity-"))
    (home / "postgres").mkdir(mode=0o700)
    yield home / "postgres"
    shutil.rmtree(home)


def find(folder: Path) -> Identity:
    # a program that everybody may run, wherever this project is checked out
    return find_identity(folder, Path("/bin/true"))


def test_an_ordinary_user_is_himself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert find(folder) == Identity()


@as_root
def test_the_owner_of_a_cluster_stays_its_owner(folder: Path) -> None:
    (folder / "data").mkdir()
    os.chown(folder, 1, 1)

    assert find(folder) == Identity(uid=1)


@as_root
def test_without_namespaces_an_unprivileged_user_gets_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "in_namespace", lambda: Identity(prefix=("false",)))

    found = find(folder)

    assert found.uid
    assert folder.stat().st_uid == found.uid
    assert folder.parent.stat().st_mode & 0o777 == 0o711


@as_root
def test_nobody_who_could_run_it_is_one_clear_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Identity, "may_work_in", lambda self, folder, program: False)

    with pytest.raises(EngineError, match="PostgreSQL refuses to run as root"):
        find(folder)
