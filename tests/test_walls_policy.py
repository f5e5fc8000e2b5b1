"""Row-level security: what the database shows to SQL that no manager has seen."""

from contextlib import closing

import pytest
from django.db import DataError, NotSupportedError, ProgrammingError, connection, transaction

from customers.models import Customer
from orders.models import Order
from tenants.models import AuditEntry
from tests.rows import make_row, owned_models
from webhooks.models import Delivery
from xeno.lib.postgres.scope import tenant_scope

DELIVERY = (
    "INSERT INTO webhooks_delivery (tenant_id, webhook_id, topic, body, body_hash)"
    " VALUES (%s, %s, 'orders/create', '{}', '')"
)
REFUSED = "violates row-level security policy"


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def count_all(model):
    [(count,)] = run(f'SELECT count(*) FROM "{model._meta.db_table}"')
    return count


def refused(sql, *params):
    """Whether the policy refuses the statement; the transaction survives."""
    with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
        run(sql, *params)
    return True


def test_f080_sql_sees_nothing_without_a_scope(anas_rows, cys_rows):
    assert {model.__name__: count_all(model) for model in owned_models()} == {
        model.__name__: 0 for model in owned_models()
    }


def test_f080_sql_sees_one_store_within_its_scope(anas_rows, cys_rows, anas_store):
    for model in owned_models():
        with tenant_scope(anas_store.pk):
            seen = run(f'SELECT DISTINCT tenant_id FROM "{model._meta.db_table}"')

        assert seen == [(anas_store.pk,)], model


def test_f080_a_connection_that_never_heard_of_stores_sees_nothing(
    transactional_db, anas_rows, log_in
):
    with log_in("application") as stranger, log_in("migrator") as owner:
        for model in owned_models():
            count = f'SELECT count(*) FROM "{model._meta.db_table}"'

            assert stranger.execute(count).fetchone() == (0,), model
            assert owner.execute(count).fetchone()[0] > 0, model


def test_raw_needs_a_scope_and_gets_its_rows_only(anas_rows, cys_rows, anas_store):
    raw = Customer.objects.raw("SELECT * FROM customers_customer")

    assert list(raw) == []
    with tenant_scope(anas_store.pk):
        assert {c.tenant_id for c in Customer.objects.raw(raw.raw_query)} == {anas_store.pk}


def test_f081_no_statement_moves_a_row_to_another_store(anas_rows, anas_store, cys_store):
    with tenant_scope(anas_store.pk):
        for model in owned_models():
            update = f'UPDATE "{model._meta.db_table}" SET tenant_id = %s'
            says = "permission denied" if model is AuditEntry else REFUSED
            with pytest.raises(ProgrammingError, match=says), transaction.atomic():
                run(update, cys_store.pk)


def test_f081_no_statement_touches_another_stores_rows(anas_rows, cys_store):
    with tenant_scope(cys_store.pk):
        for model in owned_models():
            if model is AuditEntry:
                continue
            table = model._meta.db_table

            assert run(f'UPDATE "{table}" SET tenant_id = tenant_id') == 0, model
            assert run(f'DELETE FROM "{table}"') == 0, model
            assert run(f'SELECT id FROM "{table}" FOR UPDATE') == [], model


INSERTS = {
    Customer: "INSERT INTO customers_customer (tenant_id, shopify_id, orders_count, total_spent,"
    " orders_count_source, total_spent_source, version_order_id)"
    " VALUES (%s, 1, 0, 0, 'computed', 'computed', 0)",
    AuditEntry: "INSERT INTO tenants_auditentry (tenant_id, action, object_type, object_id, fields,"
    " seen) VALUES (%s, 'a', 'b', 'c', '[]', '[]')",
}


@pytest.mark.parametrize("sql", INSERTS.values())
def test_f081_no_row_is_inserted_for_another_store(sql, anas_store, cys_store):
    assert refused(sql, anas_store.pk)  # with no scope at all
    with tenant_scope(cys_store.pk):
        assert refused(sql, anas_store.pk)
        assert run(sql, cys_store.pk) == 1


def test_f082_what_is_unique_is_so_per_store(anas_store, cys_store):
    """The same e-mail and Shopify id elsewhere are neither refused nor overwritten."""
    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            Customer.objects.create(shopify_id=7, email="kim@example.com", note=store.name)

    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            assert Customer.objects.get(shopify_id=7).note == store.name


def test_f082_an_upsert_does_not_meet_another_stores_row(anas_store, cys_store):
    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            Customer.objects.bulk_create(
                [Customer(shopify_id=7, note=store.name)],
                update_conflicts=True,
                unique_fields=["tenant", "shopify_id"],
                update_fields=["note"],
            )

    with tenant_scope(anas_store.pk):
        assert Customer.objects.get().note == anas_store.name


def test_the_inbox_takes_any_stores_webhook_and_shows_none(anas_store):
    assert run(DELIVERY, anas_store.pk, "w-1") == 1
    assert run(DELIVERY + " ON CONFLICT DO NOTHING", anas_store.pk, "w-1") == 0

    assert count_all(Delivery) == 0
    assert refused(DELIVERY + " RETURNING id", anas_store.pk, "w-2")
    with tenant_scope(anas_store.pk):
        assert Delivery.objects.get().webhook_id == "w-1"


