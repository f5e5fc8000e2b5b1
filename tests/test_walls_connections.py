"""The database backend when things break: lost connections, interruptions, threads, the pool."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy

import pytest
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)

from tests.statements import ANA, CY, fail, sent, tenant_of_statement
from xeno.lib.postgres.migrator import as_migrator
from xeno.lib.postgres.scope import find_tenant_id, tenant_scope


@pytest.fixture
def transactional_db(autocommit):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


# --- Errors and lost connections --------------------------------------------------------


def test_a_failed_statement_in_autocommit_ends_its_transaction(transactional_db):
    with tenant_scope(ANA):
        with pytest.raises(DatabaseError, match="division by zero"):
            fail()
        assert tenant_of_statement() == ANA
    assert not sent()
    assert tenant_of_statement() is None


def lose_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_connection_lost_in_autocommit_says_so_and_heals(transactional_db):
    with tenant_scope(ANA):
        with pytest.raises(OperationalError, match="terminating connection"):
            lose_connection()
        assert tenant_of_statement() == ANA


def test_a_connection_lost_in_a_transaction_says_so_and_heals(transactional_db):
    with tenant_scope(ANA):
        lost = pytest.raises(OperationalError, match="terminating connection")
        with lost, transaction.atomic():
            lose_connection()
        with transaction.atomic():
            assert tenant_of_statement() == ANA


def test_a_connection_lost_before_its_first_statement_says_so(transactional_db):
    with tenant_scope(ANA):
        tenant_of_statement()
        with suppress(Exception):
            connection.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises((OperationalError, InterfaceError)):
            tenant_of_statement()
        connection.close()
        assert tenant_of_statement() == ANA


def test_closing_within_a_transaction_is_an_error_until_its_end(transactional_db):
    with tenant_scope(ANA):
        with suppress(DatabaseError), transaction.atomic():
            tenant_of_statement()
            connection.close()
            with pytest.raises(DatabaseError):
                tenant_of_statement()
        assert tenant_of_statement() == ANA


def test_an_interrupted_statement_leaves_no_open_transaction(transactional_db, monkeypatch):
    """A soft time limit may strike anywhere, also between BEGIN and COMMIT."""

    class TimeLimit(BaseException):
        pass

    def strike(*args):
        raise TimeLimit

    with tenant_scope(ANA), connection.cursor() as cursor:
        monkeypatch.setattr("django.db.backends.utils.CursorWrapper._execute", strike)
        with pytest.raises(TimeLimit):
            cursor.execute("SELECT 1")
        monkeypatch.undo()
    assert not sent()
    assert connection.connection.info.transaction_status.name == "IDLE"


def test_a_connection_that_cannot_roll_back_is_dropped(transactional_db, monkeypatch):
    run = connection._run

    def no_rollback(sql):
        if sql == "ROLLBACK":
            raise OperationalError("lost")
        run(sql)

    monkeypatch.setattr(connections["default"], "_run", no_rollback)
    with tenant_scope(ANA), pytest.raises(DatabaseError, match="division by zero"):
        fail()
    monkeypatch.undo()

    assert connection.connection is None
    assert tenant_of_statement() is None


# --- Threads, generators, cursors -------------------------------------------------------


def test_a_thread_starts_without_a_scope(transactional_db):
    def ask():
        try:
            return find_tenant_id(), tenant_of_statement()
        finally:
            connection.close()

    with tenant_scope(ANA), ThreadPoolExecutor(1) as pool:
        assert pool.submit(ask).result() == (None, None)


def test_threads_work_for_their_own_stores_at_once(transactional_db):
    together = threading.Barrier(2)

    def ask(tenant_id):
        try:
            with tenant_scope(tenant_id), transaction.atomic():
                together.wait(5)
                first = tenant_of_statement()
                together.wait(5)
                return first, tenant_of_statement()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, (ANA, CY))) == [(ANA, ANA), (CY, CY)]


@pytest.fixture
def pooled(transactional_db):
    """The web process's kind of connection, to the same database."""
    settings = deepcopy(connection.settings_dict)
    settings["CONN_MAX_AGE"], settings["OPTIONS"]["pool"] = 0, {"min_size": 1, "max_size": 1}
    wrapper = type(connections["default"])(settings, alias="pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def user_and_tenant(wrapper):
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('xeno.tenant_id', true)")
        return cursor.fetchone()


def test_a_pooled_connection_carries_no_tenant_to_its_next_user(pooled):
    application = connection.settings_dict["USER"]
    with tenant_scope(ANA):
        assert user_and_tenant(pooled) == (application, str(ANA))
        pooled.set_autocommit(False)
        assert user_and_tenant(pooled) == (application, str(ANA))
        pooled.close()  # in the middle of its transaction

    assert not user_and_tenant(pooled)[1]


def test_the_migrator_does_not_get_a_connection_of_the_pool(pooled):
    application = user_and_tenant(pooled)[0]

    with as_migrator(pooled):
        assert user_and_tenant(pooled)[0] == connection.settings_dict["MIGRATOR"]["USER"]
    assert user_and_tenant(pooled)[0] == application
