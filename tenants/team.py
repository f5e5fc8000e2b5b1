"""Changing a store's team: nobody lifts themselves or others above themselves.

Each function takes the team's lock, looks at the actor under it, writes the audit entry, and
ends what somebody gave who now holds less. All run within the store's scope.
"""

from collections.abc import Collection, Mapping

from django.db import transaction

from tenants import actions, invitations, keys
from tenants.audit import Actor, save_audit
from tenants.giving import (
    OwnersOnly,
    RightAboveOwn,
    RoleAboveOwn,
    check_gives,
    check_gives_role,
    givable_roles,
    is_owner,
    lock_team,
    rights_held,
    rights_of,
)
from tenants.members import exceptions_of, members_of
from tenants.models import Membership, Tenant
from tenants.roles import Right, Role, telling
from xeno.lib.errors import Mistake

__all__ = [
    "LastOwner", "NotMember", "OwnRole", "OwnerHoldsAll", "OwnersOnly", "RightAboveOwn",
    "RoleAboveOwn", "change_member", "change_role", "check_changeable", "check_role_change",
    "givable_roles", "grant_right", "leave", "remove", "rights_of", "take_right",
    "transfer_ownership",
]  # fmt: skip


class OwnRole(Mistake):
    """Somebody was about to change what they are themselves."""

    code = "own_role"
    status = 403
    message = "You cannot change your own role or rights, or remove yourself: leave the store."


class LastOwner(Mistake):
    """The store was about to have no owner."""

    code = "last_owner"
    status = 409
    message = "This is the store's last owner. Make somebody else an owner first."


class OwnerHoldsAll(Mistake):
    """A right was about to be taken from an owner, or granted beside all."""

    code = "owner_holds_all"
    status = 409
    message = "An owner holds every right. Give them another role to take one."


class NotMember(Mistake):
    """Who is meant does not belong to the store, or not any more."""

    code = "not_member"
    status = 409
    message = "This person is no member of the store."


def check_changeable(*, actor: Actor, membership: Membership) -> None:
    """Raise OwnRole, OwnersOnly or RoleAboveOwn when the actor may not touch this member."""
    tenant = membership.tenant
    if actor.user and membership.user_id == actor.user.pk:
        raise OwnRole
    if membership.role == Role.OWNER and not is_owner(actor, tenant):
        raise OwnersOnly
    if not rights_of(membership.user, tenant) <= rights_held(actor, tenant):
        raise RoleAboveOwn


def check_role_change(*, actor: Actor, membership: Membership, role: Role) -> None:
    """Raise when the actor may not make this of the member, who has their old role still."""
    check_changeable(actor=actor, membership=membership)
    if role != membership.role:
        check_gives_role(actor, membership.tenant, role)
        check_not_last_owner(membership)


def check_not_last_owner(membership: Membership) -> None:
    """Raise LastOwner when nobody else who can sign in owns the store."""
    owners = Membership.objects.filter(
        tenant_id=membership.tenant_id, role=Role.OWNER, user__is_active=True
    )
    if membership.role == Role.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise LastOwner


def lock_member(membership: Membership) -> Membership:
    """The member as they are now, while nobody else changes the team; NotMember if gone."""
    lock_team(membership.tenant)
    found = members_of(membership.tenant).filter(pk=membership.pk).first()
    if found is None:
        raise NotMember
    return found


@transaction.atomic
def change_member(
    *,
    actor: Actor,
    membership: Membership,
    role: Role | None = None,
    granted: Collection[str] | None = None,
    taken: Collection[str] | None = None,
) -> Membership:
    """Give the member this role, and exactly these rights beside it (`granted`) and not of it
    (`taken`); None leaves what there is, and what only repeats the role is not kept.

    Raises what check_role_change and check_gives raise, and OwnerHoldsAll for an exception of
    an owner.
    """
    member = lock_member(membership)
    before, new_role = exceptions_of(member), Role(role or member.role)
    check_role_change(actor=actor, membership=member, role=new_role)
    if new_role == Role.OWNER and (granted or taken):
        raise OwnerHoldsAll
    after = telling(new_role, replaced(before, granted, taken))
    changed = {right for right in {*before, *after} if before.get(right) != after.get(right)}
    if new_role == member.role:
        check_gives(actor, member.tenant, changed)
    else:  # what the new role drops by itself needs no right
        check_gives(actor, member.tenant, changed & after.keys())

    saved = actions.save_member(
        tenant=member.tenant, user=member.user, role=new_role, exceptions=after
    )
    note_change(actor=actor, before=member, after=saved, was=before, now=after)
    end_what_is_beyond(actor=actor, membership=saved)
    return saved


