"""Signing up, in and out, and who one is: the routes that need no store."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db import IntegrityError
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.viewsets import ViewSet

from tenants import confirmation, sign_in
from tenants.api.shapes import (
    LogInSerializer,
    MeSerializer,
    RefreshSerializer,
    SignedInSerializer,
    SignUpSerializer,
    TokensSerializer,
)
from tenants.auth import IsPerson
from tenants.models import User
from tenants.scoping.choice import memberships_of
from xeno.lib.api.requests import client_address, client_agent
from xeno.lib.errors import Mistake


class EmailTaken(Mistake):
    """Somebody has an account with this address; said only when all else was right."""

    code = "email_taken"
    message = "There is an account with this address. Sign in instead."


class SignInViewSet(ViewSet):
    """Signing up, in and out. A stale token in the header is no obstacle here."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    errors: ClassVar[dict[str, str]] = {
        "401": "`wrong_credentials`, `otp_required`, `wrong_otp` or `token_not_valid`.",
        "429": "`too_many_attempts`: come again after Retry-After seconds.",
    }

    @extend_schema(request=SignUpSerializer, responses={201: SignedInSerializer})
    def sign_up(self, request: Request) -> Response:
        """Make an account. It has no store until one is connected or somebody invites it."""
        form = read(SignUpSerializer, request)
        try:
            user = confirmation.sign_up(**form)
        except Invalid as weak:
            raise weak_password(weak) from None
        except IntegrityError:
            raise EmailTaken(field="email") from None
        return Response(signed_in(request, user), status=201)

    @extend_schema(request=LogInSerializer, responses=SignedInSerializer)
    def log_in(self, request: Request) -> Response:
        """Get an access token, good for minutes, and a refresh token, good once.

        401 `otp_required`: the password is right, and two-factor sign-in is on: send it all
        again with `otp`, a code of the authenticator app or a recovery code.
        """
        form = read(LogInSerializer, request)
        user = sign_in.check_credentials(**form, address=client_address(request))
        return Response(signed_in(request, user))

    @extend_schema(request=RefreshSerializer, responses=TokensSerializer)
    def refresh(self, request: Request) -> Response:
        """Turn a refresh token into a new pair; used a second time it ends the sign-in."""
        form = read(RefreshSerializer, request)
        return Response(sign_in.renew_sign_in(**form, **client_of(request))._asdict())

    @extend_schema(request=RefreshSerializer, responses={204: None})
    def log_out(self, request: Request) -> Response:
        """End the sign-in: its refresh token and its access tokens die at once."""
        sign_in.end_sign_in(**read(RefreshSerializer, request))
        return Response(status=204)


class MeViewSet(ViewSet):
    """Who one is."""

    permission_classes = (IsPerson,)
    errors: ClassVar[dict[str, str]] = {"403": "`person_required`: an API key has no account."}

    @extend_schema(responses=MeSerializer)
    def me(self, request: Request) -> Response:
        """The user and their stores."""
        return Response(describe(request.user))  # type: ignore[arg-type]  # authenticated


def read(kind: Any, request: Request) -> dict[str, Any]:
    """The request's body in this shape; 400 with the fields that are wrong."""
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    data: dict[str, Any] = form.validated_data
    return data


def describe(user: User) -> dict[str, Any]:
    """The user and their stores, by name."""
    stores = memberships_of(user).order_by("tenant__name", "tenant_id")
    return dict(MeSerializer({"user": user, "stores": stores}).data)


def signed_in(request: Request, user: User) -> dict[str, Any]:
    """What a client gets that has just proved who it speaks for."""
    tokens = sign_in.start_sign_in(user=user, **client_of(request))
    return {**tokens._asdict(), **describe(user)}


def client_of(request: Request) -> dict[str, Any]:
    """Where a sign-in is used from, as it is kept of it."""
    return {"address": client_address(request), "agent": client_agent(request)}


def weak_password(weak: Invalid, field: str = "password") -> ValidationError:
    """Django's reasons as errors of the field."""
    return ValidationError({field: weak.messages}, "weak_password")
