"""Joining a store by the link of an invitation, for somebody who has no account yet."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import actions, invitations
from tenants.audit import Actor
from tenants.models import Membership, User
from xeno.lib.errors import Mistake


class AccountExists(Mistake):
    """Somebody made an account with the invited address meanwhile."""

    code = "account_exists"
    status = 409
    message = "There is an account with this address. Sign in to accept the invitation."


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address."""
    return User.objects.filter(email=email).exists()


@transaction.atomic
def join(*, token: str, name: str, password: str, address: str | None) -> Membership:
    """Make an account for the invited address and a member of it.

    The link came by mail to that address: whoever holds it has confirmed it. Raises
    InvitationNotValid, AccountExists, or ValidationError when the password is too weak.
    """
    invitation = invitations.read_token(token)
    try:
        with transaction.atomic():
            user = actions.sign_up(email=invitation.email, password=password, name=name)
    except IntegrityError:
        raise AccountExists from None
    user.email_confirmed_at = timezone.now()
    user.save(update_fields=["email_confirmed_at"])
    return invitations.accept(actor=Actor(user=user, address=address), token=token)
