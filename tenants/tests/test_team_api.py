"""The team, its invitations, the store's keys and settings over the API."""

import pytest
from django.utils import timezone

from conftest import PASSWORD, api_of, make_member
from tenants import invitations, keys
from tenants.api.invitations import InvitationSerializer
from tenants.api.keys import ApiKeySerializer
from tenants.api.store import StoreSettingsSerializer
from tenants.api.team import MemberSerializer
from tenants.audit import Actor
from tenants.models import ApiKey, AuditEntry, Invitation, Membership, TwoFactor, User
from tenants.roles import ROLE_RIGHTS, Role
from xeno.lib.postgres.scope import tenant_scope


def member_of(user, store):
    return Membership.objects.get(user=user, tenant=store)


def error(response):
    return response.status_code, response.json()["errors"][0]["code"]


def trail(store):
    """What was noted, in order: action, object and fields."""
    with tenant_scope(store.pk):
        entries = AuditEntry.objects.order_by("pk")
        return [(e.action, e.object_type, e.object_id, e.fields) for e in entries]


def test_the_team_is_listed_with_what_each_may_do(ana_api, anas_store, ana, ben, cy):
    TwoFactor.objects.create(user=ben, secret="x", confirmed_at=timezone.now())

    shown = {row["user"]["email"]: row for row in ana_api.get("/team").json()["results"]}

    assert shown.keys() == {"ana@example.com", "ben@example.com"}
    bens = shown["ben@example.com"]
    assert bens["id"] == str(member_of(ben, anas_store).pk)
    assert (bens["role"], set(bens["rights"])) == ("analyst", ROLE_RIGHTS[Role.ANALYST])
    assert (bens["granted"], bens["taken"]) == ([], [])
    assert (bens["two_factor"], shown["ana@example.com"]["two_factor"]) == (True, False)
    assert shown["ana@example.com"]["last_sign_in_at"]


def test_a_page_of_the_team_costs_the_same_whatever_its_length(
    ana_api, anas_store, django_assert_max_num_queries
):
    for number in range(5):
        make_member(anas_store, f"u{number}@example.com", Role.SUPPORT)

    with django_assert_max_num_queries(9):
        assert len(ana_api.get("/team").json()["results"]) == 6


def test_role_and_single_rights_change_together(ana_api, anas_store, ben):
    path = f"/team/{member_of(ben, anas_store).pk}"

    response = ana_api.patch(
        path, {"role": "marketer", "granted": ["approve_campaigns"], "taken": ["export_data"]}
    )

    told = response.json()
    assert (told["role"], told["granted"], told["taken"]) == (
        "marketer", ["approve_campaigns"], ["export_data"],
    )  # fmt: skip
    assert told == ana_api.get(path).json()
    assert response.headers["ETag"] == ana_api.get(path).headers["ETag"]
    assert ben.has_perm("tenants.approve_campaigns", anas_store)
    assert ana_api.patch(path, {"taken": []}).json()["granted"] == ["approve_campaigns"]
    assert ana_api.patch(path, {}).status_code == 200


def test_a_change_of_what_was_changed_meanwhile_is_refused(ana_api, anas_store, ben):
    path = f"/team/{member_of(ben, anas_store).pk}"
    tag = ana_api.get(path).headers["ETag"]
    ana_api.patch(path, {"role": "support"})

    response = ana_api.patch(path, {"role": "author"}, headers={"If-Match": tag})

    assert error(response) == (412, "changed_meanwhile")
    assert member_of(ben, anas_store).role == Role.SUPPORT


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"role": "king"}, "invalid_choice"),
        ({"granted": ["fly"]}, "invalid_choice"),
        ({"granted": "export_data"}, "not_a_list"),
        ({"granted": ["export_data"], "taken": ["export_data"]}, "granted_and_taken"),
        ({"role": None}, "null"),
    ],
)
def test_what_is_no_role_or_right_is_an_error_of_its_field(ana_api, anas_store, ben, body, code):
    response = ana_api.patch(f"/team/{member_of(ben, anas_store).pk}", body)

    assert error(response) == (400, code)


def test_a_member_is_removed_and_one_may_leave(ana_api, ben_api, anas_store, ana, ben):
    assert ben_api.post("/team/leave").status_code == 204
    assert ben_api.post("/team/leave").status_code == 409
    gone = member_of(make_member(anas_store, "x@example.com", Role.ADMIN), anas_store)
    assert ana_api.delete(f"/team/{gone.pk}").status_code == 204
    assert ana_api.delete(f"/team/{gone.pk}").status_code == 404

    assert [row.user for row in anas_store.memberships.all()] == [ana]


