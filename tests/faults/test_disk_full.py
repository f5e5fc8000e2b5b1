"""Row 56: PostgreSQL's disk is full: refused, never acknowledged and lost; over with space."""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.own_engine import OwnEngine, own_engine
from tests.faults.processes import Database, wait_until
from tests.faults.serving import NUMBERS, Answer, ask, bearer_of, post_order, serve
from xeno.embedded.binaries import postgres_binaries
from xeno.embedded.identity import find_identity

MB = 1024 * 1024
STORED = "SELECT array_agg(webhook_id) FROM webhooks_delivery"


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own; the test is skipped where nobody may mount one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "xeno-test", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a small file system needs the right to mount: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, *, leave: int = 0) -> Path:
    """Take up all of the disk but so many bytes."""
    filler, free = disk / "filler", os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave)
    return filler


def send_large(address: str) -> Answer:
    """A webhook of 200 KB that no compression makes small."""
    return post_order(address, next(NUMBERS), note=secrets.token_urlsafe(150_000))


def send_until_refused(address: str) -> list[Answer]:
    answers: list[Answer] = []
    end = time.monotonic() + 60
    while not answers or answers[-1].status == 200:
        assert time.monotonic() < end, "the disk did not fill"
        answers.append(send_large(address))
    return [*answers, *(send_large(address) for _ in range(3))]


def assert_nothing_lost(database: Database, answers: list[Answer]) -> None:
    acknowledged = {answer.webhook_id for answer in answers if answer.status == 200}
    refused = {(a.status, a.retry_after) for a in answers if a.status != 200}
    assert acknowledged
    assert refused == {(503, "5")}
    assert acknowledged <= set(database.ask(STORED))


@pytest.fixture
def tablespace(engine: OwnEngine, tmp_path: Path) -> Iterator[Path]:
    """A small disk that the engine may lay a database on; its log stays elsewhere."""
    with small_disk(tmp_path / "disk", 40) as disk:
        folder = disk / "tablespace"
        folder.mkdir(mode=0o700)
        for path in (tmp_path.parent, tmp_path, disk):
            path.chmod(0o711)
        find_identity(engine.place.postgres, postgres_binaries() / "initdb").give(folder)
        engine.ask_superuser(f"CREATE TABLESPACE tiny LOCATION '{folder}'")
        try:
            yield disk
        finally:
            (disk / "filler").unlink(missing_ok=True)
            engine.ask_superuser("DROP TABLESPACE tiny")


def test_f056_a_table_that_cannot_grow_refuses_and_recovers(
    engine: OwnEngine, tablespace: Path, unblocked, record_property, log
):
    with (
        engine.database("TABLESPACE tiny") as database,
        serve(database.environment(), log=log) as server,
    ):
        bearer = bearer_of(database)
        filler = fill(tablespace, leave=2 * MB)
        answers = send_until_refused(server.address)
        products = ask(server.address, "GET", "/products", headers=bearer)
        people = ask(server.address, "GET", "/customers", headers=bearer)
        filler.unlink()
        space_at = time.monotonic()
        wait_until(lambda: send_large(server.address).status == 200, what="recovery")
        recovered_in = time.monotonic() - space_at

        assert_nothing_lost(database, answers)
    assert (products.status, json.loads(products.body)["results"]) == (200, [])
    # Nobody reads of people without a note of it, and the note cannot be written.
    assert people.status == 503
    assert recovered_in < 5
    record_property("seconds from space to the first 200", round(recovered_in, 2))


@pytest.mark.slow
def test_f056_a_log_that_cannot_grow_takes_the_server_down_and_loses_nothing(
    tmp_path: Path, unblocked, log
):
    tmp_path.parent.chmod(0o711)
    with (
        small_disk(tmp_path / "disk", 200) as disk,
        own_engine(disk / "home") as engine,
        engine.database() as database,
        serve(database.environment(), log=log) as server,
    ):
        filler = fill(disk, leave=4 * MB)
        answers = send_until_refused(server.address)
        time.sleep(2)  # a server that could not write its log tries to recover, and gives up
        answers += [send_large(server.address) for _ in range(3)]
        filler.unlink()
        engine.start()
        space_at = time.monotonic()
        wait_until(lambda: send_large(server.address).status == 200, what="recovery")
        recovered_in = time.monotonic() - space_at

        assert_nothing_lost(database, answers)
    assert recovered_in < 5
