"""Inviting people into a store's team: sent, sent anew, withdrawn, accepted."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from tenants import actions
from tenants.audit import Actor, save_audit
from tenants.giving import check_gives_role, givable_roles, lock_team
from tenants.invitation_links import InvitationNotValid, make_token, read_token
from tenants.mail import queue_mail
from tenants.models import AccountMail, Invitation, Membership, Tenant, User
from tenants.roles import Role
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

__all__ = [
    "AddressNotConfirmed", "AlreadyInvited", "AlreadyMember", "InvitationForAnother",
    "InvitationNotValid", "accept", "check_sendable", "make_token", "read_token", "resend",
    "send", "withdraw",
]  # fmt: skip

GOOD_FOR = timedelta(days=7)


class AlreadyMember(Mistake):
    """Whoever was invited, or accepts, belongs to the store."""

    code = "already_member"
    status = 409
    message = "This person is a member of the store already."


class AlreadyInvited(Mistake):
    """An invitation to the address is open."""

    code = "already_invited"
    status = 409
    message = "This address is invited already. Send that invitation again, or withdraw it first."


class InvitationForAnother(Mistake):
    """Somebody else holds the link."""

    code = "invitation_for_another"
    status = 403
    message = "This invitation was sent to another address. Sign in with that one to accept it."


class AddressNotConfirmed(Mistake):
    """Whoever accepts has not shown that the address is theirs."""

    code = "address_not_confirmed"
    status = 403
    message = "Confirm your e-mail address first: the link is in the mail that we sent you."


@transaction.atomic
def send(*, actor: Actor, tenant: Tenant, email: str, role: Role) -> Invitation:
    """Ask this address to join the store as `role`; the mail leaves after the commit.

    Raises RoleAboveOwn, OwnersOnly, AlreadyMember or AlreadyInvited. An invitation that has
    expired makes room for the new one.
    """
    address = email.strip().lower()
    lock_team(tenant)
    check_sendable(actor=actor, tenant=tenant, email=address, role=role)
    # One that has expired makes room; the constraint knows no clock.
    Invitation.objects.filter(tenant=tenant, email=address, accepted_at=None).delete()
    invitation = Invitation.objects.create(
        tenant=tenant, email=address, role=role, invited_by=actor.user, expires_at=expiry()
    )
    queue_mail(kind=AccountMail.Kind.INVITATION, invitation=invitation)
    save_audit(actor=actor, action="invitation.sent", target=invitation)
    return invitation


def check_sendable(*, actor: Actor, tenant: Tenant, email: str, role: Role) -> None:
    """Raise RoleAboveOwn, OwnersOnly, AlreadyMember or AlreadyInvited, as `send` would."""
    check_gives_role(actor, tenant, role)
    if Membership.objects.filter(tenant=tenant, user__email=email.lower()).exists():
        raise AlreadyMember
    same = Invitation.objects.filter(tenant=tenant, email=email.lower(), accepted_at=None)
    if same.filter(expires_at__gt=timezone.now()).exists():
        raise AlreadyInvited


@transaction.atomic
def resend(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Mail a new link, good for another week; the one that was mailed before ends.

    Whoever sends it anew answers for it from now on, and so must hold what it gives.
    """
    lock_team(invitation.tenant)
    open_one = get_open(invitation)
    check_gives_role(actor, open_one.tenant, Role(open_one.role))
    open_one.nonce, open_one.expires_at, open_one.invited_by = uuid4(), expiry(), actor.user
    open_one.save(update_fields=["nonce", "expires_at", "invited_by"])
    queue_mail(kind=AccountMail.Kind.INVITATION, invitation=open_one)
    save_audit(actor=actor, action="invitation.resent", target=open_one)
    return open_one


@transaction.atomic
def withdraw(*, actor: Actor, invitation: Invitation) -> None:
    """The invitation and its link end; nothing of the address is kept."""
    lock_team(invitation.tenant)
    open_one = get_open(invitation)
    save_audit(actor=actor, action="invitation.withdrawn", target=open_one)
    open_one.delete()


def withdraw_beyond(*, actor: Actor, tenant: Tenant, user: User) -> None:
    """Withdraw the open invitations by this user into roles that the user cannot give any more."""
    may = givable_roles(Actor(user), tenant)
    beyond = Invitation.objects.filter(tenant=tenant, invited_by=user, accepted_at=None).exclude(
        role__in=may
    )
    for invitation in beyond:
        save_audit(actor=actor, action="invitation.withdrawn", target=invitation)
    beyond.delete()


@transaction.atomic
def accept(*, actor: Actor, token: str) -> Membership:
    """Whoever holds the link joins the store: the user whose confirmed address it was sent to.

    Raises InvitationNotValid, InvitationForAnother, AddressNotConfirmed or AlreadyMember.
    """
    named = read_token(token)
    user, tenant = actor.user, named.tenant
    if user is None or user.email != named.email:
        raise InvitationForAnother
    if user.email_confirmed_at is None:
        raise AddressNotConfirmed
    # Who joins is no member yet, so no door has opened this store for them.
    with tenant_scope(tenant.pk):
        lock_team(tenant)
        invitation = read_token(token)  # again, now that no second one can accept it
        check_inviter_still_may(invitation)
        if Membership.objects.filter(tenant=tenant, user=user).exists():
            raise AlreadyMember
        membership = actions.save_member(tenant=tenant, user=user, role=Role(invitation.role))
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
        save_audit(actor=actor, action="invitation.accepted", target=invitation)
    return membership


def check_inviter_still_may(invitation: Invitation) -> None:
    """Raise InvitationNotValid when the inviter has left or cannot give this role any more."""
    inviter = invitation.invited_by
    if inviter is None or invitation.role not in givable_roles(Actor(inviter), invitation.tenant):
        raise InvitationNotValid


def get_open(invitation: Invitation) -> Invitation:
    """The invitation as it is now; InvitationNotValid when it was accepted or withdrawn."""
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    row = found.select_related("tenant").first()
    if row is None:
        raise InvitationNotValid
    return row


def expiry() -> datetime:
    """When an invitation that is sent now ends."""
    return timezone.now() + GOOD_FOR
