"""A store's erasure after its uninstall: every row, and nobody else's. Row 117."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from customers.models import Customer
from tenants.models import AuditEntry, Membership, Tenant, User
from tests.rows import make_row, owned_models
from webhooks.models import ApplierLease, ErasureReceipt, PrivacyRequest
from webhooks.privacy import leaving, working
from webhooks.privacy.receipts import read_ledger
from webhooks.privacy.tests.person import dump
from xeno.lib.postgres.scope import tenant_scope

BODY = {"shop_id": 1, "shop_domain": "ana.myshopify.com"}


@pytest.fixture
def left(person, ana):
    """Ana's store, uninstalled three days ago, with a row in each table."""
    one_of_each()
    PrivacyRequest.objects.update(done_at=timezone.now())
    now = timezone.now()
    Tenant.objects.filter(pk=person.tenant.pk).update(
        installed_at=now - timedelta(days=9), uninstalled_at=now - timedelta(days=3)
    )
    return person


@pytest.fixture
def cys_rows(cys_store, cy):
    """What Cy's store holds, a row in each table."""
    with tenant_scope(cys_store.pk):
        one_of_each()
    return cys_store


def one_of_each():
    """A row in each table of the open store, each pointing at the others."""
    rows = {}
    for model in owned_models():
        fields = model._meta.concrete_fields
        given = {f.name: rows[f.related_model] for f in fields if f.related_model in rows}
        # Far from the ids of the person's story.
        given |= {f.name: 9_000_000_000 + len(rows) for f in fields if f.name == "shopify_id"}
        rows[model] = make_row(model, **given)


def redact(shopify, **headers):
    shopify.tell("shop/redact", BODY, **headers)
    working.work_off(tenant=shopify.tenant)


def rows_of(store):
    with tenant_scope(store.pk):
        return {m.__name__: m._default_manager.count() for m in owned_models()}


def test_f117_every_row_of_the_store_goes_and_of_others_none(left, cys_rows, home):
    with tenant_scope(cys_rows.pk):
        before = dump()
    assert all(rows_of(left.tenant).values())

    redact(left)

    assert set(rows_of(left.tenant).values()) == {0}
    assert not Tenant.objects.filter(pk=left.tenant.pk).exists()
    assert not Membership.objects.filter(tenant_id=left.tenant.pk).exists()
    assert not ApplierLease.objects.filter(tenant_id=left.tenant.pk).exists()
    assert not Group.objects.filter(name__startswith=f"tenant:{left.tenant.pk}:").exists()
    assert User.objects.filter(email="ana@example.com").exists()  # she may have other stores
    assert len(read_ledger(home / "erasures.jsonl")) == 1
    with tenant_scope(cys_rows.pk):
        owned = {model._meta.db_table for model in owned_models()}
        assert {t: r for t, r in dump().items() if t in owned} == {
            t: r for t, r in before.items() if t in owned
        }


def test_f117_the_audit_trail_goes_too(left):
    assert AuditEntry.objects.exists()
    redact(left)

    assert not AuditEntry.objects.exists()


def test_f117_no_trace_of_its_people_is_left(left, traces):
    redact(left)

    assert traces.find() == set()


@pytest.mark.parametrize("topic", ["shop/redact", "customers/redact", "customers/data_request"])
def test_f117_asked_again_the_receipt_answers_for_the_store_that_is_gone(left, topic):
    redact(left)

    assert left.send(topic, BODY).status_code == 200
    assert ErasureReceipt.objects.count() == 1


def test_f117_other_topics_and_other_shops_are_unknown(left):
    redact(left)

    assert left.send("orders/create", BODY).status_code == 404
    left.tenant.shop_domain = "never.myshopify.com"
    assert left.send("shop/redact", BODY).status_code == 404


def test_f117_a_store_that_was_installed_again_stays(left):
    asked_at = (timezone.now() - timedelta(days=1)).isoformat()
    Tenant.objects.filter(pk=left.tenant.pk).update(
        installed_at=timezone.now(), uninstalled_at=None
    )
    redact(left, triggered_at=asked_at)

    assert Customer.objects.exists()
    assert PrivacyRequest.objects.get(trouble="reinstalled").done_at


def test_f117_a_connected_store_stays_and_the_request_waits(left):
    Tenant.objects.filter(pk=left.tenant.pk).update(uninstalled_at=None)
    redact(left)

    waiting = PrivacyRequest.objects.get(done_at=None)
    assert waiting.trouble == "still_connected"
    assert Customer.objects.exists()


@pytest.mark.parametrize("uninstalled", [True, False])
def test_f117_the_function_erases_an_uninstalled_store_and_no_connected_one(left, uninstalled):
    if not uninstalled:
        Tenant.objects.filter(pk=left.tenant.pk).update(uninstalled_at=None)
    PrivacyRequest.objects.update(delivery=None)

    if uninstalled:
        call_function()
        assert set(rows_of(left.tenant).values()) == {0}
    else:
        with pytest.raises(DatabaseError, match="uninstalled"), transaction.atomic():
            call_function()
        assert AuditEntry.objects.exists()


def test_f117_the_function_means_the_open_store_and_without_one_refuses(left, cys_rows):
    Tenant.objects.update(uninstalled_at=timezone.now())
    with tenant_scope(cys_rows.pk):
        call_function()

    assert all(rows_of(left.tenant).values())
    assert set(rows_of(cys_rows).values()) == {0}


def test_a_store_is_erased_in_batches(left, monkeypatch):
    monkeypatch.setattr(leaving, "BATCH", 1)
    redact(left)

    assert not Customer.objects.exists()


def call_function():
    with connection.cursor() as cursor:
        cursor.execute("SELECT xeno_erase_store()")
