"""Stores that are there already follow the table of roles when it changes."""

import pytest
from django.core.management import call_command

from tenants import keys, role_table, team
from tenants.audit import Actor
from tenants.giving import rights_of
from tenants.models import AuditEntry, Membership, User
from tenants.roles import ROLE_RIGHTS, Right, Role
from xeno.lib.postgres.scope import tenant_scope


def rights(user, store):
    return rights_of(User.objects.get(pk=user.pk), store)


@pytest.fixture
def analysts_export(monkeypatch):
    """The table of another version."""
    wider = ROLE_RIGHTS[Role.ANALYST] | {Right.EXPORT_DATA}
    monkeypatch.setitem(ROLE_RIGHTS, Role.ANALYST, wider)


@pytest.fixture
def bens_exception(anas_store, ana, ben):
    """Ben holds one right beside his role's, so that his rights are rows of his own."""
    with tenant_scope(anas_store.pk):
        who = Membership.objects.get(user=ben)
        team.grant_right(actor=Actor(ana), membership=who, right=Right.EDIT_SEGMENTS)


def test_a_wider_role_is_wider_in_every_store(anas_store, ben, cys_store, analysts_export):
    role_table.follow_role_table()

    assert "export_data" in rights(ben, anas_store)
    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            assert AuditEntry.objects.get().action == "roles.changed"


def test_who_has_exceptions_follows_too(anas_store, ben, bens_exception, analysts_export):
    role_table.follow_role_table()

    assert rights(ben, anas_store) == ROLE_RIGHTS[Role.ANALYST] | {Right.EDIT_SEGMENTS}


def test_a_narrower_role_takes_the_keys_that_hold_more(anas_store, ana, ben, monkeypatch):
    with tenant_scope(anas_store.pk):
        made = keys.make_key(actor=Actor(ben), tenant=anas_store, name="a", rights=["view_orders"])
    narrower = ROLE_RIGHTS[Role.ANALYST] - {Right.VIEW_ORDERS}
    monkeypatch.setitem(ROLE_RIGHTS, Role.ANALYST, narrower)

    role_table.follow_role_table()

    assert rights(ben, anas_store) == narrower
    with tenant_scope(anas_store.pk):
        assert keys.find_key(made.raw) is None


def test_where_nothing_changed_it_is_one_query(
    anas_store, ben, bens_exception, django_assert_num_queries
):
    with tenant_scope(anas_store.pk), django_assert_num_queries(1):
        role_table.follow_in_store(anas_store)


@pytest.mark.django_db(transaction=True)
def test_migrate_brings_it_about(anas_store, ben, analysts_export):
    call_command("migrate", verbosity=0)

    assert "export_data" in rights(ben, anas_store)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("partly", [{"plan": True}, {"app_label": "contenttypes"}])
def test_a_migration_of_a_part_leaves_it(anas_store, ben, analysts_export, partly):
    call_command("migrate", verbosity=0, **partly)

    assert "export_data" not in rights(ben, anas_store)
