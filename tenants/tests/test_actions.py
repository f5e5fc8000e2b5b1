"""Users, stores and members are made whole or not at all, and rights follow roles at once."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from guardian.shortcuts import assign_perm

from conftest import PASSWORD, make_member, make_store
from tenants.actions import (
    create_store,
    remove_member,
    role_group_name,
    save_member,
    save_role_rights,
    sign_up,
)
from tenants.giving import rights_of
from tenants.models import Membership, Tenant, TenantGroupPermission, User
from tenants.roles import ROLE_RIGHTS, Role

STORE = {"shop_domain": "new.myshopify.com", "name": "New", "currency": "GBP", "timezone": "UTC"}


def rights(user: User, store: Tenant) -> frozenset[str]:
    """What a freshly loaded user may do: nothing is remembered from before."""
    return rights_of(User.objects.get(pk=user.pk), store)


def test_a_new_user_has_no_store_and_can_log_in(db):
    user = sign_up(email=" Dee@Example.COM ", password=PASSWORD, name="Dee")

    assert user.email == "dee@example.com"
    assert user.check_password(PASSWORD)
    assert not user.memberships.exists()


@pytest.mark.parametrize("password", ["short", "password", "1234567890", "dee@example.com"])
def test_a_weak_password_makes_no_user(db, password):
    with pytest.raises(ValidationError):
        sign_up(email="dee@example.com", password=password)

    assert not User.objects.exists()


def test_a_new_store_has_its_roles_and_its_owner(db):
    owner = User.objects.create_user("dee@example.com")

    store = create_store(**STORE, owner=owner)

    assert store.memberships.get().role == Role.OWNER
    assert rights(owner, store) == {right.value for right in ROLE_RIGHTS[Role.OWNER]}
    assert Group.objects.filter(name__startswith=f"tenant:{store.pk}:").count() == len(Role)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shop_domain", "shop.example.com"),
        ("shop_domain", "evil.com/x.myshopify.com"),
        ("shop_domain", "new.myshopify.com\n"),
        ("shop_domain", "New.myshopify.com"),
        ("currency", "gbp"),
        ("currency", "POUND"),
        ("timezone", "Mars/Olympus"),
        ("name", ""),
    ],
)
def test_a_store_of_wrong_details_is_not_made(db, field, value):
    with pytest.raises(ValidationError) as refusal:
        create_store(**{**STORE, field: value})

    assert set(refusal.value.message_dict) == {field}
    assert not Tenant.objects.exists()


def test_a_shop_is_one_store(db):
    create_store(**STORE)

    with pytest.raises(ValidationError):
        create_store(**STORE)


def test_saving_the_roles_again_gives_exactly_the_table(anas_store):
    before = TenantGroupPermission.objects.filter(content_object=anas_store).count()
    TenantGroupPermission.objects.filter(content_object=anas_store).first().delete()

    save_role_rights(tenant=anas_store)

    after = TenantGroupPermission.objects.filter(content_object=anas_store).count()
    assert before == after == sum(map(len, ROLE_RIGHTS.values()))


def test_a_right_that_the_table_does_not_have_is_taken_away(anas_store, ben):
    analysts = Group.objects.get(name=role_group_name(anas_store, Role.ANALYST))
    assign_perm("tenants.export_data", analysts, anas_store)
    assert "export_data" in rights(ben, anas_store)

    save_role_rights(tenant=anas_store)

    assert "export_data" not in rights(ben, anas_store)


def test_one_stores_roles_are_not_anothers(anas_store, cys_store):
    save_role_rights(tenant=anas_store)

    theirs = TenantGroupPermission.objects.filter(content_object=cys_store)
    assert theirs.count() == sum(map(len, ROLE_RIGHTS.values()))


def test_a_role_that_changes_takes_the_old_ones_rights(anas_store, ana):
    save_member(tenant=anas_store, user=ana, role=Role.SUPPORT)

    assert rights(ana, anas_store) == {right.value for right in ROLE_RIGHTS[Role.SUPPORT]}
    assert ana.groups.count() == 1
    assert Membership.objects.count() == 1


def test_making_a_member_again_changes_nothing(anas_store, ben):
    before = rights(ben, anas_store)

    save_member(tenant=anas_store, user=ben, role=Role.ANALYST)

    assert rights(ben, anas_store) == before
    assert ben.memberships.count() == 1


def test_a_role_in_one_store_leaves_the_role_in_another(anas_store, ben):
    second = make_store("second.myshopify.com")

    save_member(tenant=second, user=ben, role=Role.OWNER)
    save_member(tenant=anas_store, user=ben, role=Role.SUPPORT)

    assert "manage_team" in rights(ben, second)
    assert "view_segments" not in rights(ben, anas_store)


def test_one_who_is_removed_holds_nothing_not_even_what_was_granted_alone(anas_store, ben):
    assign_perm("tenants.export_data", ben, anas_store)

    remove_member(membership=ben.memberships.get())

    assert rights(ben, anas_store) == frozenset()
    assert not ben.memberships.exists()


def test_one_who_is_removed_keeps_what_they_are_elsewhere(anas_store, ben):
    second = make_store("second.myshopify.com")
    save_member(tenant=second, user=ben, role=Role.MARKETER)
    assign_perm("tenants.manage_team", ben, second)

    remove_member(membership=ben.memberships.get(tenant=anas_store))

    assert rights(ben, second) == {*ROLE_RIGHTS[Role.MARKETER], "manage_team"}


def test_stores_whose_numbers_begin_alike_do_not_share_roles(db):
    """The groups are found by the beginning of their name: 1 must not find 12's."""
    make_store("first.myshopify.com")
    first = Tenant.objects.get()
    alike = Tenant.objects.create(pk=int(f"{first.pk}0"), shop_domain="x.myshopify.com", name="X")
    save_role_rights(tenant=alike)
    dee = make_member(alike, "dee@example.com", Role.OWNER)

    save_member(tenant=first, user=dee, role=Role.SUPPORT)

    assert "manage_team" in rights(dee, alike)
