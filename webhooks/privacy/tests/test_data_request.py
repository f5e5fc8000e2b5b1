"""A customer's data for the merchant: complete, theirs alone, and for a while. Row 116."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import make_member
from customers.models import Customer
from orders.models import LineItem, Order
from tenants.models import AuditEntry
from tenants.roles import Role
from webhooks.models import Delivery, PrivacyRequest
from webhooks.privacy import working
from webhooks.privacy.bundling import drop_old_bundles
from webhooks.privacy.tables import paths_to_customer
from webhooks.privacy.tests.person import ID, request


@pytest.fixture
def asked(person):
    """The request for the person's data, worked off."""
    person.tell("customers/data_request", request(orders_requested=[503], data_request={"id": 9}))
    working.work_off(tenant=person.tenant)
    return PrivacyRequest.objects.get()


def tables_of(asked):
    return json.loads(bytes(asked.bundle))["tables"]


def test_f116_every_table_with_a_key_to_the_customer_is_in_it(asked):
    tables = tables_of(asked)

    assert set(tables) == {model._meta.label_lower for model in paths_to_customer()}
    assert all(tables.values()), {name for name, rows in tables.items() if not rows}


def test_f116_it_holds_everything_of_theirs_and_nothing_of_others(asked):
    tables = tables_of(asked)

    assert [row["shopify_id"] for row in tables["customers.customer"]] == [ID]
    assert {row["shopify_id"] for row in tables["orders.order"]} == {501, 502, 503}
    assert {row["title"] for row in tables["orders.lineitem"]} == {"Jug"}
    assert b"dee@example.com" not in bytes(asked.bundle)
    mine = Order.objects.filter(shopify_id__in=(501, 502, 503))
    assert len(tables["orders.lineitem"]) == LineItem.objects.filter(order__in=mine).count()


def test_f116_the_request_is_done_and_its_own_body_gone(asked):
    assert asked.done_at
    assert abs(asked.due_at - asked.received_at - timedelta(days=30)) < timedelta(minutes=1)
    assert bytes(Delivery.objects.get(pk=asked.delivery_id).body) == b""
    assert Customer.objects.filter(shopify_id=ID).exists()


def browser_of(user):
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_f116_who_manages_the_store_downloads_it_and_that_is_noted(asked, ana):
    answer = browser_of(ana).get(f"/admin/webhooks/privacyrequest/{asked.pk}/download/")

    assert answer.status_code == 200
    assert answer.json()["customer_ids"] == [ID]
    assert answer["Content-Disposition"] == f'attachment; filename="customer-{ID}.json"'
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.filter(action="privacyrequest.downloaded", actor=ana).exists()


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST, Role.SUPPORT])
def test_f116_nobody_else_of_the_team_does(asked, role, anas_store):
    other = make_member(anas_store, "other@example.com", role)
    answer = browser_of(other).get(f"/admin/webhooks/privacyrequest/{asked.pk}/download/")

    assert answer.status_code == 403
    assert b"canary" not in answer.content.lower()


def test_f116_no_other_store_does(asked, cy):
    answer = browser_of(cy).get(f"/admin/webhooks/privacyrequest/{asked.pk}/download/")

    assert answer.status_code == 404
    assert b"canary" not in answer.content.lower()


def test_the_pages_show_deadline_state_and_download(asked, ana):
    listed = browser_of(ana).get("/admin/webhooks/privacyrequest/").text
    page = browser_of(ana).get(f"/admin/webhooks/privacyrequest/{asked.pk}/change/").text

    for text in (listed, page):
        assert f"/admin/webhooks/privacyrequest/{asked.pk}/download/" in text
        assert str(ID) in text
        assert "done" in text


def test_an_open_request_past_its_day_is_overdue(person, ana):
    person.tell("customers/redact", request())
    PrivacyRequest.objects.update(due_at=timezone.now() - timedelta(days=1))

    assert "overdue" in browser_of(ana).get("/admin/webhooks/privacyrequest/").text


def test_the_bundle_goes_when_its_time_is_over(asked, ana):
    PrivacyRequest.objects.update(bundle_expires_at=timezone.now() - timedelta(seconds=1))

    assert drop_old_bundles() == 1
    answer = browser_of(ana).get(f"/admin/webhooks/privacyrequest/{asked.pk}/download/")
    assert answer.status_code == 404
