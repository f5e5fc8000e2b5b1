"""Each wall is taken away in turn, and the others hold."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import QuerySet

from customers.models import Customer
from orders.models import Order, Refund
from tenants.scoping.constraints import SameTenant
from tests.rows import make_row, owned_models
from xeno.lib.postgres.scope import NoTenant, tenant_scope

KEYS = [
    (model, wall)
    for model in owned_models()
    for wall in model._meta.constraints
    if isinstance(wall, SameTenant)
]


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def stores_seen(model):
    return {tenant_id for (tenant_id,) in run(f'SELECT tenant_id FROM "{model._meta.db_table}"')}


def test_without_the_manager_the_policies_hold(db, anas_rows, cys_rows, anas_store, cys_store):
    for model in owned_models():
        assert stores_seen(model) == set()
        with tenant_scope(anas_store.pk):
            assert stores_seen(model) == {anas_store.pk}


def test_without_the_policies_the_manager_holds(
    as_owner, db, anas_rows, cys_rows, anas_store, cys_store
):
    for model in owned_models():
        assert stores_seen(model) == {anas_store.pk, cys_store.pk}
        with pytest.raises(NoTenant):
            model._base_manager.exists()
        with tenant_scope(anas_store.pk):
            seen = model._base_manager.values_list("tenant_id", flat=True)
            assert set(seen) == {anas_store.pk}


def test_without_the_policies_the_compiler_fences_what_has_no_manager(
    as_owner, db, anas_rows, cys_rows, anas_store, cys_store
):
    with tenant_scope(anas_store.pk):
        assert cys_rows[Refund].delete()[0] == 0
        assert QuerySet(Refund)._raw_delete("default") > 0

    assert stores_seen(Refund) == {cys_store.pk}


@pytest.mark.parametrize(("model", "wall"), KEYS, ids=lambda part: getattr(part, "name", ""))
def test_without_manager_and_policies_the_keys_hold(
    as_owner, db, model, wall, anas_rows, cys_rows, cys_store
):
    """Plain SQL, as the role that no policy binds: another store's row cannot be pointed to."""
    table, column = model._meta.db_table, model._meta.get_field(wall.field).column
    ours, theirs = anas_rows[model], getattr(cys_rows[model], column)

    with pytest.raises(IntegrityError, match=wall.name), transaction.atomic():
        run(f'UPDATE "{table}" SET {column} = %s WHERE id = %s', theirs, ours.pk)
    with pytest.raises(IntegrityError, match="same_tenant"), transaction.atomic():
        run(f'UPDATE "{table}" SET tenant_id = %s WHERE id = %s', cys_store.pk, ours.pk)
    pointed_to = model._meta.get_field(wall.field).related_model._meta.db_table
    with pytest.raises(IntegrityError, match="same_tenant"), transaction.atomic():
        run(f'UPDATE "{pointed_to}" SET tenant_id = %s', cys_store.pk)
    with pytest.raises(IntegrityError, match="same_tenant"), transaction.atomic():
        run(f'DELETE FROM "{pointed_to}" WHERE id = %s', getattr(ours, column))


def test_an_order_of_one_store_is_not_inserted_with_anothers_customer(
    as_owner, db, anas_store, cys_rows
):
    refused = pytest.raises(IntegrityError, match="order_and_customer_same_tenant")
    with tenant_scope(anas_store.pk), refused:
        make_row(Order, customer=cys_rows[Customer])


def test_the_keys_answer_alike_for_a_foreign_and_a_missing_row(anas_store, cys_rows):
    """What the refusal says is no way to learn which ids another store has."""

    def refusal(customer_id):
        scope = tenant_scope(anas_store.pk)
        with scope, pytest.raises(IntegrityError) as error, transaction.atomic():
            make_row(Order, customer_id=customer_id, customer=None)
        return str(error.value).replace(str(customer_id), "ID")

    assert refusal(cys_rows[Customer].pk) == refusal(987654321)


def test_f085_no_row_is_without_a_tenant(as_owner, db, anas_rows):
    """As the migrator, so that it is the column and not the policy that says no."""
    for model, row in anas_rows.items():
        with pytest.raises(IntegrityError, match=r'"tenant_id".* not-null'), transaction.atomic():
            run(f'UPDATE "{model._meta.db_table}" SET tenant_id = NULL WHERE id = %s', row.pk)


def test_without_the_keys_and_the_manager_the_policies_hold(db, anas_rows, cys_rows, cys_store):
    """Nobody can attach a row to another store's by saying that it belongs to that store."""
    ours = anas_rows[Order]

    scope = tenant_scope(ours.tenant_id)
    with scope, pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        run(
            "UPDATE orders_order SET tenant_id = %s, customer_id = %s WHERE id = %s",
            cys_store.pk,
            cys_rows[Order].customer_id,
            ours.pk,
        )