def test_f095_the_last_owner_cannot_go(ana_api, anas_store, ana):
    path = f"/team/{member_of(ana, anas_store).pk}"

    assert error(ana_api.post("/team/leave")) == (409, "last_owner")
    assert error(ana_api.delete(path)) == (403, "own_role")
    assert error(ana_api.patch(path, {"role": "admin"})) == (403, "own_role")
    assert trail(anas_store) == []


def test_f095_nobody_promotes_themselves(anas_store, ana, ben, ben_api):
    adam = make_member(anas_store, "adam@example.com", Role.ADMIN)
    adams, bens, anas = (member_of(user, anas_store).pk for user in (adam, ben, ana))
    adams_api = api_of(adam)

    assert error(ben_api.patch(f"/team/{bens}", {"role": "owner"})) == (403, "right_missing")
    assert error(adams_api.patch(f"/team/{adams}", {"role": "owner"})) == (403, "own_role")
    assert error(adams_api.patch(f"/team/{bens}", {"role": "owner"})) == (403, "owners_only")
    assert error(adams_api.delete(f"/team/{anas}")) == (403, "owners_only")
    asked = {"email": "me@example.com", "role": "owner"}
    assert error(adams_api.post("/team/invitations", asked)) == (403, "owners_only")
    transfer = adams_api.post("/team/transfer-ownership", {"member": str(adams)})
    assert error(transfer) == (403, "owners_only")
    assert set(anas_store.memberships.values_list("role", flat=True)) == {
        "owner", "admin", "analyst",
    }  # fmt: skip


def test_ownership_is_handed_over(ana_api, anas_store, ana, ben):
    heir = member_of(ben, anas_store)

    response = ana_api.post("/team/transfer-ownership", {"member": str(heir.pk)})

    assert response.status_code == 204
    assert (member_of(ben, anas_store).role, member_of(ana, anas_store).role) == (
        Role.OWNER, Role.ADMIN,
    )  # fmt: skip


def test_f074_a_foreign_member_in_a_body_is_one_that_nobody_has(ana_api, anas_store, cy, cys_store):
    answers = [
        ana_api.post("/team/transfer-ownership", {"member": named})
        for named in (str(member_of(cy, cys_store).pk), "99999999", "x", "٣")
    ]

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


def test_f095_an_invitation_is_to_the_open_store_and_no_other(ana_api, anas_store, cys_store):
    asked = {"email": "dee@example.com", "role": "admin", "tenant": cys_store.pk,
             "store": str(cys_store.pk)}  # fmt: skip

    assert ana_api.post("/team/invitations", asked).status_code == 201
    foreign = ana_api.post("/team/invitations", asked, headers={"X-Store": str(cys_store.pk)})

    assert error(foreign) == (404, "store_not_found")
    assert Invitation.objects.get().tenant == anas_store


def test_an_invitation_is_sent_listed_sent_again_and_withdrawn(ana_api, anas_store):
    sent = ana_api.post("/team/invitations", {"email": "dee@example.com", "role": "support"}).json()
    path = f"/team/invitations/{sent['id']}"

    assert ana_api.get("/team/invitations").json()["results"] == [sent]
    assert sent["invited_by"]["email"] == "ana@example.com"
    assert "nonce" not in sent
    again = ana_api.post(f"{path}/resend")
    assert again.status_code == 200
    assert again.json()["expires_at"] > sent["expires_at"]
    assert ana_api.delete(path).status_code == 204
    assert ana_api.delete(path).status_code == 404
    assert ana_api.post(f"{path}/resend").status_code == 404


def test_somebody_without_a_store_accepts(api, anas_store, ana):
    dee = User.objects.create_user("dee@example.com", PASSWORD, email_confirmed_at=timezone.now())
    with tenant_scope(anas_store.pk):
        invitation = invitations.send(
            actor=Actor(ana), tenant=anas_store, email=dee.email, role=Role.ANALYST
        )
    token = {"token": invitations.make_token(invitation)}
    dees_api = api_of(dee)

    assert error(api.post("/team/invitations/accept", token)) == (401, "not_authenticated")
    joined = dees_api.post("/team/invitations/accept", token)
    assert (joined.status_code, joined.json()["role"]) == (200, "analyst")
    assert dees_api.get("/customers").status_code == 200
    assert error(dees_api.post("/team/invitations/accept", token)) == (400, "invitation_not_valid")
    assert "invitation.accepted" in [line[0] for line in trail(anas_store)]


