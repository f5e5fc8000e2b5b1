"""Signing in and staying signed in: tokens, their rotation and their end."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar

from django.contrib.auth import authenticate
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from tenants.auth import TokenNotValid, read_token
from tenants.models import SignIn, User
from xeno.lib.errors import Mistake

T = TypeVar("T", bound=Token)


class WrongCredentials(Mistake):
    """The same answer for an unknown address, a wrong password and a user who is shut out."""

    code = "wrong_credentials"
    status = 401
    message = "The e-mail address or the password is wrong."


class Tokens(NamedTuple):
    """What a client keeps: `access` for each request, `refresh` for the next pair."""

    access: str
    refresh: str


def check_credentials(*, email: str, password: str) -> User:
    """The user with this address and password; raises WrongCredentials.

    Django hashes the password for an unknown address as well: the time tells nothing.
    """
    user = authenticate(username=email.lower(), password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    return user


def start_sign_in(*, user: User) -> Tokens:
    """Sign the user in, in one more place; expired sign-ins are cleared away."""
    user.sign_ins.filter(expires_at__lt=timezone.now()).delete()
    sign_in = SignIn(user=user)
    refresh = make_token(RefreshToken, sign_in)
    sign_in.token_hash, sign_in.expires_at = hash_of(refresh), expiry_of(refresh)
    sign_in.save()
    return Tokens(str(make_token(AccessToken, sign_in)), str(refresh))


def renew_sign_in(*, refresh: str) -> Tokens:
    """A new pair for a refresh token, once. A second time ends the sign-in: two hold the token."""
    bearer, used = read_token(refresh, RefreshToken)
    sign_in = SignIn(pk=bearer.sign_in_id, user_id=bearer.user_id)
    fresh = make_token(RefreshToken, sign_in)
    if not User.objects.filter(pk=bearer.user_id, is_active=True).exists():
        raise TokenNotValid
    # One statement on one row: of two requests with the same token, one finds its hash gone.
    renewed = SignIn.objects.filter(
        pk=sign_in.pk, user_id=bearer.user_id, token_hash=hash_of(used)
    ).update(token_hash=hash_of(fresh), expires_at=expiry_of(fresh))
    if not renewed:
        SignIn.objects.filter(pk=sign_in.pk).delete()
        raise TokenNotValid
    return Tokens(str(make_token(AccessToken, sign_in)), str(fresh))


def end_sign_in(*, refresh: str) -> None:
    """Sign out: the refresh token and every access token of this sign-in die at once."""
    bearer, _ = read_token(refresh, RefreshToken)
    SignIn.objects.filter(pk=bearer.sign_in_id, user_id=bearer.user_id).delete()


def make_token(kind: type[T], sign_in: SignIn) -> T:
    """A token that says who and by which sign-in."""
    token = kind()
    token["user_id"], token["sid"] = str(sign_in.user_id), str(sign_in.pk)
    return token


def hash_of(token: Token) -> str:
    """What is kept of a refresh token; its id is random, so a plain hash hides it."""
    return sha256(token["jti"].encode()).hexdigest()


def expiry_of(token: Token) -> datetime:
    """When the token expires by itself."""
    return datetime.fromtimestamp(token["exp"], tz=UTC)
