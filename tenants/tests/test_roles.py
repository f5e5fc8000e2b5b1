"""Who may do what, written out a second time: a change of the table must be meant twice."""

import pytest

from conftest import make_member
from tenants.giving import rights_of
from tenants.roles import ROLE_RIGHTS, Right, Role

LOOKING = {"view_customers", "view_orders", "view_segments", "view_campaigns", "view_analytics"}
MAY = {
    "owner": LOOKING
    | {
        "edit_customers",
        "edit_segments",
        "edit_campaigns",
        "approve_campaigns",
        "send_campaigns",
        "export_data",
        "manage_team",
        "manage_store",
    },
    "admin": LOOKING
    | {
        "edit_customers",
        "edit_segments",
        "edit_campaigns",
        "approve_campaigns",
        "send_campaigns",
        "export_data",
        "manage_team",
        "manage_store",
    },
    "marketer": LOOKING
    | {"edit_customers", "edit_segments", "edit_campaigns", "send_campaigns", "export_data"},
    "author": LOOKING | {"edit_segments", "edit_campaigns"},
    "analyst": LOOKING,
    "support": {"view_customers", "edit_customers", "view_orders"},
}


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_exactly_what_is_written_here(role):
    assert {right.value for right in ROLE_RIGHTS[role]} == MAY[role.value]


def test_every_role_is_in_the_table_and_no_other():
    assert ROLE_RIGHTS.keys() == set(Role)
    assert MAY.keys() == set(Role.values)


@pytest.mark.parametrize(
    ("role", "right"),
    [
        (Role.AUTHOR, Right.SEND_CAMPAIGNS),
        (Role.AUTHOR, Right.EXPORT_DATA),
        (Role.ANALYST, Right.EXPORT_DATA),
        (Role.ANALYST, Right.EDIT_CUSTOMERS),
        (Role.SUPPORT, Right.VIEW_SEGMENTS),
        (Role.SUPPORT, Right.VIEW_CAMPAIGNS),
        (Role.SUPPORT, Right.VIEW_ANALYTICS),
        (Role.SUPPORT, Right.EXPORT_DATA),
        (Role.MARKETER, Right.APPROVE_CAMPAIGNS),  # whoever sends does not approve
        (Role.MARKETER, Right.MANAGE_TEAM),
        (Role.MARKETER, Right.MANAGE_STORE),
    ],
)
def test_no_role_has_what_it_must_never_have(role, right):
    assert right not in ROLE_RIGHTS[role]


def test_only_owners_and_admins_change_the_team():
    assert {role for role in Role if Right.MANAGE_TEAM in ROLE_RIGHTS[role]} == {
        Role.OWNER,
        Role.ADMIN,
    }


@pytest.mark.parametrize("role", Role)
def test_a_member_holds_in_the_store_what_the_table_says_and_elsewhere_nothing(
    anas_store, cys_store, role
):
    member = make_member(anas_store, f"{role.value}@example.com", role)

    assert rights_of(member, anas_store) == MAY[role.value]
    assert rights_of(member, cys_store) == frozenset()
