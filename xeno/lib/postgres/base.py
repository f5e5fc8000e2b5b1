"""Django's PostgreSQL backend, which tells the server for which tenant each statement runs.

The setting is transaction-local (`SET LOCAL`), so no pool can carry it to somebody else.
It is sent lazily: before a transaction's first statement that needs it, and again when the
scope changes within the transaction. A statement outside a transaction gets one of its own.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.db import Error
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg_pool import ConnectionPool

from xeno.lib.postgres.creation import DatabaseCreation
from xeno.lib.postgres.operations import DatabaseOperations
from xeno.lib.postgres.scope import find_tenant_id, get_tenant_id

TRUST_SECONDS = 0.25  # a pooled connection that was at work so lately is not asked whether it lives
UNSENT = object()  # what the server holds is not known: send it again


def set_tenant_sql(tenant_id: int | None) -> str:
    """The statement that lets row-level security see one tenant, or (None) nobody."""
    return f"SET LOCAL xeno.tenant_id = '{'' if tenant_id is None else int(tenant_id)}'"


BY_KEYS = ", ".join(
    ["set_config('plan_cache_mode', 'force_generic_plan', true)"]
    + [
        f"set_config('enable_{way}', 'off', true)"
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
    ]
)

# The commit is atomic and seen by all at once, but for a crash of the server within the next
# moments: it is on disk with whatever is committed and awaited after it.
NOT_AWAITED = "set_config('synchronous_commit', 'off', true)"


def set_small_sql(tenant_id: int, *, awaited: bool = True) -> str:
    """The same for statements that find their few rows by a key: planned once a connection, as
    planning them costs half of running them, and not as a scan because the table was small then."""
    sql = f"SELECT set_config('xeno.tenant_id', '{int(tenant_id)}', true), {BY_KEYS}"
    return sql if awaited else f"{sql}, {NOT_AWAITED}"


def check_after_rest(connection: Any) -> None:
    """The pool's check, without its round trip for a connection that is busy anyway."""
    now = time.monotonic()
    if now - getattr(connection, "handed_out_at", 0.0) > TRUST_SECONDS:
        ConnectionPool.check_connection(connection)
    connection.handed_out_at = now


class ScopedCursor(CursorWrapper):
    """A cursor whose every statement runs as the open scope's tenant."""

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        with self.db.for_tenant():
            return super()._execute(sql, params, *ignored)  # type: ignore[misc]

    def _executemany(self, sql: Any, param_list: Any, *ignored: Any) -> Any:
        with self.db.for_tenant():
            return super()._executemany(sql, param_list, *ignored)  # type: ignore[misc]

    # psycopg's own ways to run a statement: they would run for whoever came before.
    def callproc(self, *args: Any, **kwargs: Any) -> Any:
        with self.db.for_tenant():
            return super().callproc(*args, **kwargs)

    @contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        run = self.cursor.copy
        with self.db.for_tenant(), self.db.wrap_database_errors, run(*args, **kwargs) as copy:
            yield copy

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        with self.db.for_tenant():
            yield from self.cursor.stream(*args, **kwargs)


