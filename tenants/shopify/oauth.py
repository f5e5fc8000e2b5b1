"""The way of a store to us: Shopify's authorization code grant, with tokens that expire."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec
import shopify
from django.conf import settings
from django.utils import timezone
from msgspec import Struct

from tenants.shopify import http
from tenants.shopify.client import API_VERSION
from tenants.shopify.errors import InstallRefused, ShopifyUnreachable, TokenRefused
from tenants.shopify.scopes import asked
from tenants.shopify.shop import base_url, read_shop


@dataclass(frozen=True, slots=True)
class Grant:
    """What Shopify grants: tokens, until when they are good, and the scopes."""

    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    refresh_expires_at: datetime | None


class TokenPayload(Struct):
    """Shopify's answer to a code or a refresh token; times are in seconds from now."""

    access_token: str
    scope: str
    expires_in: int | None = None
    refresh_token: str = ""
    refresh_token_expires_in: int | None = None


def session_class(secret: str) -> Any:
    """ShopifyAPI's Session with this app's key: a class of its own, so that nothing is global."""
    keys = {"api_key": settings.SHOPIFY_API_KEY, "secret": secret}
    return type("InstallSession", (shopify.Session,), keys)


def make_state() -> str:
    """A word that only the browser that sets out can bring back."""
    return secrets.token_urlsafe(32)


def permission_url(*, shop: str, state: str) -> str:
    """Where the merchant approves the install; raises ShopNotValid."""
    session = session_class(settings.SHOPIFY_API_SECRET)(read_shop(shop), API_VERSION)
    url: str = session.create_permission_url(asked(), callback_url(), state)
    return url.replace(f"https://{read_shop(shop)}", base_url(shop), 1)


def callback_url() -> str:
    """Where Shopify sends the merchant back; it must be among the app's redirect URLs."""
    return f"{settings.PUBLIC_URL}/shopify/callback"


def check_signed(params: Mapping[str, str]) -> None:
    """Raise InstallRefused unless Shopify signed these parameters, a day ago at most."""
    accepted = (settings.SHOPIFY_API_SECRET, settings.SHOPIFY_API_SECRET_PREVIOUS)
    try:
        signed = [session_class(key).validate_params(dict(params)) for key in accepted if key]
    except (ValueError, TypeError, UnicodeError) as error:  # a timestamp that is no number
        raise InstallRefused from error
    if not any(signed):
        raise InstallRefused


def exchange_code(*, shop: str, code: str) -> Grant:
    """The store's first tokens for the code of the callback; good once."""
    return ask_for_token(shop, {"code": code, "expiring": "1"})


def exchange_refresh_token(*, shop: str, refresh_token: str) -> Grant:
    """New tokens for the old refresh token; TokenRefused when Shopify knows it no more."""
    wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return ask_for_token(shop, wanted)


def ask_for_token(shop: str, wanted: Mapping[str, str]) -> Grant:
    """Shopify's grant; TokenRefused when it refuses, ShopifyUnreachable when it cannot say."""
    keys = {
        "client_id": settings.SHOPIFY_API_KEY,
        "client_secret": settings.SHOPIFY_API_SECRET,
    }
    response = http.post(f"{base_url(shop)}/admin/oauth/access_token", form={**keys, **wanted})
    if response.status_code >= 500 or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise ShopifyUnreachable
    if response.status_code != HTTPStatus.OK:
        raise TokenRefused
    try:
        payload = msgspec.json.decode(response.content, type=TokenPayload)
    except msgspec.DecodeError as error:
        raise ShopifyUnreachable from error
    return Grant(
        payload.access_token,
        payload.refresh_token,
        tuple(sorted(scope for scope in payload.scope.split(",") if scope)),
        moment(payload.expires_in),
        moment(payload.refresh_token_expires_in),
    )


def moment(seconds: int | None) -> datetime | None:
    """The instant in so many seconds; None for what does not expire."""
    return None if seconds is None else timezone.now() + timedelta(seconds=seconds)
