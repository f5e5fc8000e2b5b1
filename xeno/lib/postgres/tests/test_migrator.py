"""Working as the tables' owner: for the length of a block, and nothing of it is left behind."""

from contextlib import suppress
from types import SimpleNamespace

import pytest

from xeno.lib.postgres.migrator import as_migrator, grant_to_application


class FakeConnection:
    """A connection that notes as whom it was closed."""

    def __init__(self, **settings):
        self.settings_dict = {
            "USER": "app",
            "PASSWORD": "a",
            "OPTIONS": {"pool": {"max_size": 4}},
            "MIGRATOR": {"USER": "owner", "PASSWORD": "o"},
            "APPLICATION_ROLE": "app",
            **settings,
        }
        self.closed_as = []
        self.ops = SimpleNamespace(quote_name=lambda name: f'"{name}"')

    def close(self):
        self.closed_as.append(self.settings_dict["USER"])

    @property
    def login(self):
        return self.settings_dict["USER"], self.settings_dict["PASSWORD"]


def test_the_block_runs_as_the_migrator_without_the_applications_pool():
    connection = FakeConnection()

    with as_migrator(connection):
        assert connection.login == ("owner", "o")
        assert connection.settings_dict["OPTIONS"]["pool"] is None


def test_afterwards_everything_is_as_before():
    connection = FakeConnection()

    with as_migrator(connection):
        pass

    assert connection.login == ("app", "a")
    assert connection.settings_dict["OPTIONS"]["pool"] == {"max_size": 4}


def test_the_connection_is_closed_before_and_after():
    connection = FakeConnection()

    with as_migrator(connection):
        assert connection.closed_as == ["app"]

    assert connection.closed_as == ["app", "owner"]


def test_a_failure_in_the_block_gives_the_role_back_too():
    connection = FakeConnection()

    with suppress(ZeroDivisionError), as_migrator(connection):
        _ = 1 / 0

    assert connection.login == ("app", "a")
    assert connection.closed_as == ["app", "owner"]


def test_a_block_within_a_block_changes_nothing():
    connection = FakeConnection()

    with as_migrator(connection):
        with as_migrator(connection):
            assert connection.login == ("owner", "o")
        assert connection.login == ("owner", "o")

    assert connection.closed_as == ["app", "owner"]


@pytest.mark.parametrize("migrator", [None, {}])
def test_without_a_migrator_it_changes_nothing(migrator):
    connection = FakeConnection(MIGRATOR=migrator)

    with as_migrator(connection):
        assert connection.login == ("app", "a")

    assert connection.closed_as == []


def test_without_a_migrator_nothing_is_granted():
    connection = FakeConnection(MIGRATOR=None)

    assert grant_to_application(connection) is None  # it has no cursor: asking for one would fail