def change_role(*, actor: Actor, membership: Membership, role: Role) -> Membership:
    """Give the member another role; exceptions that still say something stay."""
    return change_member(actor=actor, membership=membership, role=role)


def grant_right(*, actor: Actor, membership: Membership, right: Right) -> Membership:
    """Give this one person a right beside their role's, or back what was taken of it."""
    return set_right(actor=actor, membership=membership, right=right, given=True)


def take_right(*, actor: Actor, membership: Membership, right: Right) -> Membership:
    """Take a right from this one person, be it their role's or granted beside it."""
    return set_right(actor=actor, membership=membership, right=right, given=False)


@transaction.atomic
def set_right(*, actor: Actor, membership: Membership, right: Right, given: bool) -> Membership:
    """Let the member hold, or not hold, this right, whatever the role says."""
    member = lock_member(membership)
    wanted = {**exceptions_of(member), right.value: given}
    return change_member(
        actor=actor,
        membership=member,
        granted=[name for name, held in wanted.items() if held],
        taken=[name for name, held in wanted.items() if not held],
    )


def replaced(
    before: Mapping[str, bool], granted: Collection[str] | None, taken: Collection[str] | None
) -> dict[str, bool]:
    """The exceptions with the granted, the taken or both lists replaced."""
    kept_granted = [right for right, given in before.items() if given]
    kept_taken = [right for right, given in before.items() if not given]
    return {
        **dict.fromkeys(kept_granted if granted is None else granted, True),
        **dict.fromkeys(kept_taken if taken is None else taken, False),
    }


def note_change(
    *,
    actor: Actor,
    before: Membership,
    after: Membership,
    was: Mapping[str, bool],
    now: Mapping[str, bool],
) -> None:
    """One audit entry for the role, one for what was granted, one for what was taken."""
    same_role = before.role == after.role
    given = {r for r in now if now[r] and was.get(r) is not True}
    taken = {r for r in now if not now[r] and was.get(r) is not False}
    if same_role:  # else what was dropped is what the new role says by itself
        given |= {r for r in was if not was[r] and r not in now}
        taken |= {r for r in was if was[r] and r not in now}
    else:
        save_audit(actor=actor, action="member.role_changed", target=after, fields=["role"])
    for action, rights in (("right.granted", given), ("right.taken", taken)):
        if rights:
            save_audit(actor=actor, action=action, target=after, fields=rights)


def end_what_is_beyond(*, actor: Actor, membership: Membership) -> None:
    """Revoke the member's keys and withdraw their invitations that give more than they hold."""
    user, tenant = membership.user, membership.tenant
    keys.revoke_beyond(actor=actor, tenant=tenant, user=user, held=rights_of(user, tenant))
    invitations.withdraw_beyond(actor=actor, tenant=tenant, user=user)


@transaction.atomic
def remove(*, actor: Actor, membership: Membership) -> None:
    """Take the member out of the store; raises what check_changeable does, or LastOwner."""
    member = lock_member(membership)
    check_changeable(actor=actor, membership=member)
    part(actor=actor, member=member, action="member.removed")


@transaction.atomic
def leave(*, actor: Actor, tenant: Tenant) -> None:
    """Go out of the store oneself; raises LastOwner or NotMember."""
    part(actor=actor, member=own_membership(actor, tenant), action="member.left")


def part(*, actor: Actor, member: Membership, action: str) -> None:
    """End the membership with all that hangs on it; the team is locked."""
    check_not_last_owner(member)
    save_audit(actor=actor, action=action, target=member)
    actions.remove_member(membership=Membership.objects.get(pk=member.pk))
    end_what_is_beyond(actor=actor, membership=member)


def own_membership(actor: Actor, tenant: Tenant) -> Membership:
    """The actor's own membership, while nobody else changes the team; NotMember if none."""
    lock_team(tenant)
    found = members_of(tenant).filter(user=actor.user).first() if actor.user else None
    if found is None:
        raise NotMember("You are no member of this store.")
    return found


@transaction.atomic
def transfer_ownership(*, actor: Actor, membership: Membership) -> None:
    """Make the member an owner in place of the actor, who becomes an admin.

    Raises NotMember, OwnersOnly, or OwnRole for a transfer to oneself.
    """
    own = own_membership(actor, membership.tenant)
    heir = lock_member(membership)
    if own.role != Role.OWNER:
        raise OwnersOnly
    if heir.pk == own.pk:
        raise OwnRole("You own this store already: choose another member.")
    if not heir.user.is_active:
        raise NotMember("This person cannot sign in.")
    for member, role in ((heir, Role.OWNER), (own, Role.ADMIN)):
        actions.save_member(tenant=own.tenant, user=member.user, role=role)
    save_audit(actor=actor, action="ownership.transferred", target=heir, fields=["role"])
    end_what_is_beyond(actor=actor, membership=own)
