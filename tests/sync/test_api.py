"""/sync: who may look and order, what is told, and that an order is carried out once."""

import pytest
from django.utils import timezone

from conftest import api_of, make_member
from tenants.models import AuditEntry, Tenant
from tenants.roles import Role
from webhooks.backfill import running
from webhooks.backfill.models import Sync, SyncPart
from webhooks.reconciliation.models import LedgerLine
from webhooks.tasks import advance_sync, tell_cancelled
from xeno.lib.postgres.scope import tenant_scope


@pytest.fixture
def told(monkeypatch):
    """What workers were told: the name of the task, for each."""
    names = []
    for task in (advance_sync, tell_cancelled):
        monkeypatch.setattr(task, "delay", lambda _, name=task.name: names.append(name))
    return names


@pytest.fixture
def shop_of_ana(anas_store, ana, told):
    Tenant.objects.filter(pk=anas_store.pk).update(installed_at=timezone.now())
    return anas_store


def orders(store):
    with tenant_scope(store.pk):
        trail = AuditEntry.objects.filter(object_type="webhooks.sync").order_by("pk")
        return list(trail.values_list("action", flat=True))


def code_of(response):
    return response.json()["errors"][0]["code"]


def test_a_sync_is_started_followed_and_cancelled(
    shop_of_ana, ana_api, told, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        begun = ana_api.post("/sync", {})
    shown = ana_api.get(f"/sync/{begun.json()['id']}").json()
    with django_capture_on_commit_callbacks(execute=True):
        ended = ana_api.post(f"/sync/{shown['id']}/cancel")

    assert (begun.status_code, begun.json()) == (201, shown)
    assert (shown["kind"], shown["state"], shown["percent"]) == ("history", "running", 0)
    assert [part["kind"] for part in shown["parts"]] == list(SyncPart.ORDER)
    assert (ended.status_code, ended.json()["state"]) == (200, "cancelled")
    assert ended.json()["finished_at"]
    assert told == [advance_sync.name, tell_cancelled.name]
    assert orders(shop_of_ana) == ["sync.begin_ordered", "sync.cancel_ordered"]


def test_a_second_sync_is_409_until_the_first_has_ended(shop_of_ana, ana_api):
    first = ana_api.post("/sync", {}).json()["id"]

    for kind in Sync.Kind.values:
        refused = ana_api.post("/sync", {"kind": kind})
        assert (refused.status_code, code_of(refused)) == (409, "sync_running")
    ana_api.post(f"/sync/{first}/cancel")
    again = ana_api.post("/sync", {"kind": "reconciliation", "whole": True})
    late = ana_api.post(f"/sync/{first}/cancel")

    assert (again.status_code, again.json()["kind"]) == (201, "reconciliation")
    assert (late.status_code, code_of(late)) == (409, "sync_not_running")
    assert ana_api.get(f"/sync/{again.json()['id']}").json()["state"] == "running"


def test_a_sync_that_is_sent_twice_with_one_key_is_started_once(shop_of_ana, ana_api):
    first, again = (ana_api.post("/sync", {}, headers={"Idempotency-Key": "k"}) for _ in "12")

    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(orders(shop_of_ana)) == 1


@pytest.mark.parametrize("gone", [{"installed_at": None}, {"uninstalled_at": timezone.now()},
                                  {"trouble": "token_refused"}])  # fmt: skip
def test_a_store_that_is_not_connected_is_told_so_at_once(shop_of_ana, ana_api, told, gone):
    Tenant.objects.update(**gone)

    refused = ana_api.post("/sync", {})

    assert (refused.status_code, code_of(refused)) == (409, "not_connected")
    assert ana_api.get("/sync").json()["results"] == []


def test_whoever_sees_customers_may_follow_and_who_manages_the_store_may_order(
    shop_of_ana, ana_api, ben_api, cy_api
):
    pk = ana_api.post("/sync", {}).json()["id"]

    assert [row["id"] for row in ben_api.get("/sync").json()["results"]] == [pk]
    for path in ("/sync", f"/sync/{pk}/cancel"):
        assert code_of(ben_api.post(path, {})) == "right_missing"
    assert cy_api.get(f"/sync/{pk}").status_code == 404
    assert cy_api.post(f"/sync/{pk}/cancel").status_code == 404
    assert ana_api.get(f"/sync/{pk}").json()["state"] == "running"


def test_a_sync_tells_what_went_wrong_and_what_it_found(shop_of_ana, ana_api):
    with tenant_scope(shop_of_ana.pk):
        sync = Sync.objects.create(
            kind="reconciliation", state="failed", trouble="token_refused", since=timezone.now()
        )
        SyncPart.objects.create(sync=sync, kind="products", state="done", applied=7, total=7)
        SyncPart.objects.create(
            sync=sync, kind="orders", state="applying", applied=50, total=100, unreadable=1
        )
        LedgerLine.objects.create(sync=sync, kind="orders", missing=3, unmended=1)

    told = ana_api.get(f"/sync/{sync.pk}").json()

    assert told["trouble"] == {
        "code": "token_refused",
        "detail": "Shopify no longer accepts this store's token. Connect the store again.",
    }
    assert (told["percent"], told["parts"][1]["unreadable"]) == (75, 1)
    assert (told["ledger"][0]["missing"], told["ledger"][0]["unmended"]) == (3, 1)


def test_the_list_is_paged_and_narrowed(shop_of_ana, ana_api):
    with tenant_scope(shop_of_ana.pk):
        made = [Sync.objects.create(state=state) for state in ("done", "failed", "done")]

    page = ana_api.get("/sync", {"page_size": 2}).json()
    rest = ana_api.get(page["next"]).json()
    failed = ana_api.get("/sync", {"state": "failed", "kind": "history"}).json()

    assert [row["id"] for row in page["results"] + rest["results"]] == [
        str(sync.pk) for sync in reversed(made)
    ]
    assert [row["id"] for row in failed["results"]] == [str(made[1].pk)]
    assert ana_api.get("/sync", {"state": "lost"}).status_code == 400


def test_an_order_by_a_key_is_noted_as_the_keys(shop_of_ana, ana):
    api = api_of(make_member(shop_of_ana, "kim@example.com", Role.ADMIN))
    made = api.post("/api-keys", {"name": "ERP", "rights": ["manage_store"]}).json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {made['key']}")

    begun = api.post("/sync", {})

    assert begun.status_code == 201
    with tenant_scope(shop_of_ana.pk):
        entry = AuditEntry.objects.get(action="sync.begin_ordered")
        assert (entry.actor, str(entry.key_id)) == (None, made["id"])
        assert running.find_running().started_by is None
