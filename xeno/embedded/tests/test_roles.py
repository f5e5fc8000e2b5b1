"""The roles of the embedded server, and of one of the operator's own."""

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from xeno.embedded import hold
from xeno.embedded.home import BOOTSTRAP, Home, open_home

ATTRIBUTES = """
    SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin
    FROM pg_roles WHERE rolname = %s
"""


@pytest.fixture(scope="module")
def place(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    copy = tmp_path_factory.mktemp("roles") / "home"
    shutil.copytree(made_home, copy)
    with hold(copy, redis=False):
        yield open_home(copy)


@pytest.fixture
def superuser(place: Home) -> str:
    """A login that may do everything."""
    return place.database_url(BOOTSTRAP).replace("/xeno?", "/postgres?")


@pytest.fixture
def bare_server(superuser: str) -> Iterator[str]:
    """The server as another operator's would be: without our roles and database."""
    statements = ("DROP DATABASE IF EXISTS xeno", "DROP ROLE IF EXISTS xeno_app, xeno_migrator")
    with psycopg.connect(superuser, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
    yield superuser
    setup(superuser, "--new-passwords")


def setup(url: str, *options: str) -> dict[str, str]:
    out = StringIO()
    call_command("setup_database", "--url", url, *options, stdout=out, stderr=StringIO())
    return dict(line.split("=", 1) for line in out.getvalue().splitlines())


def attributes(url: str, role: str) -> tuple[object, ...] | None:
    with psycopg.connect(url) as connection:
        return connection.execute(ATTRIBUTES, [role]).fetchone()


def test_the_application_can_only_log_in(superuser: str) -> None:
    assert attributes(superuser, "xeno_app") == (False, False, False, False, False, True)


def test_the_migrator_passes_the_walls_and_is_no_superuser(superuser: str) -> None:
    assert attributes(superuser, "xeno_migrator") == (False, True, True, False, False, True)


def test_the_application_owns_nothing_and_creates_nothing(place: Home) -> None:
    with psycopg.connect(place.engines().database_url) as connection:
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        assert connection.execute(owner).fetchone() == ("xeno_migrator",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_the_application_cannot_become_the_migrator(place: Home) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(place.engines().database_url) as connection, refused:
        connection.execute("SET ROLE xeno_migrator")


def test_setup_database_makes_what_the_embedded_server_has(bare_server: str) -> None:
    urls = setup(bare_server)

    assert attributes(bare_server, "xeno_app") == (False, False, False, False, False, True)
    assert attributes(bare_server, "xeno_migrator") == (False, True, True, False, False, True)
    for url in (urls["DATABASE_URL"], urls["DATABASE_ADMIN_URL"]):
        psycopg.connect(url).close()


def test_setup_database_again_keeps_the_passwords(bare_server: str) -> None:
    first = setup(bare_server)

    again = setup(bare_server)

    assert "THE-PASSWORD-IT-HAS" in again["DATABASE_URL"]
    psycopg.connect(first["DATABASE_URL"]).close()


def test_setup_database_takes_passwords_from_the_environment(
    bare_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "p@ss/w:rd é")
    monkeypatch.setenv("DATABASE_ADMIN_PASSWORD", "other")

    urls = setup(bare_server)

    psycopg.connect(urls["DATABASE_URL"]).close()
    assert "***@" in setup(bare_server, "--hide-passwords")["DATABASE_URL"]


def test_setup_database_weakens_a_role_that_could_look_over_the_walls(superuser: str) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("ALTER ROLE xeno_app BYPASSRLS CREATEDB")
        connection.execute("GRANT xeno_migrator TO xeno_app")

    setup(superuser)

    assert attributes(superuser, "xeno_app") == (False, False, False, False, False, True)
    with psycopg.connect(superuser) as connection:
        member = "SELECT pg_has_role('xeno_app', 'xeno_migrator', 'MEMBER')"
        assert connection.execute(member).fetchone() == (False,)


def test_setup_database_refuses_a_database_of_somebody_else(superuser: str) -> None:
    with pytest.raises(CommandError, match="belongs to postgres"):
        setup(superuser, "--database", "template1")


def test_setup_database_says_in_one_line_that_the_server_is_away() -> None:
    with pytest.raises(CommandError, match="PostgreSQL refused"):
        setup("postgresql://somebody@/postgres?host=/nowhere")
