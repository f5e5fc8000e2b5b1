"""Who may change whose role."""

import pytest
from guardian.shortcuts import assign_perm

from conftest import make_member
from tenants import team
from tenants.models import Membership
from tenants.roles import Role


def member(user):
    return Membership.objects.get(user=user)


def test_a_single_exception_does_not_make_an_owner(anas_store, ana, ben):
    assign_perm("manage_team", ben, anas_store)

    with pytest.raises(team.RoleAboveOwn):
        team.change_role(actor=ben, membership=member(ana), role=Role.ANALYST)
    uma = make_member(anas_store, "uma@example.com", Role.ANALYST)
    with pytest.raises(team.RoleAboveOwn):
        team.change_role(actor=ben, membership=member(uma), role=Role.SUPPORT)


def test_one_of_two_owners_may_go(anas_store, ana):
    second = make_member(anas_store, "second@example.com", Role.OWNER)

    team.remove(actor=ana, membership=member(second))

    assert not second.memberships.exists()
    with pytest.raises(team.OwnRole):
        team.remove(actor=ana, membership=member(ana))
    admin = make_member(anas_store, "admin@example.com", Role.ADMIN)
    with pytest.raises(team.LastOwner):
        team.remove(actor=admin, membership=member(ana))
