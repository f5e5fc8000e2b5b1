"""A duplicate within the store is a form error; the same key in another store is none."""

from django import forms

from customers.models import Tombstone
from tenants.scoping.forms import TenantModelForm
from xeno.lib.postgres.scope import tenant_scope

Form = forms.modelform_factory(Tombstone, form=TenantModelForm, fields=["kind", "shopify_id"])
DATA = {"kind": "order", "shopify_id": "7"}


def test_a_duplicate_is_told_at_its_field(in_anas_store):
    Form(DATA).save()

    form = Form(DATA)

    assert not form.is_valid()
    assert list(form.errors) == ["shopify_id"]
    assert "of this store" in form.errors["shopify_id"][0]


def test_another_stores_row_is_no_duplicate(in_anas_store, cys_store):
    with tenant_scope(cys_store.pk):
        Form(DATA).save()

    assert Form(DATA).is_valid()
