"""The texts in mailed links: signed, short-lived, and good once."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int, int_to_base36

from tenants.models import User
from xeno.lib.errors import Mistake


class LinkNotValid(Mistake):
    """One answer for a link that is forged, used or expired."""

    code = "link_not_valid"
    message = "This link is not valid any more. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(field="token")


class ResetToken(PasswordResetTokenGenerator):
    """Dies with the password that it replaces, with a sign-in by the page, and after an hour."""

    key_salt = "tenants.links.reset"
    lifetime = timedelta(hours=1)

    def pack(self, user: User) -> str:
        """One text that names the user and proves that they got the mail."""
        return f"{int_to_base36(user.pk)}-{self.make_token(user)}"

    def find_user(self, text: str, *, lock: bool = False) -> User | None:
        """The user that the text was made for, if it is good still; `lock` holds the row, so
        that of two who use it at once one finds it used."""
        name, _, token = text.partition("-")
        try:
            user_id = base36_to_int(name)
        except ValueError:
            return None
        users = User.objects.select_for_update() if lock else User.objects.all()
        user = users.filter(pk=user_id, is_active=True).first() if user_id < 2**63 else None
        return user if user and self.check_token(user, token) else None

    def check_token(self, user: User | None, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        made = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(
            seconds=base36_to_int((token or "").partition("-")[0])
        )
        return datetime.now(UTC) - made <= self.lifetime

    def _now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)  # Django's own follows the server's clock


class ConfirmationToken(ResetToken):
    """Dies when the address is confirmed or changed, and after three days."""

    key_salt = "tenants.links.confirmation"
    lifetime = timedelta(days=3)

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk} {user.email} {user.email_confirmed_at} {timestamp}"


RESET = ResetToken()
CONFIRMATION = ConfirmationToken()
