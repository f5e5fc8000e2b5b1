"""Asking as somebody would, and comparing answers without what is chance in them."""

import re
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.test import Client, RequestFactory

from tenants import browsers
from tenants.browsers import SIGN_IN_SESSION_KEY, add_sign_in
from tenants.models import SignIn, Tenant, User
from tenants.scoping.middleware import STORE_SESSION_KEY
from tenants.sign_in import start_sign_in
from tests.canaries import Asked
from xeno.lib.api.errors import PAGES

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
WRITING = ("POST", "PUT", "PATCH")
BACKEND = "django.contrib.auth.backends.ModelBackend"
BY_CHANCE = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<="X-CSRFToken": ")\w+|(?<=Expires: )[^\n]+'
)
VALUES = re.compile(r"'[^']*'|\d+")

LIVES = settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"]


def still(body: str) -> str:
    """The page without what comes by itself with time: how far behind the applier is, and that days
    have been waiting for a while to be counted anew."""
    body = re.sub(r'<p class="home-empty[^>]*>(?:(?!</p>).)*being counted anew.*?</p>', "", body)
    return re.sub(r"\d+ s behind", "some s behind", body)


class Answer(NamedTuple):
    """Everything that an answer tells, and the statements that it took, without their values."""

    status: int
    headers: str
    body: str
    said: tuple[str, ...]
    statements: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it that leaves the house."""
        return "\n".join((self.headers, self.body, *self.said))

    def about(self, asked: Asked) -> "Answer":
        """The answer without the ids that were asked for, and without what comes with time."""
        said = tuple(map(asked.hide, self.said))
        return self._replace(
            headers=asked.hide(self.headers), body=still(asked.hide(self.body)), said=said
        )


class Visitor:
    """Somebody's browser, or with a bearer their program; what one answer set no other sends."""

    def __init__(self, user: User | None, *, store: Tenant | None = None, **headers: str) -> None:
        self.user, self.store, self.headers = user, store, headers
        self.client = Client(raise_request_exception=False)
        self.session: SessionBase | None = None
        self.sign_in, self.since = "", monotonic()

    def begin(self) -> None:
        """Forget what the last answer set, and sign in again after a sign-out."""
        self.client.cookies.clear()
        if self.user is None:
            return
        if self.session is None or not self.is_signed_in():
            self.session, self.since = browser_of(self.user, self.store).session, monotonic()
            self.sign_in = self.session[SIGN_IN_SESSION_KEY]
        self.client.cookies[settings.SESSION_COOKIE_NAME] = self.session.session_key

    def is_signed_in(self) -> bool:
        """Whether the sign-in lives, and no request has to note that it was used."""
        fresh = monotonic() - self.since < browsers.USE_NOTED_EVERY.total_seconds() / 2
        return fresh and SignIn.objects.filter(pk=self.sign_in).exists()

    def ask(self, path: str, method: str = "GET", data: Any = None, **headers: str) -> Answer:
        """One request; `data` is a form in the admin, JSON elsewhere, or the query."""
        self.begin()
        given: dict[str, Any] = {"headers": {**self.headers, **headers}}
        if method not in WRITING:
            given["query_params"] = data
        elif path.startswith(PAGES) and method == "POST":
            given["data"] = data
        else:
            given |= {"data": data or {}, "content_type": "application/json"}
        statements: list[str] = []

        def note(execute: Any, sql: Any, *args: Any) -> Any:
            statements.append(VALUES.sub("?", str(sql)))
            return execute(sql, *args)

        with connection.execute_wrapper(note):
            response = getattr(self.client, method.lower())(path, **given)
        return Answer(
            response.status_code,
            BY_CHANCE.sub("", header_text(response)),
            BY_CHANCE.sub("", response.text),
            tuple(str(message) for message in get_messages(response.wsgi_request)),
            tuple(statements),
        )


class Program(Visitor):
    """The user's program, which signs in again when its sign-in was ended."""

    def begin(self) -> None:
        self.client.cookies.clear()
        living = SignIn.objects.filter(user=self.user, kind=SignIn.Kind.API)
        fresh = monotonic() - self.since < min(browsers.USE_NOTED_EVERY, LIVES).total_seconds() / 2
        if self.user and not (self.headers and fresh and living.exists()):
            access, self.since = start_sign_in(user=self.user).access, monotonic()
            self.headers = {"Authorization": f"Bearer {access}"}


def bearer(user: User) -> Visitor:
    """The user's program."""
    return Program(user)


def browser_of(user: User, store: Tenant | None = None) -> Client:
    """A browser in which the user is signed in, with this store open."""
    client = Client(raise_request_exception=False)
    client.force_login(user, BACKEND)
    request = RequestFactory().get("/")
    request.session = client.session
    add_sign_in(request, user)
    if store:
        request.session[STORE_SESSION_KEY] = store.pk
    request.session.save()
    return client


def header_text(response: Any) -> str:
    """The headers, and the cookies' names: their values are signed and compared as messages."""
    lines = [f"{name}: {value}" for name, value in response.headers.items()]
    return "\n".join([*lines, *(f"Set-Cookie: {name}" for name in sorted(response.cookies))])
