"""What mails about accounts say. Links lead to PUBLIC_URL, whatever host a request named.

Nothing that a stranger may choose, such as a name, is in them: a mail of ours is no billboard.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings

from tenants.invitation_links import InvitationNotValid, make_token, read_token
from tenants.links import CONFIRMATION, RESET
from tenants.models import AccountMail, Invitation, User

Kind = AccountMail.Kind
FOOTER = "\n\nXeno CRM, {site}\n"


class Letter(NamedTuple):
    """A mail in words."""

    to: str
    subject: str
    text: str


def find_letter(mail: AccountMail) -> Letter | None:
    """The mail in words; None when there is nothing to say any more."""
    written = WRITERS[Kind(mail.kind)](mail)
    footer = FOOTER.format(site=settings.PUBLIC_URL)
    return written._replace(text=written.text + footer) if written else None


def user_of(mail: AccountMail) -> User | None:
    """Whom the mail is for, if they may sign in still."""
    user = mail.user
    return user if user and user.is_active else None


def link(page: str, token: str) -> str:
    """Where a page of the account is."""
    return f"{settings.PUBLIC_URL}/account/{page}/{token}"


def confirm_address(mail: AccountMail) -> Letter | None:
    """Asks to confirm; nothing once that is done."""
    user = user_of(mail)
    if user is None or user.email_confirmed_at:
        return None
    text = (
        "Somebody, we hope you, signed up at Xeno CRM with this address.\n\n"
        f"Confirm that it is yours:\n{link('confirm', CONFIRMATION.pack(user))}\n\n"
        "The link is good for three days. If it was not you, there is nothing to do."
    )
    return Letter(user.email, "Confirm your e-mail address", text)


def reset_password(mail: AccountMail) -> Letter | None:
    """Leads to the page for a new password."""
    user = user_of(mail)
    if user is None:
        return None
    text = (
        "Somebody, we hope you, asked for a new password for your account at Xeno CRM.\n\n"
        f"Choose it here:\n{link('reset', RESET.pack(user))}\n\n"
        "The link is good for one hour and once. If it was not you, there is nothing to do:"
        " your password is what it was."
    )
    return Letter(user.email, "Choose a new password", text)


def password_changed(mail: AccountMail) -> Letter | None:
    """Tells who owns the account, in case that it was not them."""
    user = user_of(mail)
    if user is None:
        return None
    text = (
        "The password of your account at Xeno CRM was changed, and you were signed out"
        " everywhere.\n\nIf it was not you, choose a new one at once: on the sign-in page,"
        f" “Forgot your password?”\n{settings.PUBLIC_URL}/admin/login/"
    )
    return Letter(user.email, "Your password was changed", text)


def two_factor_changed(mail: AccountMail) -> Letter | None:
    """Tells who owns the account, in case that it was not them."""
    user = user_of(mail)
    if user is None:
        return None
    text = (
        "Two-factor sign-in of your account at Xeno CRM was turned on or off, or got new"
        " recovery codes.\n\nIf it was not you, choose a new password at once: on the sign-in"
        f" page, “Forgot your password?”\n{settings.PUBLIC_URL}/admin/login/"
    )
    return Letter(user.email, "Your two-factor sign-in was changed", text)


def invitation(mail: AccountMail) -> Letter | None:
    """Asks somebody to join a store; nothing once they have, or the invitation is over."""
    found = Invitation.objects.filter(mails=mail).first()
    if found is None or found.mails.filter(pk__gt=mail.pk).exists():
        return None  # one that was sent anew is told of by its last mail
    token = make_token(found)
    try:
        invited = read_token(token)
    except InvitationNotValid:
        return None
    text = (
        f"You are invited to the team of {invited.tenant.shop_domain} at Xeno CRM, as"
        f" {invited.get_role_display().lower()}.\n\n"
        f"Accept here, with an account of this address:\n{link('invitation', token)}\n\n"
        f"The invitation is good until {invited.expires_at:%d %B %Y, %H:%M} UTC. If you do not"
        " know the store, there is nothing to do."
    )
    return Letter(invited.email, f"Join the team of {invited.tenant.shop_domain}", text)


WRITERS: dict[Kind, Callable[[AccountMail], Letter | None]] = {
    Kind.CONFIRM_ADDRESS: confirm_address,
    Kind.RESET_PASSWORD: reset_password,
    Kind.PASSWORD_CHANGED: password_changed,
    Kind.TWO_FACTOR_CHANGED: two_factor_changed,
    Kind.INVITATION: invitation,
}
