"""JSON Web Tokens that name the secret which signed them, so that secrets can be exchanged.

simplejwt knows one key. Here JWT_SECRET signs, and those of JWT_SECRETS_PREVIOUS still verify.
"""

from hashlib import sha256
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import AccessToken as PlainAccessToken
from rest_framework_simplejwt.tokens import RefreshToken as PlainRefreshToken

ALGORITHM = "HS256"


def key_id(secret: str) -> str:
    """The name of a secret: tells which it is, and nothing of what it is."""
    return sha256(secret.encode()).hexdigest()[:8]


class KeyRing(TokenBackend):
    """Signs with the current secret, verifies with the one that the token names.

    A token that names none is of a time before key ids: the current secret's, or nobody's.
    """

    def get_verifying_key(self, token: Any) -> str:
        name = jwt.get_unverified_header(token).get("kid")
        if name is None:
            return str(settings.JWT_SECRET)
        for secret in (settings.JWT_SECRET, *settings.JWT_SECRETS_PREVIOUS):
            if key_id(secret) == name:
                return str(secret)
        raise jwt.InvalidTokenError("There is no such secret.")

    def encode(self, payload: dict[str, Any]) -> str:
        secret = settings.JWT_SECRET
        return jwt.encode(payload, secret, algorithm=ALGORITHM, headers={"kid": key_id(secret)})


# Only this algorithm is ever read: neither `none` nor a public key in the place of a secret.
KEYS = KeyRing(ALGORITHM, settings.JWT_SECRET)


class AccessToken(PlainAccessToken):
    """Says for minutes who speaks, at every request."""

    _token_backend = KEYS


class RefreshToken(PlainRefreshToken):
    """Good once, for the next pair."""

    _token_backend = KEYS
