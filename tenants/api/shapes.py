"""Shapes of signing up and in."""

from typing import Any

from rest_framework import serializers

from tenants.models import Membership, User
from tenants.roles import Role

# Longer than any sentence that somebody types, short enough to hash at no cost.
LONGEST_PASSWORD = 512


class CredentialsSerializer(serializers.Serializer[Any]):
    """What one signs in with."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True
    )


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
    name = serializers.CharField(allow_blank=True)


class StoreSerializer(serializers.Serializer[Membership]):
    """A store of a person, with their role in it."""

    id = serializers.CharField(source="tenant.id")
    shop_domain = serializers.CharField(source="tenant.shop_domain")
    name = serializers.CharField(source="tenant.name")
    role = serializers.ChoiceField(choices=Role.choices)


class MeSerializer(serializers.Serializer[Any]):
    """A person and their stores."""

    user = UserSerializer()
    stores = StoreSerializer(many=True)


class SignedInSerializer(TokensSerializer, MeSerializer):
    """Tokens, and whose they are."""
