"""Confirming that an e-mail address is its user's, by a mailed link."""

import structlog
from django.db import transaction
from django.utils import timezone

from tenants import actions
from tenants.links import CONFIRMATION, LinkNotValid
from tenants.mail import queue_few, queue_mail
from tenants.models import AccountMail, User

log = structlog.get_logger(__name__)


@transaction.atomic
def sign_up(*, email: str, password: str, name: str = "") -> User:
    """A new user, who is asked by mail to confirm their address; ValidationError if it is weak."""
    user = actions.sign_up(email=email, password=password, name=name)
    queue_mail(kind=AccountMail.Kind.CONFIRM_ADDRESS, user=user)
    return user


def ask_confirmation(*, user: User) -> None:
    """Mail the link again; nothing for an address that is confirmed, or after several mails."""
    queue_few(kind=AccountMail.Kind.CONFIRM_ADDRESS, email=user.email)


@transaction.atomic
def confirm_address(*, token: str) -> User:
    """The address is the user's; once. Raises LinkNotValid."""
    user = CONFIRMATION.find_user(token, lock=True)
    if user is None:
        raise LinkNotValid
    user.email_confirmed_at = timezone.now()
    user.save(update_fields=["email_confirmed_at"])
    log.info("address_confirmed", user_id=user.pk)
    return user