def test_a_key_is_shown_once_and_revoked(ana_api, api):
    made = ana_api.post("/api-keys", {"name": "ERP", "rights": ["view_orders"]}).json()
    path, bearer = f"/api-keys/{made['id']}", {"Authorization": f"Bearer {made['key']}"}

    assert api.get("/orders", headers=bearer).status_code == 200
    shown = ana_api.get(path).json()
    assert "key" not in shown
    assert made["key"] not in ana_api.get("/api-keys").text
    assert (shown["rights"], shown["hint"]) == (["view_orders"], made["key"][-4:])
    assert ana_api.delete(path).status_code == 204
    assert ana_api.get(path).json()["revoked_at"]
    assert api.get("/orders", headers=bearer).status_code == 401
    assert [len(ana_api.get(f"/api-keys?revoked={told}").json()["results"])
            for told in ("true", "false")] == [1, 0]  # fmt: skip


def test_the_same_key_is_answered_again_to_who_did_not_hear(ana_api, anas_store):
    asked, once = {"name": "ERP", "rights": ["view_orders"]}, {"Idempotency-Key": "k1"}

    first, second = (ana_api.post("/api-keys", asked, headers=once) for _ in range(2))

    assert first.json() == second.json()
    with tenant_scope(anas_store.pk):
        assert ApiKey.objects.count() == 1


def test_the_store_is_shown_and_changed(ana_api, ben_api, anas_store):
    assert ben_api.get("/store").status_code == 403
    response = ana_api.patch("/store", {"name": "Ana & Co", "timezone": "UTC"})

    assert response.json() == ana_api.get("/store").json()
    anas_store.refresh_from_db()
    assert (anas_store.name, anas_store.timezone) == ("Ana & Co", "UTC")
    assert error(ana_api.patch("/store", {"timezone": "Mars/Olympus"})) == (400, "timezone")
    assert [(action, fields) for action, _, _, fields in trail(anas_store)] == [
        ("store.changed", ["name", "timezone"])
    ]


def test_two_factor_is_required_of_the_team_by_who_uses_it(ana_api, anas_store, ana):
    assert error(ana_api.patch("/store", {"require_two_factor": True})) == (409, "own_factor_first")

    TwoFactor.objects.create(user=ana, secret="x", confirmed_at=timezone.now())

    assert ana_api.patch("/store", {"require_two_factor": True}).json()["require_two_factor"]


# --- Row 87: what a body may not write ------------------------------------------------------
LONG_AGO = "2001-01-01T00:00:00Z"
EXTRA = {
    "id": "7", "pk": 7, "tenant": "{cy}", "tenant_id": "{cy}", "user": "{root}",
    "user_id": "{root}", "is_staff": True, "is_superuser": True, "is_active": False,
    "created_at": LONG_AGO, "email_confirmed_at": LONG_AGO, "total_spent": "9.99",
    "rights": ["manage_team"], "two_factor": True, "invited_by": "{root}", "made_by": "{root}",
    "key_hash": "0" * 64, "hint": "zzzz", "revoked_at": LONG_AGO, "last_used_at": LONG_AGO,
    "nonce": "00000000-0000-0000-0000-000000000000", "accepted_at": LONG_AGO,
    "access_token": "stolen", "refresh_token": "stolen", "scopes": "write_all", "plan": "plus",
    "currency": "XTS", "shop_domain": "evil.myshopify.com", "history_complete_since": LONG_AGO,
    "installed_at": LONG_AGO, "last_sign_in_at": LONG_AGO,
}  # fmt: skip
# Method, path and the body that is meant.
WRITES = [
    ("patch", "/team/{member}", {"taken": []}),
    ("post", "/team/invitations", {"email": "dee@example.com", "role": "support"}),
    ("post", "/api-keys", {"name": "ERP", "rights": ["view_orders"]}),
    ("patch", "/store", {"name": "Ana"}),
]
SERIALIZERS = {
    MemberSerializer: {"role", "granted", "taken"},
    InvitationSerializer: {"email", "role"},
    ApiKeySerializer: {"name", "rights", "expires_at"},
    StoreSettingsSerializer: {"name", "timezone", "require_two_factor"},
}


