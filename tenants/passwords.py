"""Passwords: proving one's own, changing it, and setting a new one by a mailed link."""

from datetime import timedelta

import structlog
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from tenants.links import RESET, LinkNotValid
from tenants.lockout import FailedAttempt, account_hash, attempt, forget_failures
from tenants.mail import queue_few, queue_mail
from tenants.models import AccountMail, SignIn, SignInFailure, User

log = structlog.get_logger(__name__)

# From where somebody proved that the mailbox is theirs, failures elsewhere do not lock them out.
PROVEN_FOR = timedelta(hours=1)


class WrongPassword(FailedAttempt):
    """Somebody who is signed in did not know the password."""

    code = "wrong_password"
    status = 400
    message = "This is not your password."

    def __init__(self, field: str = "password") -> None:
        super().__init__(field=field)


def check_password(
    *, user: User, password: str, address: str | None, field: str = "password"
) -> None:
    """Somebody who is signed in proves that it is them; raises WrongPassword, TooManyAttempts."""
    with attempt(email=user.email, address=address):
        if not user.check_password(password):
            raise WrongPassword(field)


def change(*, user: User, old_password: str, new_password: str, address: str | None) -> None:
    """Another password; every sign-in of the user ends, also the one that asks.

    Raises WrongPassword, TooManyAttempts, or ValidationError when the new one is too weak.
    """
    check_password(user=user, password=old_password, address=address, field="old_password")
    validate_password(new_password, user)
    save_password(user=user, password=new_password)


@transaction.atomic
def save_password(*, user: User, password: str) -> None:
    """Set the password, end every sign-in, and tell the user by mail."""
    user.set_password(password)
    user.save(update_fields=["password"])
    user.sign_ins.all().delete()
    queue_mail(kind=AccountMail.Kind.PASSWORD_CHANGED, user=user)
    log.info("password_changed", user_id=user.pk)


@transaction.atomic
def ask_reset(*, email: str) -> None:
    """Have a link mailed, if there is such an account; the same work whether there is or not."""
    # So that this commit writes, and waits for the disk, in either case.
    SignInFailure.objects.create(account_hash=account_hash(email)).delete()
    queue_few(kind=AccountMail.Kind.RESET_PASSWORD, email=email)


def find_reset_user(token: str) -> User | None:
    """Whose password the link would set; None for one that is not good any more."""
    return RESET.find_user(token)


@transaction.atomic
def confirm_reset(*, token: str, password: str, address: str | None) -> User:
    """Set the password by a mailed link, once; raises LinkNotValid, or ValidationError if weak.

    Every sign-in ends, the account is no longer locked, and its address is confirmed: the mail
    came there. The second factor stays.
    """
    user = RESET.find_user(token, lock=True)
    if user is None:
        raise LinkNotValid
    validate_password(password, user)
    save_password(user=user, password=password)
    if user.email_confirmed_at is None:
        user.email_confirmed_at = timezone.now()
        user.save(update_fields=["email_confirmed_at"])
    forget_failures(email=user.email)
    # No token and no password fit it: it only says that this address is the user's (lockout.py).
    SignIn.objects.create(user=user, address=address, expires_at=timezone.now() + PROVEN_FOR)
    return user
