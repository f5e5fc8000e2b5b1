"""One's own account: where one is signed in, the second factor, the password, the address."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.core.exceptions import ValidationError as Invalid
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from tenants import confirmation, passwords, sign_in, two_factor
from tenants.api.shapes import (
    LinkSerializer,
    NewPasswordSerializer,
    OtpSerializer,
    PasswordChangeSerializer,
    ProofSerializer,
    RecoveryCodesSerializer,
    ResetSerializer,
    SessionSerializer,
    SessionsSerializer,
    SetupSerializer,
    SignedInSerializer,
    TurnOffSerializer,
    TwoFactorSerializer,
)
from tenants.api.sign_in import read, signed_in, weak_password
from tenants.auth import IsPerson
from tenants.models import SignIn, User
from tenants.scoping.visit import get_visit
from xeno.lib.api.requests import client_address

ERRORS = {
    "403": "`person_required`: an API key has no account.",
    "429": "`too_many_attempts`: come again after Retry-After seconds.",
}


class OfAccount(ViewSet):
    """What a person, and no API key, does with their own account; it needs no store."""

    permission_classes = (IsPerson,)
    errors: ClassVar[dict[str, str]] = ERRORS

    @property
    def user(self) -> User:
        """Whose account it is."""
        return cast(User, self.request.user)

    @property
    def proof(self) -> dict[str, Any]:
        """Whose attempts are counted, and from where."""
        return {"user": self.user, "address": client_address(self.request)}

    @property
    def current(self) -> UUID | None:
        """The sign-in that this request is of."""
        return get_visit(self.request).sign_in_id


class SessionViewSet(OfAccount):
    """Where one is signed in."""

    errors: ClassVar[dict[str, str]] = {**ERRORS, "404": "`session_not_found`."}

    @extend_schema(responses=SessionsSerializer)
    def list_sessions(self, request: Request) -> Response:
        """Where you are signed in: browsers and apps, the one last used first."""
        shown = [self.show(row) for row in sign_in.live_sign_ins(self.user)]
        return Response({"results": shown})

    def show(self, row: SignIn) -> dict[str, Any]:
        """A sign-in, and whether it is the one that asks."""
        row.current = row.pk == self.current  # type: ignore[attr-defined]  # shown only here
        return dict(SessionSerializer(row).data)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("session_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    def end_session(self, request: Request, session_id: str) -> Response:
        """End one of them: its tokens, or its browser's session, die at once."""
        try:
            wanted = UUID(session_id)
        except ValueError:
            raise sign_in.SignInNotFound from None
        sign_in.end_one(user=self.user, sign_in_id=wanted)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def log_out_everywhere(self, request: Request) -> Response:
        """End all of them, this one as well."""
        sign_in.end_all(user=self.user)
        return Response(status=204)


class TwoFactorViewSet(OfAccount):
    """The second factor."""

    errors: ClassVar[dict[str, str]] = {
        **ERRORS,
        "409": "`two_factor_is_on`, or `two_factor_is_off`: it is not what the request is for.",
    }

    @extend_schema(responses=TwoFactorSerializer)
    def get_two_factor(self, request: Request) -> Response:
        """Whether it is on."""
        return Response(TwoFactorSerializer(two_factor.state_of(self.user)).data)

    @extend_schema(request=ProofSerializer, responses=SetupSerializer)
    def start_two_factor(self, request: Request) -> Response:
        """Get a secret for an authenticator app; it counts once a code of it was confirmed."""
        setup = two_factor.start(**read(ProofSerializer, request), **self.proof)
        return Response(SetupSerializer(setup).data)

    @extend_schema(request=OtpSerializer, responses=RecoveryCodesSerializer)
    def confirm_two_factor(self, request: Request) -> Response:
        """Turn it on by a first code. Every other sign-in ends; keep the recovery codes well."""
        code = read(OtpSerializer, request)["otp"]
        codes = two_factor.confirm(code=code, keep=self.current, **self.proof)
        return Response({"recovery_codes": codes})

    @extend_schema(request=OtpSerializer, responses=RecoveryCodesSerializer)
    def renew_recovery_codes(self, request: Request) -> Response:
        """Get new recovery codes; the old ones open nothing any more."""
        codes = two_factor.renew_recovery_codes(**read(OtpSerializer, request), **self.proof)
        return Response({"recovery_codes": codes})

    @extend_schema(request=TurnOffSerializer, responses={204: None})
    def turn_off_two_factor(self, request: Request) -> Response:
        """Go back to the password alone. Every other sign-in ends."""
        form = read(TurnOffSerializer, request)
        two_factor.turn_off(**form, keep=self.current, **self.proof)
        return Response(status=204)


class PasswordViewSet(OfAccount):
    """Changing the password, and asking for the link that confirms the address."""

    @extend_schema(request=PasswordChangeSerializer, responses=SignedInSerializer)
    def change_password(self, request: Request) -> Response:
        """Change the password. Every sign-in ends, this one as well: go on with the new tokens."""
        try:
            passwords.change(**read(PasswordChangeSerializer, request), **self.proof)
        except Invalid as weak:
            raise weak_password(weak, "new_password") from None
        return Response(signed_in(request, self.user))

    @extend_schema(request=None, responses={202: None})
    def resend_confirmation(self, request: Request) -> Response:
        """Have the link mailed again that confirms your address, if it is not confirmed yet."""
        confirmation.ask_confirmation(user=self.user)
        return Response(status=202)


class MailedLinkViewSet(ViewSet):
    """What one does without being signed in, by a link that came by mail."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=ResetSerializer, responses={202: None})
    def reset_password(self, request: Request) -> Response:
        """Have a link mailed for a new password. The answer is the same without an account."""
        passwords.ask_reset(**read(ResetSerializer, request))
        return Response(status=202)

    @extend_schema(request=NewPasswordSerializer, responses={204: None})
    def confirm_password_reset(self, request: Request) -> Response:
        """Set a new password by the link, once. Every sign-in ends; sign in anew."""
        try:
            passwords.confirm_reset(
                **read(NewPasswordSerializer, request), address=client_address(request)
            )
        except Invalid as weak:
            raise weak_password(weak) from None
        return Response(status=204)

    @extend_schema(request=LinkSerializer, responses={204: None})
    def confirm_email(self, request: Request) -> Response:
        """Confirm by the link, once, that the address is yours."""
        confirmation.confirm_address(**read(LinkSerializer, request))
        return Response(status=204)
