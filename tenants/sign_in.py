"""Signing in and staying signed in: tokens, their rotation and their end."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar
from uuid import UUID

import structlog
from django.contrib.auth import authenticate
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework_simplejwt.tokens import Token

from tenants import two_factor
from tenants.auth import TokenNotValid, read_token
from tenants.lockout import FailedAttempt, attempt
from tenants.models import SignIn, User
from tenants.tokens import AccessToken, RefreshToken
from tenants.two_factor import OtpRequired, WrongOtp
from xeno.lib.errors import Mistake

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=Token)
MOST_SIGN_INS = 100


class WrongCredentials(FailedAttempt):
    """The same answer for an unknown address, a wrong password and a user who is shut out."""

    code = "wrong_credentials"
    message = "The e-mail address or the password is wrong."


class SignInNotFound(Mistake):
    """The sign-in has ended, or never was this user's."""

    code = "session_not_found"
    status = 404
    message = "You have no such session."


class Tokens(NamedTuple):
    """What a client keeps: `access` for each request, `refresh` for the next pair."""

    access: str
    refresh: str


def check_credentials(
    *, email: str, password: str, otp: str = "", address: str | None = None
) -> User:
    """The user with this address and password and, where it is on, this second factor.

    Raises WrongCredentials, OtpRequired, WrongOtp or TooManyAttempts. Django hashes the password
    for an unknown address as well: the time tells nothing.
    """
    email = email.strip().lower()
    with attempt(email=email, address=address):
        user = authenticate(username=email, password=password)
        if not isinstance(user, User):
            raise WrongCredentials
        if two_factor.is_on(user):
            if not otp:
                raise OtpRequired(user)
            if not two_factor.use_code(user=user, code=otp):
                raise WrongOtp
    return user


def check_second_step(*, user: User, otp: str, address: str | None) -> None:
    """The second page of signing in, after the password was right: WrongOtp, TooManyAttempts."""
    with attempt(email=user.email, address=address):
        if not two_factor.use_code(user=user, code=otp):
            raise WrongOtp


def start_sign_in(*, user: User, address: str | None = None, agent: str = "") -> Tokens:
    """Sign the user in, in one more place."""
    make_room(user)
    sign_in = SignIn(user=user, password_tag=user.password_tag, address=address, agent=agent)
    refresh = make_token(RefreshToken, sign_in)
    sign_in.token_hash, sign_in.expires_at = hash_of(refresh), expiry_of(refresh)
    sign_in.save()
    log.info("signed_in", user_id=user.pk)
    return Tokens(str(make_token(AccessToken, sign_in)), str(refresh))


def make_room(user: User) -> None:
    """Clear expired sign-ins away and, of very many, those that were not used for longest."""
    user.sign_ins.filter(expires_at__lt=timezone.now()).delete()
    kept = user.sign_ins.order_by("-last_used_at", "-pk").values_list("pk", flat=True)
    if beyond := list(kept[MOST_SIGN_INS - 1 :]):
        user.sign_ins.filter(pk__in=beyond).delete()


def renew_sign_in(*, refresh: str, address: str | None = None, agent: str = "") -> Tokens:
    """A new pair for a refresh token, once. A second time ends the sign-in: two hold the token."""
    bearer, used = read_token(refresh, RefreshToken)
    sign_in = SignIn(pk=bearer.sign_in_id, user_id=bearer.user_id)
    fresh = make_token(RefreshToken, sign_in)
    user = User.objects.filter(pk=bearer.user_id, is_active=True).first()
    if user is None:
        raise TokenNotValid
    # One statement on one row: of two requests with the same token, one finds its hash gone.
    renewed = live_rows(user).filter(pk=sign_in.pk, token_hash=hash_of(used)).update(
        token_hash=hash_of(fresh),
        expires_at=expiry_of(fresh),
        last_used_at=timezone.now(),
        address=address,
        agent=agent,
    )  # fmt: skip
    if not renewed:
        if SignIn.objects.filter(pk=sign_in.pk, user_id=user.pk).delete()[0]:
            log.warning("refresh_token_came_twice", user_id=user.pk)
        raise TokenNotValid
    return Tokens(str(make_token(AccessToken, sign_in)), str(fresh))


def end_sign_in(*, refresh: str) -> None:
    """Sign out: the refresh token and every access token of this sign-in die at once."""
    bearer, _ = read_token(refresh, RefreshToken)
    SignIn.objects.filter(pk=bearer.sign_in_id, user_id=bearer.user_id).delete()


def live_rows(user: User) -> QuerySet[SignIn]:
    """Where the user is signed in now: with the password that they have now."""
    return user.sign_ins.filter(expires_at__gt=timezone.now(), password_tag=user.password_tag)


def live_sign_ins(user: User) -> list[SignIn]:
    """Where the user is signed in, the one last used first."""
    return list(live_rows(user).order_by("-last_used_at", "pk")[:MOST_SIGN_INS])


def end_one(*, user: User, sign_in_id: UUID) -> None:
    """End one of the user's sign-ins; raises SignInNotFound."""
    if not user.sign_ins.filter(pk=sign_in_id).delete()[0]:
        raise SignInNotFound


def end_all(*, user: User, keep: UUID | None = None) -> None:
    """Sign the user out everywhere, but where `keep` says."""
    user.sign_ins.filter(~Q(pk=keep)).delete()
    log.info("signed_out_everywhere", user_id=user.pk)


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
