"""What staff change: stores, the team, replays; each noted in the store's own trail."""

import pytest
from django.contrib.admin.models import LogEntry

from tenants.models import AuditEntry, Membership
from tenants.roles import Role
from webhooks.models import Delivery
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db


def audited(store, action):
    with tenant_scope(store.pk):
        return list(AuditEntry.objects.filter(action=action))


def test_a_change_is_noted_in_the_store_and_nowhere_else(anas, ana, anas_rows):
    store = anas_rows.store

    anas.post(f"/admin/tenants/tenant/{store.pk}/change/", {"name": "Ana & Co", "timezone": "UTC"})

    store.refresh_from_db()
    (entry,) = audited(store, "store.changed")
    assert store.name == "Ana & Co"
    assert (entry.actor, entry.fields, entry.address) == (ana, ["name", "timezone"], "127.0.0.1")
    assert LogEntry.objects.count() == 0
    assert "store.changed" in anas.get(f"/admin/tenants/tenant/{store.pk}/history/").text


def test_a_wrong_time_zone_is_a_form_error(anas, anas_rows):
    response = anas.post(
        f"/admin/tenants/tenant/{anas_rows.store.pk}/change/", {"name": "A", "timezone": "Mars"}
    )

    assert "Choose a time zone" in response.text
    assert audited(anas_rows.store, "store.changed") == []


def test_replay_puts_deliveries_back_in_line(
    anas, anas_rows, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("webhooks.actions.send", lambda tenant_ids: True)

    with django_capture_on_commit_callbacks(execute=True):
        anas.post(
            "/admin/webhooks/delivery/",
            {"action": "replay", "_selected_action": [anas_rows.delivery.pk]},
        )

    assert len(audited(anas_rows.store, "delivery.replayed")) == 1
    with tenant_scope(anas_rows.store.pk):
        assert Delivery.objects.get().state == "pending"


def test_hostile_payloads_are_shown_and_not_run(anas, anas_rows):
    with tenant_scope(anas_rows.store.pk):
        Delivery.objects.update(body=b"\x00</pre><script>alert(1)</script>\xff" + b"[" * 300_000)

    text = anas.get(f"/admin/webhooks/delivery/{anas_rows.delivery.pk}/change/").text

    assert "<script>alert(1)" not in text
    assert "\\u0000&lt;/pre&gt;&lt;script&gt;" in text
    assert "of which the first" in text


def change_role(client, member, role):
    return client.post(f"/admin/tenants/membership/{member.pk}/change/", {"role": role})


def test_an_owner_gives_another_role(anas, ben, anas_rows):
    member = Membership.objects.get(user=ben)

    change_role(anas, member, "marketer")

    member.refresh_from_db()
    assert member.role == Role.MARKETER
    assert ben.has_perm("tenants.send_campaigns", anas_rows.store)
    assert audited(anas_rows.store, "member.role_changed")[0].fields == ["role"]


def test_nobody_changes_or_removes_themselves(anas, anas_rows):
    member = anas_rows.member

    assert change_role(anas, member, "analyst").status_code == 403
    assert (
        anas.post(f"/admin/tenants/membership/{member.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
    member.refresh_from_db()
    assert member.role == Role.OWNER


def test_the_last_owner_stays(signed_in, operator, anas_rows):
    client = signed_in(operator)
    client.post("/admin/switch-store/", {"store": anas_rows.store.pk})

    refused = change_role(client, anas_rows.member, "analyst")
    client.post(f"/admin/tenants/membership/{anas_rows.member.pk}/delete/", {"post": "yes"})

    assert "last owner" in refused.text
    assert Membership.objects.get(pk=anas_rows.member.pk).role == Role.OWNER


def test_removing_takes_every_right(anas, ben, anas_rows):
    member = Membership.objects.get(user=ben)

    anas.post(f"/admin/tenants/membership/{member.pk}/delete/", {"post": "yes"})

    assert not ben.memberships.exists()
    assert not type(ben).objects.get(pk=ben.pk).has_perm("tenants.view_orders", anas_rows.store)
    assert len(audited(anas_rows.store, "member.removed")) == 1


def test_an_operator_changes_users_without_a_trace_in_a_store(signed_in, operator, ben, anas_rows):
    client = signed_in(operator)
    client.post("/admin/switch-store/", {"store": anas_rows.store.pk})

    client.post(f"/admin/tenants/user/{ben.pk}/change/", {"email": ben.email, "name": "Benjamin"})

    ben.refresh_from_db()
    assert ben.name == "Benjamin"
    assert audited(anas_rows.store, "user.changed") == []
