"""The admin's page of syncs, its buttons, and the command."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from conftest import make_member
from orders.models import Order
from tenants.models import AuditEntry
from tenants.roles import Role
from tests.reconciliation.stream import run_out
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.reconciliation import ledger, settling
from webhooks.tasks import advance_sync
from xeno.lib.postgres.scope import tenant_scope

LIST = "/admin/webhooks/sync/"


@pytest.fixture
def told(monkeypatch):
    """Which stores a worker was told of."""
    stores = []
    monkeypatch.setattr(advance_sync, "delay", stores.append)
    return stores


@pytest.fixture
def synced(store):
    running.start_sync(tenant=store)
    run_out(store)
    return store


def browser(store, role):
    client = Client(enforce_csrf_checks=False)
    client.force_login(make_member(store, f"{role}@example.com", role))
    return client


def in_store(store, work):
    with tenant_scope(store.pk):
        return work()


def test_the_buttons_begin_and_cancel(synced, told, django_capture_on_commit_callbacks):
    anas = browser(synced, Role.OWNER)

    with django_capture_on_commit_callbacks(execute=True):
        page = anas.post(f"{LIST}reconcile/", follow=True)
    assert "being compared" in page.text
    assert (running.find_running().kind, told) == ("reconciliation", [synced.pk])

    assert "synced already" in anas.post(f"{LIST}begin/", follow=True).text
    assert "is cancelled" in anas.post(f"{LIST}cancel/", follow=True).text
    assert running.find_running() is None
    actions = AuditEntry.objects.filter(object_type="webhooks.sync").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "sync.reconcile_ordered", "sync.cancel_ordered",
    ]  # fmt: skip


@pytest.mark.parametrize("button", ["begin", "reconcile", "cancel"])
def test_a_button_is_a_post_of_who_manages_the_store_with_a_token(synced, told, button):
    url, before = f"{LIST}{button}/", Sync.objects.count()
    owner = browser(synced, Role.OWNER)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies

    assert owner.get(url).status_code == 405
    assert strict.post(url).status_code == 403
    assert browser(synced, Role.ANALYST).post(url).status_code == 403
    assert (Sync.objects.count(), told) == (before, [])


def test_a_page_shows_parts_ledger_and_findings(synced):
    Order.objects.update(financial_status="lost")
    out = verify(synced, "--whole")
    sync = Sync.objects.latest("pk")
    page = browser(synced, Role.OWNER).get(f"{LIST}{sync.pk}/change/").text
    listed = browser(synced, Role.ADMIN).get(LIST).text

    assert "xeno-progress" in page
    assert "financial_status" in page
    assert f"{Order.objects.count():,} mended" in listed
    assert f"{Order.objects.count():,} different" in out


@pytest.mark.parametrize(("state", "said"), [("done", True), ("cancelled", False)])
def test_only_who_has_looked_says_that_the_store_is_in_step(store, state, said):
    Sync.objects.create(kind="reconciliation", state=state)

    assert ("in step" in browser(store, Role.OWNER).get(LIST).text) is said


def verify(store, *options):
    out = io.StringIO()
    call_command("verify_store", store.shop_domain, *options, stdout=out)
    return out.getvalue()


def test_the_command_prints_that_a_store_is_in_step(synced):
    out = verify(synced, "--whole")

    assert f"Orders: in step; {Order.objects.count():,} here" in out
    assert out.endswith(verify(synced, "--last"))


def test_the_command_ends_with_1_when_something_is_still_off(synced, shop, monkeypatch):
    monkeypatch.setattr(settling, "MOST_GONE", 0)
    monkeypatch.setattr(settling, "MOST_GONE_SHARE", 0)
    shop.objects["orders"].popitem()
    Order.objects.update(synced_at="2020-01-01T00:00:00Z")

    with pytest.raises(CommandError) as refusal:
        verify(synced, "--whole")
    assert refusal.value.returncode == 1
    assert not ledger.is_settled(Sync.objects.latest("pk"))


def test_the_command_says_when_there_is_no_ledger(synced):
    with pytest.raises(CommandError, match="leave --last out"):
        verify(synced, "--last")
