"""The rules of changing a store's team: nobody lifts themselves or others above themselves."""

from django.db import transaction
from guardian.shortcuts import get_perms

from tenants import actions
from tenants.models import Membership, Tenant, User
from tenants.roles import ROLE_RIGHTS, Right, Role
from xeno.lib.errors import Mistake


class OwnRole(Mistake):
    """Somebody was about to change what they are themselves."""

    code = "own_role"
    status = 403
    message = "You cannot change your own role or leave by this page: ask another owner."


class LastOwner(Mistake):
    """The store was about to have no owner."""

    code = "last_owner"
    status = 409
    message = "This is the store's last owner. Make somebody else an owner first."


class RoleAboveOwn(Mistake):
    """A role was about to be given or taken by somebody who holds less than it."""

    code = "role_above_own"
    status = 403
    message = "This role holds rights that you do not have."


def rights_of(user: User, tenant: Tenant) -> frozenset[str]:
    """The rights that the user holds in the store; a superuser holds all."""
    return frozenset(Right.values if user.is_superuser else get_perms(user, tenant))


def givable_roles(*, actor: User, tenant: Tenant) -> list[Role]:
    """The roles whose every right the actor holds."""
    held = rights_of(actor, tenant)
    return [role for role in Role if ROLE_RIGHTS[role] <= held]


def check_touchable(*, actor: User, membership: Membership) -> None:
    """Raise when the actor may not change or remove this member at all."""
    if membership.user_id == actor.pk:
        raise OwnRole
    if membership.role not in givable_roles(actor=actor, tenant=membership.tenant):
        raise RoleAboveOwn


def check_not_last_owner(*, membership: Membership) -> None:
    """Raise when the store has no other owner; holds the owners' rows until the commit, so
    that two owners cannot remove each other at once."""
    owners = Membership.objects.select_for_update().filter(
        tenant_id=membership.tenant_id, role=Role.OWNER
    )
    if {owner.pk for owner in owners} == {membership.pk}:
        raise LastOwner


@transaction.atomic
def change_role(*, actor: User, membership: Membership, role: Role) -> Membership:
    """Give the member another role; raises OwnRole, RoleAboveOwn or LastOwner."""
    check_role_change(actor=actor, membership=membership, role=role)
    return actions.save_member(tenant=membership.tenant, user=membership.user, role=role)


def check_role_change(*, actor: User, membership: Membership, role: Role) -> None:
    """Raise when the actor may not give this role to this member; within a transaction."""
    before = Membership.objects.select_related("tenant").get(pk=membership.pk)
    check_touchable(actor=actor, membership=before)
    if role not in givable_roles(actor=actor, tenant=before.tenant):
        raise RoleAboveOwn
    if role != Role.OWNER:
        check_not_last_owner(membership=before)


@transaction.atomic
def remove(*, actor: User, membership: Membership) -> None:
    """Take the member out of the store; raises OwnRole, RoleAboveOwn or LastOwner."""
    check_touchable(actor=actor, membership=membership)
    check_not_last_owner(membership=membership)
    actions.remove_member(membership=membership)
