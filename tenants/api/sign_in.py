"""Signing up, in and out, and who one is: the routes that need no store."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.viewsets import ViewSet

from tenants import actions, sign_in
from tenants.api.shapes import (
    CredentialsSerializer,
    MeSerializer,
    RefreshSerializer,
    SignedInSerializer,
    SignUpSerializer,
    TokensSerializer,
)
from tenants.models import User
from tenants.scoping.choice import memberships_of
from xeno.lib.errors import Mistake


class EmailTaken(Mistake):
    """Somebody has an account with this address; said only when all else was right."""

    code = "email_taken"
    message = "There is an account with this address. Sign in instead."


class SignInViewSet(ViewSet):
    """Signing up, in and out. A stale token in the header is no obstacle here."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=SignUpSerializer, responses={201: SignedInSerializer})
    def sign_up(self, request: Request) -> Response:
        """Make an account. It has no store until one is connected or somebody invites it."""
        form = read(SignUpSerializer, request)
        try:
            with transaction.atomic():
                user = actions.sign_up(**form)
        except Invalid as weak:
            raise ValidationError({"password": weak.messages}, "weak_password") from None
        except IntegrityError:
            raise EmailTaken(field="email") from None
        return Response(signed_in(user), status=201)

    @extend_schema(request=CredentialsSerializer, responses=SignedInSerializer)
    def log_in(self, request: Request) -> Response:
        """Get an access token, good for minutes, and a refresh token, good once."""
        return Response(
            signed_in(sign_in.check_credentials(**read(CredentialsSerializer, request)))
        )

    @extend_schema(request=RefreshSerializer, responses=TokensSerializer)
    def refresh(self, request: Request) -> Response:
        """Turn a refresh token into a new pair; used a second time it ends the sign-in."""
        return Response(sign_in.renew_sign_in(**read(RefreshSerializer, request))._asdict())

    @extend_schema(request=RefreshSerializer, responses={204: None})
    def log_out(self, request: Request) -> Response:
        """End the sign-in: its refresh token and its access tokens die at once."""
        sign_in.end_sign_in(**read(RefreshSerializer, request))
        return Response(status=204)


class MeViewSet(ViewSet):
    """Who one is."""

    permission_classes = (IsAuthenticated,)

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
    stores = memberships_of(user.pk, None).order_by("tenant__name", "tenant_id")
    return dict(MeSerializer({"user": user, "stores": stores}).data)


def signed_in(user: User) -> dict[str, Any]:
    """What a client gets that has just proved who it speaks for."""
    return {**sign_in.start_sign_in(user=user)._asdict(), **describe(user)}
