"""A statement that is begun, run and committed in one message."""

import pytest
from django.db import IntegrityError, connection, transaction

from customers.models import Customer
from xeno.lib.postgres.scope import tenant_scope
from xeno.lib.upsert import open_small, run, run_at_once

INSERT = "UPDATE customers_customer SET first_name = %s WHERE tenant_id = %s RETURNING first_name"
REFUSED = "UPDATE customers_customer SET shopify_id = NULL WHERE tenant_id = %s"


@pytest.fixture
def kim(transactional_db, in_anas_store) -> Customer:
    return Customer.objects.create(shopify_id=1, email="kim@example.com")


def test_it_is_committed_and_gives_its_rows(kim, in_anas_store):
    assert run_at_once(INSERT, ["Kim", in_anas_store.pk]) == [("Kim",)]

    connection.rollback()
    assert Customer.objects.get().first_name == "Kim"


def test_it_sees_the_open_store_alone(kim, in_anas_store):
    assert run_at_once("SELECT count(*) FROM customers_customer", []) == [(1,)]
    assert run("SELECT current_setting('xeno.tenant_id', true)", []) == [(str(in_anas_store.pk),)]


def test_of_another_store_it_sees_nothing(kim, cys_store):
    with tenant_scope(cys_store.pk):
        assert run_at_once("SELECT count(*) FROM customers_customer", []) == [(0,)]


def test_a_refusal_leaves_nothing_open(kim, in_anas_store):
    with pytest.raises(IntegrityError):
        run_at_once(REFUSED, [in_anas_store.pk])

    assert run_at_once("SELECT 1", []) == [(1,)]
    assert Customer.objects.get().shopify_id == 1


def test_within_a_transaction_it_ends_with_it(kim, in_anas_store):
    with transaction.atomic():
        run_at_once(INSERT, ["Kim", in_anas_store.pk])
        transaction.set_rollback(True)

    assert Customer.objects.get().first_name != "Kim"


def test_it_is_planned_once_and_nothing_of_that_stays(kim, in_anas_store):
    planned = """SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan'),
        current_setting('enable_bitmapscan'), current_setting('enable_hashjoin')"""

    assert run_at_once(planned, []) == [("force_generic_plan", "off", "off", "off")]
    assert run(planned, []) == [("auto", "on", "on", "on")]


def test_the_disk_is_awaited_unless_it_need_not_be(transactional_db, in_anas_store):
    ask = "SELECT current_setting('synchronous_commit')"
    run("SET synchronous_commit = on", [])  # the tests' own server awaits nothing

    assert run_at_once(ask, [], awaited=False) == [("off",)]
    assert run_at_once(ask, []) == run(ask, []) == [("on",)]
    run("RESET synchronous_commit", [])


def test_a_transaction_of_small_statements_is_the_open_stores_and_nothing_of_it_stays(
    kim, in_anas_store
):
    ask = """SELECT current_setting('xeno.tenant_id', true), current_setting('plan_cache_mode'),
        current_setting('synchronous_commit')"""
    run("SET synchronous_commit = on", [])

    with transaction.atomic():
        open_small(awaited=False)
        assert run(ask, []) == [(str(in_anas_store.pk), "force_generic_plan", "off")]
        run(INSERT, ["Kim", in_anas_store.pk])
    with transaction.atomic():
        assert run(ask, []) == [(str(in_anas_store.pk), "auto", "on")]

    assert Customer.objects.get().first_name == "Kim"
    run("RESET synchronous_commit", [])
