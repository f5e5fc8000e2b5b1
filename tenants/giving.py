"""Nobody gives more than they hold: what somebody holds in a store and may hand on."""

from collections.abc import Iterable

from guardian.shortcuts import get_perms

from tenants.audit import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import ROLE_RIGHTS, Right, Role
from xeno.lib.errors import Mistake


class RightAboveOwn(Mistake):
    """A right was about to be given, or taken, by somebody who does not hold it."""

    code = "right_above_own"
    status = 403

    def __init__(self, missing: Iterable[str]) -> None:
        names = ", ".join(f"“{Right(right).label}” ({right})" for right in sorted(missing))
        super().__init__(f"You can only give and take what you hold yourself; you lack {names}.")


class RoleAboveOwn(Mistake):
    """A role was about to be given or taken by somebody who may not."""

    code = "role_above_own"
    status = 403
    message = "You cannot give or take this role: it holds rights that you do not have."


class OwnersOnly(Mistake):
    """Only an owner makes, changes or removes an owner."""

    code = "owners_only"
    status = 403
    message = "Only an owner of the store can make somebody an owner, or change one."


def rights_of(user: User, tenant: Tenant) -> frozenset[str]:
    """The rights that the user holds in the store; a superuser holds all."""
    return frozenset(Right.values if user.is_superuser else get_perms(user, tenant))


def rights_held(actor: Actor, tenant: Tenant) -> frozenset[str]:
    """The rights of whoever acts: a user, an API key, or the install itself, which has all."""
    if actor.user:
        return rights_of(actor.user, tenant)
    return frozenset(actor.key.rights if actor.key else Right.values)


def is_owner(actor: Actor, tenant: Tenant) -> bool:
    """Whether the actor may do what owners do; an operator and the install itself may."""
    if actor.user is None:
        return actor.key is None
    owners = Membership.objects.filter(tenant=tenant, user=actor.user, role=Role.OWNER)
    return actor.user.is_superuser or owners.exists()


def givable_roles(actor: Actor, tenant: Tenant) -> list[Role]:
    """The roles whose every right the actor holds; an owner's only for owners."""
    held, owner = rights_held(actor, tenant), is_owner(actor, tenant)
    return [role for role in Role if ROLE_RIGHTS[role] <= held and (role != Role.OWNER or owner)]


def check_gives_role(actor: Actor, tenant: Tenant, role: Role) -> None:
    """Raise OwnersOnly or RoleAboveOwn when the actor may not give this role."""
    if role == Role.OWNER and not is_owner(actor, tenant):
        raise OwnersOnly
    if not ROLE_RIGHTS[role] <= rights_held(actor, tenant):
        raise RoleAboveOwn


def check_gives(actor: Actor, tenant: Tenant, rights: Iterable[str]) -> None:
    """Raise RightAboveOwn when the actor lacks one of the rights."""
    missing = frozenset(rights) - rights_held(actor, tenant)
    if missing:
        raise RightAboveOwn(missing)


def lock_team(tenant: Tenant) -> None:
    """Let nobody else change who may do what in this store until the transaction ends.

    One lock for members, keys and invitations: whoever gives is looked at while nobody can take
    it from them. It does not hold up rows that only refer to the store.
    """
    Tenant.objects.select_for_update(no_key=True).only("pk").get(pk=tenant.pk)
