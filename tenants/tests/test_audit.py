"""The audit trail: who did what, with names of fields and never their values."""

import pytest
from django.db import DatabaseError, transaction

from tenants.audit import Actor, save_audit
from tenants.models import AuditEntry, Tenant
from xeno.lib.postgres.scope import NoTenant, tenant_scope


@pytest.fixture
def entry(in_anas_store, ana):
    return save_audit(
        actor=Actor(ana, address="192.0.2.7"), action="store.changed", target=in_anas_store,
        fields=["plan", "name"],
    )  # fmt: skip


def test_an_entry_says_who_did_what_to_whom(entry, in_anas_store, ana):
    kept = AuditEntry.objects.get()

    assert (kept.actor, kept.action) == (ana, "store.changed")
    assert (kept.object_type, kept.object_id) == ("tenants.tenant", str(in_anas_store.pk))
    assert (kept.fields, kept.address) == (["name", "plan"], "192.0.2.7")


def test_no_value_of_a_field_is_in_it(entry, in_anas_store):
    kept = AuditEntry.objects.values().get()

    assert in_anas_store.name not in str(kept)
    assert in_anas_store.shop_domain not in str(kept)


def test_the_machine_acts_as_nobody(in_anas_store):
    save_audit(actor=Actor(), action="store.refreshed", target=in_anas_store)

    assert AuditEntry.objects.get().actor is None


def test_what_has_no_row_yet_has_no_number(in_anas_store):
    assert save_audit(actor=Actor(), action="store.tried", target=Tenant()).object_id == ""


def test_it_belongs_to_the_open_store(entry, cys_store):
    with tenant_scope(cys_store.pk):
        assert not AuditEntry.objects.exists()


def test_nothing_is_noted_while_no_store_is_open(anas_store):
    with pytest.raises(NoTenant):
        save_audit(actor=Actor(), action="store.changed", target=anas_store)


@pytest.mark.parametrize("undo", [
    lambda entries: entries.update(action="nothing"), lambda entries: entries.delete(),
])  # fmt: skip
def test_the_application_can_neither_change_nor_delete_an_entry(entry, undo):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        undo(AuditEntry.objects.all())

    assert AuditEntry.objects.get().action == "store.changed"