@pytest.mark.parametrize("shape", SERIALIZERS)
def test_f087_a_body_writes_what_is_named_here_and_nothing_else(shape):
    writable = {name for name, field in shape().fields.items() if not field.read_only}

    assert writable == SERIALIZERS[shape]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_f087_what_else_a_body_says_changes_nothing(
    ana_api, anas_store, cys_store, ana, ben, method, path, body
):
    root = User.objects.create_superuser("root@example.com")
    named = {"{cy}": str(cys_store.pk), "{root}": str(root.pk)}
    extra = {name: named.get(value, value) if isinstance(value, str) else value
             for name, value in EXTRA.items()}  # fmt: skip
    target = path.format(member=member_of(ben, anas_store).pk)

    plain = getattr(ana_api, method)(target, body).json()
    clear(anas_store)
    before = untouched(anas_store, cys_store, ana, ben)
    written = getattr(ana_api, method)(target, {**extra, **body}).json()

    chance = {"id", "created_at", "expires_at", "key", "hint"}
    assert {name: value for name, value in written.items() if name not in chance} == {
        name: value for name, value in plain.items() if name not in chance
    }
    for told in (LONG_AGO, "stolen", "evil.myshopify.com", "XTS", "zzzz"):
        assert told not in str(written)
    assert untouched(anas_store, cys_store, ana, ben) == before


def clear(store):
    """Make room for the same once more."""
    with tenant_scope(store.pk):
        ApiKey.objects.all().delete()
    Invitation.objects.all().delete()


def untouched(*rows):
    """Stores and people as the database has them, and who is what."""
    shown = [type(row).objects.filter(pk=row.pk).values().get() for row in rows]
    return shown, list(Membership.objects.order_by("pk").values())


# --- Row 120: each sensitive act leaves a line ------------------------------------------------
def test_f120_each_sensitive_act_says_who_what_when_and_where(ana_api, anas_store, ana, ben):
    who = member_of(ben, anas_store).pk
    TwoFactor.objects.create(user=ana, secret="x", confirmed_at=timezone.now())
    began = timezone.now()

    asked = {"email": "dee@example.com", "role": "support"}
    invited = ana_api.post("/team/invitations", asked).json()["id"]
    ana_api.post(f"/team/invitations/{invited}/resend")
    ana_api.delete(f"/team/invitations/{invited}")
    key = ana_api.post("/api-keys", {"name": "ERP", "rights": ["view_orders"]}).json()["id"]
    ana_api.delete(f"/api-keys/{key}")
    ana_api.patch(f"/team/{who}", {"granted": ["export_data"]})
    ana_api.patch(f"/team/{who}", {"granted": []})
    ana_api.patch(f"/team/{who}", {"role": "support"})
    ana_api.patch("/store", {"require_two_factor": True})
    ana_api.post("/team/transfer-ownership", {"member": str(who)})
    other = member_of(make_member(anas_store, "x@example.com", Role.SUPPORT), anas_store).pk
    ana_api.delete(f"/team/{other}")
    ana_api.post("/team/leave")

    mine = str(member_of(ben, anas_store).pk)
    assert [line[:3] for line in trail(anas_store)] == [
        ("invitation.sent", "tenants.invitation", invited),
        ("invitation.resent", "tenants.invitation", invited),
        ("invitation.withdrawn", "tenants.invitation", invited),
        ("api_key.made", "tenants.apikey", key),
        ("api_key.revoked", "tenants.apikey", key),
        ("right.granted", "tenants.membership", mine),
        ("right.taken", "tenants.membership", mine),
        ("member.role_changed", "tenants.membership", mine),
        ("store.changed", "tenants.tenant", str(anas_store.pk)),
        ("ownership.transferred", "tenants.membership", mine),
        ("member.removed", "tenants.membership", str(other)),
        ("member.left", "tenants.membership", trail(anas_store)[-1][2]),
    ]
    with tenant_scope(anas_store.pk):
        entries = list(AuditEntry.objects.values())
    assert {(e["actor_id"], e["tenant_id"], e["address"]) for e in entries} == {
        (ana.pk, anas_store.pk, "127.0.0.1")
    }
    assert all(began <= entry["happened_at"] <= timezone.now() for entry in entries)
    assert "dee@example.com" not in str(entries)
    assert "ERP" not in str(entries)


def test_f120_what_was_refused_leaves_no_line(ana_api, anas_store, ana):
    ana_api.post("/team/leave")
    ana_api.post("/api-keys", {"name": "x", "rights": ["manage_team"]})
    ana_api.patch("/store", {"timezone": "Mars"})

    assert trail(anas_store) == []


def test_f120_a_key_that_acts_is_named(anas_store, ana, api):
    with tenant_scope(anas_store.pk):
        made = keys.make_key(
            actor=Actor(ana), tenant=anas_store, name="ERP", rights=["manage_store"]
        )
    bearer = {"Authorization": f"Bearer {made.raw}"}

    assert api.patch("/store", {"name": "By a key"}, headers=bearer).status_code == 200

    with tenant_scope(anas_store.pk):
        entry = AuditEntry.objects.get(action="store.changed")
        assert (entry.actor, entry.key) == (None, made.key)
