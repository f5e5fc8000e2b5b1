"""The strict manager, every way to write: stamped, verified, fenced; NoTenant without a scope.

Each claim is made twice: behind row-level security, and as the role that it does not bind.
"""

import pytest
from django.apps import apps
from django.core import serializers
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.state import ProjectState
from django.db.models import F, Func, QuerySet, Value, sql

from customers.models import Customer, Tombstone
from orders.models import Order
from tenants.scoping.owned import ForeignTenant
from tests.rows import make_row, owned_models
from xeno.lib.postgres.scope import NoTenant, tenant_scope


@pytest.fixture
def ana(two_shops):
    """The scope is open on Ana's store."""
    with tenant_scope(two_shops[0].pk):
        yield two_shops[0]


@pytest.fixture
def cy(two_shops):
    return two_shops[1]


@pytest.fixture
def theirs(cy):
    """Cy's first customer, whom nobody has bought from since."""
    with tenant_scope(cy.pk):
        return make_row(Customer, shopify_id=103, note="same")


@pytest.fixture
def unharmed(cy, theirs):
    """After the test Cy's rows are what they were, and where they were."""
    cys_id = cy.pk
    yield
    with tenant_scope(cys_id):
        seen = Customer.objects.values_list("shopify_id", "note", "tenant_id")
        assert sorted(seen) == [(number, "same", cys_id) for number in (101, 102, 103)]
        assert Order.objects.count() == 3


pytestmark = pytest.mark.usefixtures("two_shops")

# A condition that an AND beside it would bind.
LOOSE = Func(Value(True), template="%(expressions)s OR true", output_field=models.BooleanField())
QUERYSET_WRITES = {
    "update": lambda: Customer.objects.update(note="new"),
    "update by expression": lambda: Customer.objects.update(note=F("state")),
    "update of a slice's ids": lambda: Customer.objects.filter(
        pk__in=Customer.objects.values("pk")
    ).update(note="new"),
    "update by a loose or": lambda: QuerySet(Order).filter(LOOSE).update(email="e"),
    "update across a join": lambda: Order.objects.filter(customer__note="same").update(email="e"),
    "plain queryset": lambda: QuerySet(Customer).update(note="new"),
    "update query": lambda: (
        sql.UpdateQuery(Order).update_batch(
            list(QuerySet(Order).values_list("pk", flat=True)), {"email": "e"}, "default"
        )
        or 3
    ),
}


@pytest.mark.parametrize("write", QUERYSET_WRITES.values(), ids=QUERYSET_WRITES)
def test_an_update_stays_within_the_store(write, ana, unharmed):
    with transaction.atomic():
        assert write() in (2, 3)


@pytest.mark.parametrize("write", QUERYSET_WRITES.values(), ids=QUERYSET_WRITES)
def test_an_update_without_a_scope_raises(write):
    with pytest.raises(NoTenant):
        write()


DELETES = {
    "queryset": lambda: Order.objects.all().delete()[0],
    "plain queryset": lambda: QuerySet(Order).delete()[0],
    "raw delete": lambda: Order.objects.all()._raw_delete("default"),
    "raw delete of a plain queryset": lambda: QuerySet(Order)._raw_delete("default"),
    "across a join": lambda: Order.objects.filter(customer__note="same").delete()[0],
    "by an or": lambda: QuerySet(Order).extra(where=["true OR true"])._raw_delete("default"),
    "by a loose or": lambda: QuerySet(Order).filter(LOOSE)._raw_delete("default"),
    "instances": lambda: sum(order.delete()[0] for order in Order.objects.all()),
    "delete query": lambda: sql.DeleteQuery(Order).delete_batch(
        list(range(1, 1000)) + list(Order.objects.values_list("pk", flat=True)), "default"
    ),
}


@pytest.mark.parametrize("delete", DELETES.values(), ids=DELETES)
def test_a_delete_stays_within_the_store(delete, ana, unharmed):
    assert delete() == 3
    assert Order.objects.count() == 0


@pytest.mark.parametrize("delete", DELETES.values(), ids=DELETES)
def test_a_delete_without_a_scope_raises(delete):
    with pytest.raises(NoTenant):
        delete()


CREATES = {
    "create": lambda **given: Customer.objects.create(**given),
    "save": lambda **given: Customer(**given).save(),
    "bulk_create": lambda **given: Customer.objects.bulk_create([Customer(**given)]),
    "upsert": lambda **given: Customer.objects.bulk_create(
        [Customer(**given)],
        update_conflicts=True,
        unique_fields=["tenant", "shopify_id"],
        update_fields=["note"],
    ),
    "get_or_create": lambda **given: Customer.objects.get_or_create(**given),
    "update_or_create": lambda **given: Customer.objects.update_or_create(**given),
    "base manager": lambda **given: Customer._base_manager.create(**given),
    "plain queryset": lambda **given: QuerySet(Customer).create(**given),
}


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
def test_a_new_row_is_stamped_with_the_scopes_store(create, ana):
    create(shopify_id=9)

    assert Customer.objects.get(shopify_id=9).tenant_id == ana.pk


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
def test_a_new_row_for_another_store_is_refused(create, ana, cy, unharmed):
    with pytest.raises(ForeignTenant), transaction.atomic():
        create(shopify_id=104, tenant_id=cy.pk)


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
def test_a_new_row_without_a_scope_is_refused(create, cy):
    for stamp in ({}, {"tenant_id": cy.pk}):
        with pytest.raises(NoTenant):
            create(shopify_id=9, **stamp)


