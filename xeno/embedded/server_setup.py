"""Prepares a PostgreSQL server of the operator's own, as the embedded one is prepared."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from xeno.embedded.errors import EngineError
from xeno.embedded.home import APPLICATION, DATABASE, MIGRATOR
from xeno.embedded.roles import Login, existing_roles, provision

OLDEST = 150000
UNKNOWN = "THE-PASSWORD-IT-HAS"
WHO_MAY = "Log in as a superuser of the server: one of the roles needs BYPASSRLS."


@dataclass(frozen=True)
class Prepared:
    """The two URLs, and which of their passwords are only placeholders."""

    database_url: str
    database_admin_url: str
    kept: frozenset[str]


def prepare_server(
    *, url: str, given: Mapping[str, str], database: str = DATABASE, rotate: bool = False
) -> Prepared:
    """Make roles and database on the server with this login, and return the URLs to use.

    A password that is not given is generated for a new role; an existing role keeps its own,
    unless `rotate`. Raises EngineError in one line when the server or the login cannot do it.
    """
    login = Login(url)
    try:
        _check_version(login)
        present = set() if rotate else existing_roles(login)
        wanted = {role for role in (MIGRATOR, APPLICATION) if role in given or role not in present}
        passwords = {role: given.get(role) or secrets.token_hex(24) for role in wanted}
        provision(login, passwords=passwords, database=database)
    except psycopg.errors.InsufficientPrivilege as error:
        raise EngineError(f"{first_line(error)}. {WHO_MAY}") from error
    except psycopg.Error as error:
        raise EngineError(f"PostgreSQL refused: {first_line(error)}.") from error
    application, migrator = (
        _url(url, role, passwords.get(role, UNKNOWN), database) for role in (APPLICATION, MIGRATOR)
    )
    return Prepared(application, migrator, frozenset({MIGRATOR, APPLICATION} - wanted))


def first_line(error: psycopg.Error) -> str:
    """Return what the server said, without its details."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _check_version(login: Login) -> None:
    with login.connect("postgres") as connection:
        version = connection.info.server_version
    if version < OLDEST:
        raise EngineError(f"This server is PostgreSQL {version // 10000}: 15 or later is needed.")


def _url(login: str, role: str, password: str, database: str) -> str:
    """Return the superuser's URL with another user, password and database."""
    given = conninfo_to_dict(login)
    parts = {name: str(value) for name, value in given.items() if value is not None}
    for name in ("user", "password", "dbname"):
        parts.pop(name, None)
    port = parts.pop("port", "5432")
    # a socket's folder cannot stand where a host name does
    host = "" if parts.get("host", "/").startswith("/") else parts.pop("host")
    options = f"?{urlencode(parts, safe='/')}" if parts else ""
    host = f"[{host}]" if ":" in host else host
    place = f"{host}:{port}/{quote(database, safe='')}"
    return f"postgresql://{role}:{quote(password, safe='')}@{place}{options}"
