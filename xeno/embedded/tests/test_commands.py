"""manage.py holds engines for commands that need them, and only those that nobody configured."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from xeno.embedded import commands
from xeno.embedded.commands import (
    WITHOUT_ENGINES,
    configured,
    engines_for,
    is_guarded,
    needs_engines,
)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, bool]]:
    """What was held, in place of starting anything."""
    asked: list[dict[str, bool]] = []

    @contextmanager
    def hold(home, **engines):
        asked.append(engines)
        yield

    monkeypatch.setattr(commands, "hold", hold)
    monkeypatch.setattr(commands, "postgres_binaries", lambda: Path("/wheel/bin"))
    monkeypatch.setenv("PATH", "/usr/bin")
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return asked


def run(line: str) -> None:
    with engines_for(["manage.py", *line.split()]):
        pass


@pytest.mark.parametrize("command", sorted(WITHOUT_ENGINES))
def test_a_command_that_reads_no_row_starts_nothing(held, command: str) -> None:
    run(command)

    assert held == []


def test_no_command_at_all_starts_nothing(held) -> None:
    with engines_for(["manage.py"]):
        pass

    assert held == []
    assert needs_engines([]) is False


@pytest.mark.parametrize("flag", ["-h", "--help", "--version"])
def test_a_question_about_a_command_starts_nothing(held, flag: str) -> None:
    run(f"migrate {flag}")

    assert held == []


@pytest.mark.parametrize(
    ("configuration", "engines"),
    [
        ([], {"postgres": True, "redis": True}),
        (["DATABASE_URL"], {"postgres": False, "redis": True}),
        (["REDIS_URL"], {"postgres": True, "redis": False}),
        (["DATABASE_URL", "REDIS_URL"], {"postgres": False, "redis": False}),
    ],
)
def test_what_is_configured_is_not_started(held, monkeypatch, configuration, engines) -> None:
    for name in configuration:
        monkeypatch.setenv(name, "anything")

    run("migrate")

    assert held == [engines]


def test_a_setting_that_is_empty_names_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "")

    assert configured("REDIS_URL") is False


def test_dbshell_finds_psql_behind_the_users_own(held) -> None:
    run("dbshell")

    assert os.environ["PATH"].split(os.pathsep) == ["/usr/bin", "/wheel/bin"]


@pytest.mark.parametrize(
    ("line", "guarded"),
    [
        ("create_store a.myshopify.com", True),
        ("recompute_totals a.myshopify.com", True),
        ("replay_deliveries a.myshopify.com", True),
        ("create_store --help", False),
        ("migrate", False),
        ("doctor", False),
        ("", False),
    ],
)
def test_what_changes_stores_is_guarded(line: str, guarded: bool) -> None:
    assert is_guarded(["manage.py", *line.split()]) is guarded
