"""The URLs that `setup_database` gives lead to the same server, whatever the login looked like."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from xeno.embedded.server_setup import UNKNOWN, _url, first_line

LOGINS = [
    "postgresql://root:secret@db.example.com:6432/postgres?sslmode=require",
    "postgresql://root:secret@db.example.com/postgres",
    "postgresql://root@[::1]:5433/postgres",
    "postgresql://root@/postgres?host=/var/run/postgresql&port=5434",
    "host=db.example.com user=root password=secret dbname=postgres",
    "postgresql:///postgres",
]


@pytest.mark.parametrize("login", LOGINS)
def test_the_url_leads_to_the_logins_server_as_the_role(login):
    given, made = conninfo_to_dict(login), conninfo_to_dict(_url(login, "xeno_app", "pw", "xeno"))

    assert (made["user"], made["password"], made["dbname"]) == ("xeno_app", "pw", "xeno")
    assert made.get("host") == given.get("host")
    assert made["port"] == given.get("port", "5432")
    assert made.get("sslmode") == given.get("sslmode")


@pytest.mark.parametrize("login", LOGINS)
def test_nothing_of_the_superuser_is_in_the_url(login):
    made = _url(login, "xeno_app", "pw", "xeno")

    assert "secret" not in made
    assert "root" not in made


@pytest.mark.parametrize("password", ["a b", "p@ss:w/rd?#%", "é", "'\"\\", UNKNOWN])
def test_any_password_comes_through_the_url(password):
    made = _url(LOGINS[0], "xeno_app", password, "xeno")

    assert conninfo_to_dict(made)["password"] == password


def test_any_name_of_a_database_comes_through_the_url():
    made = _url(LOGINS[0], "xeno_app", "pw", "my shop/é")

    assert conninfo_to_dict(made)["dbname"] == "my shop/é"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (psycopg.OperationalError("refused.\nDETAIL: secret"), "refused"),
        (psycopg.OperationalError("\n refused \n"), "refused"),
        (psycopg.OperationalError(""), "OperationalError"),
    ],
)
def test_what_a_server_said_is_its_first_line(error, line):
    assert first_line(error) == line
