"""The second factor: codes of an authenticator app (RFC 6238), and codes for when it is lost."""

import base64
import secrets
import time
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

import segno
import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp  # type: ignore[import-untyped]

from tenants.lockout import FailedAttempt, attempt
from tenants.mail import queue_mail
from tenants.models import AccountMail, RecoveryCode, TwoFactor, User
from tenants.passwords import check_password
from xeno.lib.errors import Mistake

log = structlog.get_logger(__name__)

ISSUER = "Xeno CRM"
STEP_SECONDS = 30
SECRET_BYTES = 20
RECOVERY_CODES = 10
# Of the letters and digits that nobody takes for one another; 16 of them are 79 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class OtpRequired(Mistake):
    """The password was right, and a code of the authenticator is wanted with it."""

    code = "otp_required"
    status = 401
    message = "Send a code of your authenticator app, or a recovery code, as `otp`."

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


class WrongOtp(FailedAttempt):
    """The code is wrong, was used before, or has expired."""

    code = "wrong_otp"
    message = "The code is wrong or was used before. Take the next one."


class WrongOwnOtp(WrongOtp):
    """The same from somebody who is signed in, and stays so."""

    status = 400

    def __init__(self) -> None:
        super().__init__(field="otp")


class TwoFactorIsOn(Mistake):
    """It is on already."""

    code = "two_factor_is_on"
    status = 409
    message = "Two-factor sign-in is on. Turn it off before you set up another authenticator."


class TwoFactorIsOff(Mistake):
    """There is nothing to confirm, to renew or to turn off."""

    code = "two_factor_is_off"
    status = 409
    message = "Two-factor sign-in is not set up. Start with POST /auth/two-factor."


class State(NamedTuple):
    """Whether it is on, since when, and how many recovery codes were not used."""

    on: bool
    since: datetime | None
    recovery_codes_left: int


class Setup(NamedTuple):
    """What an authenticator app needs: to type, to open, and to scan (SVG)."""

    secret: str
    uri: str
    qr: str


def is_on(user: User) -> bool:
    """Whether signing in wants a code."""
    return TwoFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def state_of(user: User) -> State:
    """What the user's account page says of it."""
    device = TwoFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    left = user.recovery_codes.filter(used_at=None).count() if device else 0
    return State(device is not None, device.confirmed_at if device else None, left)


def start(*, user: User, password: str, address: str | None) -> Setup:
    """A new secret, which counts once a code of it was confirmed.

    Raises WrongPassword, TooManyAttempts or TwoFactorIsOn. The password is asked for because a
    stolen token must not lock its owner out.
    """
    check_password(user=user, password=password, address=address)
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    with transaction.atomic():
        # The user's row stands for the one that is not there yet.
        User.objects.select_for_update().get(pk=user.pk)
        if is_on(user):
            raise TwoFactorIsOn
        TwoFactor.objects.update_or_create(user=user, defaults={"secret": secret, "last_step": 0})
    return setup_of(user, secret)


def pending_setup(user: User) -> Setup | None:
    """What was started and not confirmed."""
    device = TwoFactor.objects.filter(user=user, confirmed_at=None).first()
    return setup_of(user, device.secret) if device else None


def setup_of(user: User, secret: str) -> Setup:
    """The secret in the three forms in which apps take it."""
    query = urlencode({"secret": secret, "issuer": ISSUER}, quote_via=quote)
    uri = f"otpauth://totp/{quote(ISSUER)}:{quote(user.email)}?{query}"
    # White behind it: scanners find no dark modules on a dark page.
    return Setup(secret, uri, segno.make(uri).svg_inline(scale=4, light="white"))


def confirm(*, user: User, code: str, keep: UUID | None, address: str | None) -> list[str]:
    """Turn it on by a first code; every other sign-in ends. The recovery codes, shown once.

    Raises WrongOtp, TooManyAttempts, TwoFactorIsOn, or TwoFactorIsOff when nothing was started.
    """
    device = TwoFactor.objects.filter(user=user).first()
    if device is None or device.confirmed_at is not None:
        raise TwoFactorIsOff if device is None else TwoFactorIsOn
    with attempt(email=user.email, address=address):
        if not use_step(device, code):
            raise WrongOwnOtp
    with transaction.atomic():
        # A step was used with this secret: one that was started anew meanwhile has none.
        tried = TwoFactor.objects.filter(user=user, confirmed_at=None, last_step__gt=0)
        if not tried.update(confirmed_at=timezone.now()):
            raise WrongOwnOtp
        codes = save_recovery_codes(user)
        tell(user, "on", keep)
    return codes


def turn_off(
    *, user: User, password: str, otp: str, keep: UUID | None, address: str | None
) -> None:
    """Go back to the password alone; every other sign-in ends.

    Raises WrongPassword, WrongOtp, TooManyAttempts or TwoFactorIsOff.
    """
    check_password(user=user, password=password, address=address)
    check_code(user=user, otp=otp, address=address)
    with transaction.atomic():
        TwoFactor.objects.filter(user=user).delete()
        user.recovery_codes.all().delete()
        tell(user, "off", keep)


def renew_recovery_codes(*, user: User, otp: str, address: str | None) -> list[str]:
    """New recovery codes, shown once; the old ones open nothing any more."""
    check_code(user=user, otp=otp, address=address)
    with transaction.atomic():
        queue_mail(kind=AccountMail.Kind.TWO_FACTOR_CHANGED, user=user)
        return save_recovery_codes(user)


def check_code(*, user: User, otp: str, address: str | None) -> None:
    """Somebody who is signed in proves it by a code; WrongOtp, TooManyAttempts, TwoFactorIsOff."""
    if not is_on(user):
        raise TwoFactorIsOff
    with attempt(email=user.email, address=address):
        if not use_code(user=user, code=otp):
            raise WrongOwnOtp


def tell(user: User, state: str, keep: UUID | None) -> None:
    """End the other sign-ins, and let the user know by mail."""
    user.sign_ins.filter(~Q(pk=keep)).delete()
    queue_mail(kind=AccountMail.Kind.TWO_FACTOR_CHANGED, user=user)
    log.info("two_factor_changed", user_id=user.pk, state=state)


def use_code(*, user: User, code: str) -> bool:
    """Take a code of the app or a recovery code, which is good once; whether it was.

    It counts no failures: call it within lockout.attempt.
    """
    device = TwoFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    return device is not None and (use_step(device, code) or use_recovery_code(user, code))


def use_step(device: TwoFactor, code: str) -> bool:
    """Whether it is the app's code of now, or of the step before or after, and was not used."""
    typed, now = "".join(code.split()), int(time.time()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        right = f"{hotp(base64.b32decode(device.secret), step):06}"
        if constant_time_compare(typed, right):
            # A condition on the row, so that of two who send it at once one is refused.
            unused = TwoFactor.objects.filter(user_id=device.user_id, last_step__lt=step)
            return unused.update(last_step=step) == 1
    return False


def use_recovery_code(user: User, code: str) -> bool:
    """Whether it is one of the user's that was not used before."""
    unused = user.recovery_codes.filter(code_hash=hash_of(code), used_at=None)
    return unused.update(used_at=timezone.now()) == 1


def save_recovery_codes(user: User) -> list[str]:
    """Ten new ones in the place of the old."""
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=hash_of(c)) for c in codes)
    return codes


def hash_of(code: str) -> str:
    """What is kept of a recovery code; it is random and long enough for a plain hash."""
    letters = "".join(c for c in code.lower() if c.isalnum())
    return sha256(letters.encode()).hexdigest()