class ScopedDebugCursor(CursorDebugWrapper, ScopedCursor):
    """The same, with the query log of tests and DEBUG."""


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL with tenant scopes, a migrator role and tenant-aware compilers."""

    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
    _sent: Any = None  # what this transaction's setting is; None is PostgreSQL's own default

    @property
    def pool(self) -> Any:
        """Django's pool; it checks a connection only after a rest."""
        pool = super().pool  # type: ignore[misc]  # not in the stubs
        if pool is not None:
            pool._check = check_after_rest  # Django passes its own check, and takes no other
        return pool

    @contextmanager
    def for_tenant(self) -> Iterator[None]:
        """Make the next statement run for the scope's tenant."""
        self.validate_no_broken_transaction()
        tenant_id = find_tenant_id()
        if not self.get_autocommit():
            if tenant_id != self._sent:
                self._sent = UNSENT  # an interrupted send may have arrived or not
                self._run(set_tenant_sql(tenant_id))
                self._sent = tenant_id
            yield
        elif tenant_id is None:
            yield
        else:
            try:
                self._run(f"BEGIN; {set_tenant_sql(tenant_id)}")
                yield
                self._run("COMMIT")
            except BaseException:
                self._abandon()
                raise

    def limit_transaction(
        self, limit: str, seconds: float, *, asking: str = "", params: Any = ()
    ) -> list[str]:
        """Tell the server, in one message, for whom the open transaction runs and its limit.

        `limit` is one of PostgreSQL's: statement_timeout, lock_timeout; 0 is none. What is asked in
        the same message is answered by its first column, as text.
        """
        tenant_id = find_tenant_id()
        sql = f"{set_tenant_sql(tenant_id)}; SET LOCAL {limit} = {int(seconds * 1000)}"
        if asking:
            sql = f"{sql}; {psycopg.ClientCursor(self.connection).mogrify(asking, params)}"
        return self._open(sql)

    def open_small(self, *, awaited: bool = True) -> None:
        """Tell the server, in one message, for whom the open transaction runs, and that it is one
        of small statements (`set_small_sql`)."""
        self._open(set_small_sql(get_tenant_id(), awaited=awaited))

    def _open(self, sql: str) -> list[str]:
        """Say what the open transaction begins with; the first column of the last answer."""
        if self.connection.info.transaction_status == TransactionStatus.IDLE:
            # psycopg would send its BEGIN in a message of its own, before the first statement.
            sql = f"BEGIN; {sql}"
        tenant_id, self._sent = find_tenant_id(), UNSENT
        with self.wrap_database_errors:
            done = self.connection.pgconn.exec_(sql.encode())
            if done.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                raise psycopg.errors.error_from_result(done)
        self._sent = tenant_id
        return [(done.get_value(row, 0) or b"").decode() for row in range(done.ntuples)]

    def run_at_once(self, sql: str, params: Any, *, awaited: bool = True) -> list[tuple[Any, ...]]:
        """Run and commit one statement in a single message; its rows, if it returns any.

        For statements so small that waiting for the server's answers is most of them, and planning
        them anew most of the rest (`set_small_sql`). Within a transaction, and without a scope, it
        is an ordinary statement. One that is not `awaited` is on disk with the next one that is
        (`NOT_AWAITED`).
        """
        tenant_id = find_tenant_id()
        if not self.get_autocommit() or tenant_id is None:
            with self.bound_cursor() as ordinary:
                ordinary.execute(sql, params)
                return ordinary.fetchall() if ordinary.description else []
        self.ensure_connection()
        cursor = psycopg.Cursor(self.connection)
        try:
            # What lies between two syncs is one transaction, without a BEGIN and a COMMIT.
            with self.wrap_database_errors, self.connection.pipeline():
                self.connection.execute(set_small_sql(tenant_id, awaited=awaited))
                cursor.execute(sql, params)
        except BaseException:
            self._abandon()
            raise
        return cursor.fetchall() if cursor.description else []

    def _abandon(self) -> None:
        """End a failed statement's own transaction; drop the connection when that fails too."""
        try:
            with suppress(Error):  # the statement's own error says more
                self._run("ROLLBACK")
        finally:
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                self.close()

    def _run(self, sql: str) -> None:
        with self.wrap_database_errors:
            self.connection.execute(sql)

    def bound_cursor(self, *, binary: bool = False) -> ScopedCursor:
        """A cursor whose parameters go beside the statement: Django's quotes them into its text."""
        self.ensure_connection()
        cursor = psycopg.Cursor(self.connection)
        cursor.format = Format.BINARY if binary else Format.TEXT
        return self._prepare_cursor(cursor)  # type: ignore[attr-defined,no-any-return]

    def make_cursor(self, cursor: Any) -> ScopedCursor:
        return ScopedCursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> ScopedDebugCursor:
        return ScopedDebugCursor(cursor, self)

    def connect(self) -> None:
        self._sent = None
        super().connect()

    def _commit(self) -> Any:
        self._sent = None
        return super()._commit()  # type: ignore[misc]

    def _rollback(self) -> Any:
        self._sent = None
        return super()._rollback()  # type: ignore[misc]

    def _set_autocommit(self, autocommit: bool) -> None:
        self._sent = None  # no transaction is open at this moment
        super()._set_autocommit(autocommit)  # type: ignore[misc]

    # Savepoints bypass the cursor: they need no tenant of their own.
    def _savepoint(self, sid: str) -> None:
        self._run_savepoint(self.ops.savepoint_create_sql(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        self._sent = UNSENT  # the rollback undoes a setting that was sent after the savepoint
        self._run_savepoint(self.ops.savepoint_rollback_sql(sid))

    def _savepoint_commit(self, sid: str) -> None:
        self._run_savepoint(self.ops.savepoint_commit_sql(sid))

    def _run_savepoint(self, sql: str) -> None:
        self.validate_no_broken_transaction()
        self.ensure_connection()
        self._run(sql)
