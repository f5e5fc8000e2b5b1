"""Browsers that are signed in to the pages: a session of Django's, and a SignIn row beside it.

The row is what its person sees among their sign-ins, and ends: a session without it is nobody's.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.utils import timezone

from tenants.models import SignIn, User
from tenants.sign_in import make_room
from xeno.lib.api.requests import client_address, client_agent

SIGN_IN_SESSION_KEY = "sign_in_id"
# When a sign-in was last used is known to some minutes: more would be a write for each request.
USE_NOTED_EVERY = timedelta(minutes=5)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in_browser(request: HttpRequest, user: User) -> None:
    """Sign the browser in, under a new session key."""
    login(request, user, BACKEND)
    add_sign_in(request, user)


def sign_out_browser(request: HttpRequest) -> None:
    """Sign the browser out; its session is gone, and its row."""
    found = request.session.get(SIGN_IN_SESSION_KEY)
    if found:
        SignIn.objects.filter(pk=found, kind=SignIn.Kind.BROWSER).delete()
    logout(request)


def get_sign_in_id(request: HttpRequest, user: User) -> UUID:
    """The id of the session's sign-in. One without (of a time before there were ids, or of a
    test that signs in past the page) gets it at its first request: it must be seen and ended."""
    found = request.session.get(SIGN_IN_SESSION_KEY)
    return UUID(found) if found else add_sign_in(request, user)


def add_sign_in(request: HttpRequest, user: User) -> UUID:
    """A row for the session, which lives no longer than it."""
    make_room(user)
    sign_in = SignIn.objects.create(
        user=user,
        kind=SignIn.Kind.BROWSER,
        password_tag=user.password_tag,
        address=client_address(request),
        agent=client_agent(request),
        expires_at=timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    request.session[SIGN_IN_SESSION_KEY] = str(sign_in.pk)
    return sign_in.pk


def note_use(request: HttpRequest, sign_in_id: UUID, used_at: datetime) -> None:
    """Write down that the sign-in was used, and from where, unless that was done just now."""
    now = timezone.now()
    if used_at <= now - USE_NOTED_EVERY:
        SignIn.objects.filter(pk=sign_in_id).update(
            last_used_at=now, address=client_address(request), agent=client_agent(request)
        )
