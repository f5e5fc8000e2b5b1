"""Shapes of signing up and in."""

from typing import Any

from rest_framework import serializers

from tenants.models import Membership, SignIn, User
from tenants.roles import Role

# Longer than any sentence that somebody types, short enough to hash at no cost.
LONGEST_PASSWORD = 512


class OtpField(serializers.CharField):
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, "write_only": True, **kwargs})


class PasswordField(serializers.CharField):
    """A password, spaces and all."""

    def __init__(self, **kwargs: Any) -> None:
        fixed = {"max_length": LONGEST_PASSWORD, "trim_whitespace": False, "write_only": True}
        super().__init__(**{**fixed, **kwargs})


class CredentialsSerializer(serializers.Serializer[Any]):
    """What one signs in with."""

    email = serializers.EmailField(max_length=254)
    password = PasswordField()


class LogInSerializer(CredentialsSerializer):
    """What one signs in with; `otp` where two-factor sign-in is on."""

    otp = OtpField(required=False, default="", allow_blank=True)


class SignUpSerializer(CredentialsSerializer):
    """What one signs up with."""

    name = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)


class RefreshSerializer(serializers.Serializer[Any]):
    """The refresh token of a sign-in."""

    refresh = serializers.CharField(max_length=2000)


class TokensSerializer(serializers.Serializer[Any]):
    """A pair of tokens; a refresh token is good once."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class UserSerializer(serializers.Serializer[User]):
    """A person."""

    id = serializers.CharField()
    email = serializers.EmailField()
    email_confirmed = serializers.SerializerMethodField()
    name = serializers.CharField(allow_blank=True)

    def get_email_confirmed(self, user: User) -> bool:
        """Whether a link that was mailed to the address came back."""
        return user.email_confirmed_at is not None


class StoreSerializer(serializers.Serializer[Membership]):
    """A store of a person, with their role in it."""

    id = serializers.CharField(source="tenant.id")
    shop_domain = serializers.CharField(source="tenant.shop_domain")
    name = serializers.CharField(source="tenant.name")
    role = serializers.ChoiceField(choices=Role.choices)
    two_factor_required = serializers.BooleanField(source="tenant.require_two_factor")


class MeSerializer(serializers.Serializer[Any]):
    """A person and their stores."""

    user = UserSerializer()
    stores = StoreSerializer(many=True)


class SignedInSerializer(TokensSerializer, MeSerializer):
    """Tokens, and whose they are."""


class SessionSerializer(serializers.Serializer[Any]):
    """A place where one is signed in."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SignIn.Kind.choices)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(help_text="To some minutes.")
    address = serializers.CharField(allow_null=True, help_text="The IP address last seen.")
    agent = serializers.CharField(allow_blank=True, help_text="What the client calls itself.")
    current = serializers.BooleanField(help_text="Whether this request is of it.")


class SessionsSerializer(serializers.Serializer[Any]):
    """All places where one is signed in; there are at most 100."""

    results = SessionSerializer(many=True)


class ProofSerializer(serializers.Serializer[Any]):
    """The password, from somebody who is signed in."""

    password = PasswordField()


class OtpSerializer(serializers.Serializer[Any]):
    """A code, from somebody who is signed in."""

    otp = OtpField()


class TurnOffSerializer(ProofSerializer, OtpSerializer):
    """Both factors."""


class TwoFactorSerializer(serializers.Serializer[Any]):
    """Whether two-factor sign-in is on."""

    on = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    recovery_codes_left = serializers.IntegerField()


class SetupSerializer(serializers.Serializer[Any]):
    """What an authenticator app is set up with; it counts once a code of it was confirmed."""

    secret = serializers.CharField(help_text="To type in, in base32.")
    uri = serializers.CharField(help_text="To open on a phone: otpauth://totp/…")
    qr = serializers.CharField(help_text="To scan: an SVG image.")


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """Codes that open once each when the authenticator is lost. They are not shown again."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The password that one has, and the one that one wants."""

    old_password = PasswordField()
    new_password = PasswordField()


class ResetSerializer(serializers.Serializer[Any]):
    """Whose password is to be set anew."""

    email = serializers.EmailField(max_length=254)


class LinkSerializer(serializers.Serializer[Any]):
    """The end of a mailed link."""

    token = serializers.CharField(max_length=200)


class NewPasswordSerializer(LinkSerializer):
    """The end of a mailed link, and the new password."""

    password = PasswordField()
