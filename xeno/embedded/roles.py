"""The two roles and the database of the project, made on any PostgreSQL server from 15 on."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from xeno.embedded.errors import EngineError
from xeno.embedded.home import APPLICATION, DATABASE, MIGRATOR

# what each role must be; the application's login may never look over the walls
ATTRIBUTES = {
    MIGRATOR: {"LOGIN", "CREATEDB", "BYPASSRLS"},
    APPLICATION: {"LOGIN"},
}
# Row locks: whoever waits for one holds a thread of the web server, and Shopify waits 5 s. In the
# role and not in the session, so that it holds behind a pooler too; a batch sets its own.
SETTINGS = {APPLICATION: {"lock_timeout": "3s"}}
COLUMNS = {
    "SUPERUSER": "rolsuper",
    "CREATEROLE": "rolcreaterole",
    "REPLICATION": "rolreplication",
    "CREATEDB": "rolcreatedb",
    "BYPASSRLS": "rolbypassrls",
    "LOGIN": "rolcanlogin",
}
Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Login:
    """A connection string of somebody who may create roles and databases."""

    conninfo: str

    def connect(self, database: str) -> Connection:
        """Open a connection to this database of the server."""
        return psycopg.connect(self.conninfo, dbname=database, autocommit=True, connect_timeout=10)


def provision(login: Login, *, passwords: dict[str, str], database: str = DATABASE) -> None:
    """Make both roles and the database, or bring them to what they must be.

    Running it again changes nothing. A role that has no entry in `passwords` must exist, and
    keeps its password. Raises EngineError when the database belongs to somebody else.
    """
    with login.connect("postgres") as connection:
        for role in (MIGRATOR, APPLICATION):
            _save_role(connection, role, passwords.get(role))
            _save_settings(connection, role)
        _leave_group(connection)
        _save_database(connection, database)
    with login.connect(database) as connection:
        _save_privileges(connection, database)


def existing_roles(login: Login) -> set[str]:
    """Return which of the two roles the server has."""
    with login.connect("postgres") as connection:
        query = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
        return {str(name) for (name,) in connection.execute(query, [list(ATTRIBUTES)])}


def _save_role(connection: Connection, role: str, password: str | None) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS.values()))
    query = sql.SQL("SELECT {} FROM pg_roles WHERE rolname = %s").format(columns)
    found = connection.execute(query, [role]).fetchone()
    has = {word for word, on in zip(COLUMNS, found or (), strict=False) if on}
    # naming only what differs: a CREATEROLE login may not even say NOSUPERUSER
    changes: list[sql.Composable] = [sql.SQL(word) for word in sorted(ATTRIBUTES[role] - has)]
    changes += [sql.SQL(f"NO{word}") for word in sorted(has - ATTRIBUTES[role])]
    if password is not None:
        changes.append(sql.SQL("PASSWORD {}").format(_verifier(connection, role, password)))
    if changes:
        statement = sql.SQL("ALTER ROLE {} {}") if found else sql.SQL("CREATE ROLE {} {}")
        connection.execute(statement.format(sql.Identifier(role), sql.SQL(" ").join(changes)))


def _save_settings(connection: Connection, role: str) -> None:
    query = "SELECT unnest(rolconfig) FROM pg_roles WHERE rolname = %s"
    has = {str(setting) for (setting,) in connection.execute(query, [role])}
    for name, value in SETTINGS.get(role, {}).items():
        if f"{name}={value}" not in has:
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            names = sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
            connection.execute(statement.format(*names))


def _verifier(connection: Connection, role: str, password: str) -> sql.Literal:
    # the server gets the SCRAM verifier: the password itself is in no statement and in no log
    made = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return sql.Literal(made.decode())


def _leave_group(connection: Connection) -> None:
    # a member could SET ROLE and pass through the walls
    query = "SELECT 1 FROM pg_auth_members WHERE roleid = %s::regrole AND member = %s::regrole"
    if connection.execute(query, [MIGRATOR, APPLICATION]).fetchone():
        names = sql.Identifier(MIGRATOR), sql.Identifier(APPLICATION)
        connection.execute(sql.SQL("REVOKE {} FROM {}").format(*names))


def _save_database(connection: Connection, database: str) -> None:
    query = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    found = connection.execute(query, [database]).fetchone()
    if found and found[0] != MIGRATOR:
        raise EngineError(
            f"The database {database} belongs to {found[0]} and not to {MIGRATOR}:"
            " choose another name for ours, or give it to that role."
        )
    _join_migrator(connection)
    if found:
        return
    # PostgreSQL 17 brought a locale that is the same on every system
    everywhere = connection.info.server_version >= 170000
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' {}").format(
        sql.Identifier(database),
        sql.Identifier(MIGRATOR),
        sql.SQL(
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'" if everywhere else ""
        ),
    )
    connection.execute(statement)


def _join_migrator(connection: Connection) -> None:
    # a login that is no superuser must be a member of the role that it gives things to
    query = "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper"
    if connection.execute(query).fetchone() is None:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(MIGRATOR)))


def _save_privileges(connection: Connection, database: str) -> None:
    names = {"database": sql.Identifier(database), "application": sql.Identifier(APPLICATION)}
    for statement in (
        "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {application}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {application}",
    ):
        connection.execute(sql.SQL(statement).format(**names))