def test_get_or_create_does_not_get_another_stores_row(ana, unharmed):
    mine, created = Customer.objects.get_or_create(shopify_id=101)

    assert (created, mine.tenant_id) == (True, ana.pk)


def test_update_or_create_does_not_update_another_stores_row(ana, unharmed):
    _, created = Customer.objects.update_or_create(shopify_id=101, defaults={"note": "new"})

    assert created


@pytest.mark.parametrize("fields", [None, ["note"], ["tenant"]])
def test_another_stores_instance_is_not_saved(fields, ana, theirs, unharmed):
    theirs.note = "new"

    with pytest.raises((ForeignTenant, DatabaseError)), transaction.atomic():
        theirs.save(update_fields=fields)


def test_another_stores_instance_is_not_saved_as_ours(ana, theirs, unharmed):
    theirs.note, theirs.tenant = "new", ana

    with pytest.raises(IntegrityError, match="customers_customer_pkey"), transaction.atomic():
        theirs.save()


def test_our_instance_is_not_saved_as_theirs(ana, cy, unharmed):
    mine = Customer.objects.get(shopify_id=1)
    mine.tenant = cy

    with pytest.raises(ForeignTenant), transaction.atomic():
        mine.save()


def test_another_stores_instance_is_not_deleted(ana, theirs, unharmed):
    assert theirs.delete()[0] == 0


def test_bulk_update_passes_another_stores_instances_by(ana, theirs, unharmed):
    mine = Customer.objects.get(shopify_id=1)
    theirs.note = mine.note = "new"

    assert Customer.objects.bulk_update([theirs, mine], ["note"]) == 1


def test_rows_do_not_move_to_another_store(ana, cy):
    """A tombstone points to nothing and nothing to it: no key would hold it."""
    stone = make_row(Tombstone)
    stone.tenant = cy

    for move in (
        lambda: Tombstone.objects.update(tenant=cy),
        lambda: Tombstone.objects.update(tenant_id=cy.pk),
        lambda: Tombstone.objects.bulk_update([stone], ["tenant"]),
    ):
        with pytest.raises(ForeignTenant), transaction.atomic():
            move()
    assert Tombstone.objects.count() == 1


def test_related_managers_write_within_the_store(ana, theirs, unharmed):
    mine = Customer.objects.get(shopify_id=1)
    mine.orders.create(shopify_id=14, **order_values())

    assert Order.objects.get(shopify_id=14).tenant_id == ana.pk
    for write in (
        lambda: theirs.orders.create(shopify_id=15, **order_values()),
        lambda: theirs.orders.add(Order.objects.get(shopify_id=11)),
        lambda: Order.objects.update(customer=theirs),
    ):
        with pytest.raises(IntegrityError, match="same_tenant"), transaction.atomic():
            write()


def order_values():
    order = Order.objects.get(shopify_id=11)
    skipped = {"id", "tenant", "shopify_id", "customer"}
    fields = [f for f in Order._meta.concrete_fields if f.name not in skipped and not f.generated]
    return {field.name: getattr(order, field.name) for field in fields}


def test_a_fixture_of_another_store_is_not_loaded(ana, theirs, unharmed):
    theirs.note = "new"
    [row] = serializers.deserialize("json", serializers.serialize("json", [theirs]))

    with pytest.raises((ForeignTenant, DatabaseError)), transaction.atomic():
        row.save()


def historical(model):
    """The model as a migration's RunPython gets it: with a manager that knows no wall."""
    state = ProjectState.from_apps(apps).apps
    return state.get_model(model._meta.app_label, model._meta.model_name)


def test_a_migrations_models_need_a_scope_too():
    customers = historical(Customer).objects

    for use in (
        customers.count,
        lambda: customers.update(note="new"),
        lambda: customers.all().delete(),
        lambda: customers.create(shopify_id=9),
        lambda: customers.bulk_create([customers.model(shopify_id=9)]),
    ):
        with pytest.raises(NoTenant):
            use()


def test_a_migrations_models_write_within_the_store(ana, unharmed):
    customers = historical(Customer).objects

    assert customers.update(note="new") == 2
    assert customers.create(shopify_id=9).tenant_id == ana.pk
    assert historical(Order).objects.all().delete()[0] == 3


# --- A store itself ---------------------------------------------------------------------


def test_a_store_with_rows_is_not_deleted_within_its_scope(ana):
    with pytest.raises(models.ProtectedError):
        ana.delete()


def test_a_store_is_not_deleted_without_a_scope(cy):
    with pytest.raises(NoTenant):
        cy.delete()


def delete_and_commit(store):
    store.delete()
    connection.check_constraints()  # what a commit does with keys that wait for it


def test_a_store_with_rows_is_not_deleted_within_anothers_scope(ana, cy, unharmed):
    with pytest.raises(IntegrityError, match="tenants_tenant"), transaction.atomic():
        delete_and_commit(cy)


def test_no_shared_row_is_deleted_with_rows_of_a_store(ana):
    """No cascade ends in a tenant-owned table."""
    for model in owned_models():
        for field in model._meta.concrete_fields:
            if field.is_relation:
                assert field.remote_field.on_delete in (models.PROTECT, models.DO_NOTHING), field


def test_half_of_this_file_runs_as_a_role_that_no_policy_binds(two_shops, request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user")
        [bypasses] = cursor.fetchone()

    assert bypasses == request.node.name.endswith("[without]")
