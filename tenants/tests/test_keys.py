"""API keys: shown once, kept as a hash, good for one store while their maker is in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_member
from tenants import actions, keys
from tenants.audit import Actor
from tenants.giving import RightAboveOwn
from tenants.models import ApiKey, AuditEntry
from tenants.roles import Right, Role
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.usefixtures("in_anas_store")


@pytest.fixture
def made(anas_store, ana):
    return keys.make_key(actor=Actor(ana), tenant=anas_store, name="ERP", rights=["view_orders"])


def ask(api, raw, path="/orders", **headers):
    return api.get(path, headers={"Authorization": f"Bearer {raw}", **headers})


def test_only_a_hash_of_it_is_kept(made):
    row = ApiKey.objects.values().get()

    assert made.raw not in str(row)
    assert made.raw.endswith(row["hint"])


def test_it_names_its_store(made, anas_store):
    assert keys.find_store_id(made.raw) == anas_store.pk


@pytest.mark.parametrize(
    "text", ["", "xeno_", "xeno_1_short", f"xeno_0_{'a' * 43}", f"xeno_٣_{'a' * 43}",
             f"xeno_{'9' * 19}_{'a' * 43}", f"xeno_1_{'a' * 43}\n", f"Xeno_1_{'a' * 43}"],
)  # fmt: skip
def test_what_is_no_key_names_no_store(text):
    assert keys.find_store_id(text) is None


def test_it_is_found_in_its_own_store_only(made, cys_store):
    assert keys.find_key(made.raw) == made.key
    assert keys.find_key(made.raw[:-1] + "~") is None
    with tenant_scope(cys_store.pk):
        assert keys.find_key(made.raw) is None


@pytest.mark.parametrize("end", ["revoked", "expired", "maker shut out", "maker gone", "left"])
def test_it_ends(made, ana, end):
    assert keys.find_key(made.raw)
    if end == "revoked":
        keys.revoke_key(actor=Actor(ana), key=made.key)
    elif end == "expired":
        ApiKey.objects.update(expires_at=timezone.now())
    elif end == "maker shut out":
        type(ana).objects.update(is_active=False)
    elif end == "left":
        actions.remove_member(membership=ana.memberships.get())
    else:
        ApiKey.objects.update(made_by=None)

    assert keys.find_key(made.raw) is None


def test_it_is_revoked_once_and_noted_once(made, ana):
    for _ in range(2):
        keys.revoke_key(actor=Actor(ana), key=made.key)

    assert list(AuditEntry.objects.order_by("pk").values_list("action", "fields")) == [
        ("api_key.made", ["view_orders"]), ("api_key.revoked", []),
    ]  # fmt: skip


def test_its_use_is_noted_at_most_once_a_minute(made, django_assert_num_queries):
    keys.find_key(made.raw)
    first = ApiKey.objects.get().last_used_at

    with django_assert_num_queries(1):
        keys.find_key(made.raw)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=1))
    keys.find_key(made.raw)
    assert ApiKey.objects.get().last_used_at > first


@pytest.mark.parametrize("rights", [[], ["manage_team"], ["view_orders", "fly"]])
def test_a_key_for_nothing_or_for_the_team_is_not_made(anas_store, ana, rights):
    with pytest.raises(keys.RightNotForKeys):
        keys.make_key(actor=Actor(ana), tenant=anas_store, name="x", rights=rights)


def test_nobody_makes_a_key_that_holds_more_than_they(anas_store, ben):
    with pytest.raises(RightAboveOwn):
        keys.make_key(actor=Actor(ben), tenant=anas_store, name="x", rights=["export_data"])

    assert not ApiKey.objects.exists()


def test_a_time_that_has_passed_is_no_end(anas_store, ana):
    with pytest.raises(keys.ExpiryPassed):
        keys.make_key(
            actor=Actor(ana), tenant=anas_store, name="x", rights=["view_orders"],
            expires_at=timezone.now(),
        )  # fmt: skip


def test_it_holds_its_rights_in_its_store_and_no_other(made, anas_store, cys_store):
    holder = keys.KeyHolder(made.key)

    assert [right for right in Right if holder.has_perm(f"tenants.{right}", anas_store)] == [
        Right.VIEW_ORDERS
    ]
    assert not holder.has_perm("tenants.view_orders", cys_store)
    assert not holder.has_perm("tenants.view_orders")


def test_it_opens_the_api_as_far_as_its_rights_go(made, api, cys_store):
    assert ask(api, made.raw).status_code == 200
    assert ask(api, made.raw, "/customers").status_code == 403
    assert ask(api, made.raw, "/team").status_code == 403
    assert ask(api, made.raw, "/api-keys").status_code == 403
    assert ask(api, made.raw, **{"X-Store": str(cys_store.pk)}).status_code == 404
    keys.revoke_key(actor=Actor(), key=made.key)
    assert ask(api, made.raw).status_code == 401


@pytest.mark.parametrize("path", ["/team/leave", "/team/invitations/accept"])
def test_what_a_person_does_no_key_does(made, api, path):
    response = api.post(path, {"token": "x"}, headers={"Authorization": f"Bearer {made.raw}"})

    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "person_required"


def test_an_admins_key_outlives_a_change_that_leaves_its_rights(anas_store, ana):
    adam = make_member(anas_store, "adam@example.com", Role.ADMIN)
    made = keys.make_key(actor=Actor(adam), tenant=anas_store, name="x", rights=["export_data"])

    keys.revoke_beyond(
        actor=Actor(ana), tenant=anas_store, user=adam, held=frozenset({"export_data"})
    )
    assert keys.find_key(made.raw)
    keys.revoke_beyond(actor=Actor(ana), tenant=anas_store, user=adam, held=frozenset())
    assert keys.find_key(made.raw) is None
