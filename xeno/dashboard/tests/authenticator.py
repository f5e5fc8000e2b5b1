"""An authenticator app, for tests of two-factor sign-in."""

import base64
import time

from django.utils import timezone
from django_otp.oath import hotp

from tenants.models import TwoFactor, User
from tenants.two_factor import STEP_SECONDS

SECRET = base64.b32encode(b"twenty secret bytes!").decode()


def turn_on(user: User) -> str:
    """Two-factor sign-in is on for the user; gives the secret that their app holds."""
    TwoFactor.objects.create(user=user, secret=SECRET, confirmed_at=timezone.now())
    return SECRET


def code_of(secret: str, later: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    step = int(time.time()) // STEP_SECONDS + later
    return f"{hotp(base64.b32decode(secret), step):06}"