def test_the_inbox_lets_nobody_change_what_is_not_theirs(anas_store, cys_store):
    run(DELIVERY, anas_store.pk, "w-1")
    overwrite = DELIVERY + " ON CONFLICT (tenant_id, webhook_id) DO UPDATE SET state = 'applied'"

    with tenant_scope(cys_store.pk):
        assert run("UPDATE webhooks_delivery SET state = 'applied'") == 0
        assert refused(overwrite, anas_store.pk, "w-1")


def test_the_audit_trail_is_written_once(anas_rows, anas_store):
    with tenant_scope(anas_store.pk):
        for change in (
            "UPDATE tenants_auditentry SET action = ''",
            "DELETE FROM tenants_auditentry",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                run(change)


def test_the_application_cannot_switch_the_wall_off(anas_rows):
    for switch in (
        "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE customers_customer NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY customers_customer_tenant_policy ON customers_customer",
        "TRUNCATE customers_customer CASCADE",
        "SET ROLE xeno_migrator",
        "SET SESSION AUTHORIZATION xeno_migrator",
        "CREATE VIEW peep AS SELECT * FROM customers_customer",
    ):
        denied = pytest.raises(ProgrammingError, match=r"must be owner|permission denied")
        with denied, transaction.atomic():
            run(switch)


def test_row_security_off_is_an_error_and_no_way_in(anas_rows):
    affected = pytest.raises(ProgrammingError, match="would be affected by row-level security")
    run("SET LOCAL row_security = off")

    with affected, transaction.atomic():
        run("SELECT * FROM customers_customer")


def test_a_setting_that_is_no_number_shows_nothing(anas_rows):
    run("SET LOCAL xeno.tenant_id = '1 OR true'")

    with pytest.raises(DataError, match="invalid input syntax"), transaction.atomic():
        run("SELECT * FROM customers_customer")


# --- COPY, streams and server-side cursors: psycopg's own ways, through Django's cursor ----


def copied():
    copy = "COPY (SELECT tenant_id FROM customers_customer) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(copy) as out:
        return {int(row[0]) for row in out.rows()}


def streamed():
    with connection.cursor() as cursor:
        return {row[0] for row in cursor.stream("SELECT tenant_id FROM customers_customer")}


@pytest.mark.parametrize("read", [copied, streamed])
def test_copy_and_stream_follow_the_scope(read, anas_rows, cys_rows, anas_store, cys_store):
    with tenant_scope(anas_store.pk):
        assert read() == {anas_store.pk}
        with tenant_scope(cys_store.pk):
            assert read() == {cys_store.pk}
    assert read() == set()


@pytest.mark.parametrize("read", [copied, streamed])
def test_copy_and_stream_follow_the_scope_in_autocommit(
    read, transactional_db, anas_rows, cys_rows, anas_store
):
    with tenant_scope(anas_store.pk):
        assert read() == {anas_store.pk}
    assert read() == set()


def test_copy_into_a_walled_table_is_refused(anas_store):
    refused = pytest.raises(NotSupportedError, match="COPY FROM not supported with row-level")
    copy = "COPY customers_customer (tenant_id) FROM STDIN"
    with tenant_scope(anas_store.pk), connection.cursor() as cursor, refused, cursor.copy(copy):
        pass


def test_a_stored_procedure_follows_the_scope(anas_store, cys_store):
    def setting():
        with connection.cursor() as cursor:
            cursor.callproc("current_setting", ["xeno.tenant_id", True])
            return cursor.fetchone()[0]

    with tenant_scope(anas_store.pk):
        assert setting() == str(anas_store.pk)
        with tenant_scope(cys_store.pk):
            assert setting() == str(cys_store.pk)
    assert not setting()


def test_a_server_side_cursor_never_shows_another_store(anas_store, cys_store):
    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            for _ in range(6):
                make_row(Order)

    with tenant_scope(anas_store.pk):
        orders = Order.objects.iterator(chunk_size=2)
        seen = {next(orders).tenant_id}
        with tenant_scope(cys_store.pk):
            run("SELECT 1 FROM orders_order")
            seen |= {order.tenant_id for order in orders}

    assert seen == {anas_store.pk}


def test_a_streamed_read_outlives_its_scope_and_shows_only_its_store(
    transactional_db, anas_store, cys_store
):
    """A server-side cursor WITH HOLD in autocommit: declared in one scope, read after it."""
    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            for _ in range(5):
                make_row(Order)

    with tenant_scope(anas_store.pk):
        orders = Order.objects.iterator(chunk_size=2)
        first = next(orders)
    with tenant_scope(cys_store.pk):
        assert Order.objects.count() == 5
        seen = [first, *orders]

    assert [order.tenant_id for order in seen] == [anas_store.pk] * 5


def test_the_connection_beneath_django_sees_nothing(transactional_db, anas_rows, anas_store):
    """Whoever goes to psycopg, or to its pool, must send the tenant; forgetting shows nothing."""
    with tenant_scope(anas_store.pk):
        connection.ensure_connection()
        with closing(connection.connection.cursor()) as cursor:
            seen = cursor.execute("SELECT count(*) FROM customers_customer").fetchone()

    assert seen == (0,)
