"""The database backend: for whom each statement runs, through every turn of a transaction."""

from contextlib import contextmanager, suppress

import pytest
from django.db import (
    DatabaseError,
    connection,
    connections,
    transaction,
)
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from tests.statements import ANA, CY, fail, sent, tenant_of_statement
from xeno.lib.postgres.scope import NoTenant, find_tenant_id, tenant_scope


def refused(query):
    with pytest.raises(NoTenant):
        query()
    return True


@contextmanager
def rolled_back():
    """A block whose savepoint or transaction is undone at its end."""
    with suppress(ZeroDivisionError), transaction.atomic():
        yield
        raise ZeroDivisionError


@pytest.fixture
def transactional_db(autocommit):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(params=["in a transaction", "in autocommit"])
def either_mode(request, transactional_db):
    if request.param == "in autocommit":
        yield
    else:
        with transaction.atomic():
            yield


# --- Scopes -----------------------------------------------------------------------------


def test_a_statement_runs_for_the_scope_around_it(either_mode):
    assert tenant_of_statement() is None
    with tenant_scope(ANA):
        assert tenant_of_statement() == ANA
        with tenant_scope(CY):
            assert tenant_of_statement() == CY
        assert tenant_of_statement() == ANA
    assert tenant_of_statement() is None


def test_an_exception_closes_the_scope(either_mode):
    with suppress(ZeroDivisionError), tenant_scope(ANA), tenant_scope(CY):
        tenant_of_statement()
        raise ZeroDivisionError

    assert find_tenant_id() is None
    assert tenant_of_statement() is None


@pytest.mark.parametrize("nobody", [None, "1", True, 1.0, b"1", object()])
def test_a_scope_of_no_tenant_is_refused(nobody):
    with pytest.raises(NoTenant), tenant_scope(nobody):
        raise AssertionError("opened")
    assert find_tenant_id() is None


def test_nothing_of_a_scope_outlives_its_statement_in_the_session(transactional_db):
    with tenant_scope(ANA):
        tenant_of_statement()
        assert not sent()
        with transaction.atomic():
            tenant_of_statement()
            assert sent() == str(ANA)
        assert not sent()


def test_the_setting_is_sent_once_per_transaction(db):
    statements = []
    run = connection._run
    with tenant_scope(ANA), pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            connections["default"], "_run", lambda sql: statements.append(sql) or run(sql)
        )
        for _ in range(3):
            tenant_of_statement()
        with transaction.atomic():
            tenant_of_statement()

    assert [sql for sql in statements if "xeno" in sql] == [f"SET LOCAL xeno.tenant_id = '{ANA}'"]


# --- Savepoints -------------------------------------------------------------------------


def test_a_rollback_to_a_savepoint_does_not_bring_back_another_tenant(db):
    with tenant_scope(ANA):
        tenant_of_statement()
    with tenant_scope(CY):
        with rolled_back():
            assert tenant_of_statement() == CY
        assert sent() == str(ANA)  # the server went back; the backend knows
        assert tenant_of_statement() == CY
    assert tenant_of_statement() is None


def test_a_scope_within_a_savepoint_ends_with_it(db):
    with tenant_scope(ANA):
        with rolled_back(), tenant_scope(CY):
            assert tenant_of_statement() == CY
        assert tenant_of_statement() == ANA


def test_a_released_savepoint_leaves_the_right_tenant(db):
    with transaction.atomic(), tenant_scope(CY):
        assert tenant_of_statement() == CY
    assert tenant_of_statement() is None
    with tenant_scope(ANA):
        with transaction.atomic():
            tenant_of_statement()
        assert tenant_of_statement() == ANA


def test_savepoints_by_hand_keep_the_tenant(db):
    with tenant_scope(ANA):
        savepoint = transaction.savepoint()
        with tenant_scope(CY):
            assert tenant_of_statement() == CY
            transaction.savepoint_rollback(savepoint)
            assert tenant_of_statement() == CY
        assert tenant_of_statement() == ANA
        transaction.savepoint_commit(savepoint)
        assert tenant_of_statement() == ANA


def test_a_failed_statement_within_a_savepoint_leaves_the_right_tenant(db):
    with tenant_scope(ANA):
        with suppress(DatabaseError), transaction.atomic(), tenant_scope(CY):
            fail()
        assert tenant_of_statement() == ANA


def test_a_broken_transaction_says_so(db):
    """Django's own word for it, and not what the server says to the setting."""
    with tenant_scope(ANA), transaction.atomic():
        with suppress(DatabaseError), transaction.atomic(savepoint=False):
            fail()
        with tenant_scope(CY), pytest.raises(TransactionManagementError):
            tenant_of_statement()
    assert tenant_of_statement() is None


# --- Commits ----------------------------------------------------------------------------


def test_a_task_may_commit_in_the_middle_of_its_scope(transactional_db):
    with tenant_scope(ANA):
        for _ in range(2):
            with transaction.atomic(durable=True):
                assert tenant_of_statement() == ANA
            assert not sent()


def test_a_rolled_back_transaction_leaves_the_right_tenant(transactional_db):
    with tenant_scope(ANA):
        with rolled_back(), tenant_scope(CY):
            tenant_of_statement()
        with transaction.atomic():
            assert tenant_of_statement() == ANA


def test_transactions_by_hand_keep_the_tenant(transactional_db):
    transaction.set_autocommit(False)
    try:
        with tenant_scope(ANA):
            for end in (transaction.commit, transaction.rollback):
                assert tenant_of_statement() == ANA
                end()
                assert tenant_of_statement() == ANA
        assert tenant_of_statement() is None
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)


def test_on_commit_runs_in_no_scope_when_the_scope_has_ended(transactional_db):
    """Ids are passed, never read from the scope: it may be none by then, or another."""
    seen = []
    with tenant_scope(CY), transaction.atomic(), tenant_scope(ANA):
        transaction.on_commit(lambda: seen.append(find_tenant_id()))
    with transaction.atomic(), tenant_scope(ANA):
        transaction.on_commit(lambda: seen.append(find_tenant_id()))
        transaction.on_commit(lambda: seen.append(refused(Customer.objects.count)))

    assert seen == [CY, None, True]


def test_a_scope_in_a_generator_leaks_to_its_consumer():
    """Documented, and the reason why a scope may not be held over a `yield`."""

    def rows():
        with tenant_scope(ANA):
            yield 1

    generator = rows()
    next(generator)
    leaked = find_tenant_id()
    generator.close()

    assert (leaked, find_tenant_id()) == (ANA, None)


def test_the_query_log_of_tests_shows_statements_and_not_the_setting(db):
    with tenant_scope(ANA), CaptureQueriesContext(connection) as queries:
        tenant_of_statement()
        with transaction.atomic():
            tenant_of_statement()

    assert len(queries) == 2
