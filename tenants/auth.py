"""Whom a request speaks for: the holder of a token or key, or a browser's session."""

from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from tenants.scoping.visit import get_visit
from xeno.lib.api import CHALLENGE
from xeno.lib.errors import Mistake


class TokenNotValid(Mistake):
    """The token is none of ours, has expired, or its sign-in has ended; or the key likewise."""

    code = "token_not_valid"
    status = 401
    message = "The token is not valid or has expired. Sign in again."


class PersonRequired(Mistake):
    """An API key asked for what only somebody who has signed in has: an account."""

    code = "person_required"
    status = 403
    message = "This is about a person's account. Sign in instead of using an API key."


class Bearer(NamedTuple):
    """What a token says: who, and by which sign-in. Never what they may do."""

    user_id: int
    sign_in_id: UUID


def read_token(raw: str, kind: type[Token]) -> tuple[Bearer, Token]:
    """The token and its bearer; TokenNotValid for anything that we did not sign as this kind."""
    try:
        token = kind(raw)  # type: ignore[arg-type]  # simplejwt names its text a Token
        return Bearer(int(token["user_id"]), UUID(token["sid"])), token
    except (TokenError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # RecursionError: PyJWT reads the header's JSON before it looks at the signature.
        raise TokenNotValid from error


def find_credential(request: HttpRequest) -> str | None:
    """What the Authorization header presents, token or key; None without one of this scheme."""
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    return raw.strip() if scheme.lower() == "bearer" else None


class RequestUserAuthentication(SessionAuthentication):
    """Hands DRF the user, or the key's holder, whom TenantMiddleware has recognised.

    A bearer needs no CSRF token, because no browser sends the header by itself; a session does.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        visit = get_visit(request)
        if visit.refusal:
            raise visit.refusal
        if visit.key is not None:
            return request._request.user, visit.key
        if visit.user is None:
            return None
        if not visit.by_token:
            self.enforce_csrf(request)
        return visit.user, None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class IsPerson(BasePermission):
    """Somebody has signed in; a key is nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if get_visit(request).key is not None:
            raise PersonRequired
        return request.user.is_authenticated
