"""Whom a request speaks for: the holder of a bearer token, or a browser's session."""

from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, Token

from tenants.models import User
from tenants.scoping.visit import get_visit
from xeno.lib.api import CHALLENGE
from xeno.lib.errors import Mistake


class TokenNotValid(Mistake):
    """The token is none of ours, has expired, or its sign-in has ended."""

    code = "token_not_valid"
    status = 401
    message = "The token is not valid or has expired. Sign in again."


class Bearer(NamedTuple):
    """What a token says: who, and by which sign-in. Never what they may do."""

    user_id: int
    sign_in_id: UUID


def read_token(raw: str, kind: type[Token]) -> tuple[Bearer, Token]:
    """The token and its bearer; TokenNotValid for anything that we did not sign as this kind."""
    try:
        token = kind(raw)  # type: ignore[arg-type]  # simplejwt names its text a Token
        return Bearer(int(token["user_id"]), UUID(token["sid"])), token
    except (TokenError, KeyError, ValueError, TypeError, RecursionError) as error:
        # RecursionError: PyJWT reads the header's JSON before it looks at the signature.
        raise TokenNotValid from error


def find_bearer(request: HttpRequest) -> Bearer | None:
    """Whom the Authorization header names; None without one of this scheme."""
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return read_token(raw.strip(), AccessToken)[0]


class RequestUserAuthentication(SessionAuthentication):
    """Hands DRF the user that TenantMiddleware has recognised.

    A bearer needs no CSRF token, because no browser sends the header by itself; a session does.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        visit = get_visit(request)
        if visit.refusal:
            raise visit.refusal
        if visit.user is None:
            return None
        if not visit.by_token:
            self.enforce_csrf(request)
        return visit.user, None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
