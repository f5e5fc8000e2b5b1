"""A store's token, good when it is asked for: refreshed early, by one worker, without a lock.

Whoever refreshes takes a lease that runs out by itself, asks Shopify with no lock held, and
writes the new tokens only over the ones it read. A worker that dies in between loses nothing:
Shopify keeps the old refresh token good until the new one is first used.
"""

import time
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models import Tenant
from tenants.shopify.answer import Answer
from tenants.shopify.client import AdminApi
from tenants.shopify.errors import NotConnected, ShopifyUnreachable, TokenRefused
from tenants.shopify.oauth import Grant, exchange_refresh_token
from xeno.lib.leases import is_free

log = structlog.get_logger(__name__)

EARLY = timedelta(minutes=5)  # before it expires
LEASE = timedelta(seconds=60)
PATIENCE_SECONDS = 10.0  # while another worker refreshes
POLL_SECONDS = 0.25


class StoreApi(AdminApi):
    """The Admin API of a store of ours. A token that Shopify refuses is renewed once; what it
    refuses for good is noted with the store, until an answer comes again."""

    def __init__(self, tenant: Tenant) -> None:
        token = get_token(tenant=tenant)
        self.store = Tenant.objects.get(pk=tenant.pk)
        super().__init__(shop=tenant.shop_domain, token=token)

    def ask(self, name: str, **variables: Any) -> Answer:
        """As the base; raises TokenRefused only when there is no other token to be had."""
        try:
            answer = super().ask(name, **variables)
        except TokenRefused:
            answer = self.ask_anew(name, **variables)
        if self.store.trouble:
            forget_trouble(self.store)
        return answer

    def ask_anew(self, name: str, **variables: Any) -> Answer:
        """The answer with a new token; raises TokenRefused, and notes it."""
        self.headers = {"X-Shopify-Access-Token": renew(self.store)}
        self.store.refresh_from_db()
        try:
            return super().ask(name, **variables)
        except TokenRefused:
            note_trouble(self.store, TokenRefused.code)
            raise


def get_api(*, tenant: Tenant) -> StoreApi:
    """The store's Admin API with a good token.

    Raises NotConnected, TokenRefused, or ShopifyUnreachable when it cannot be refreshed now.
    """
    return StoreApi(tenant)


def get_token(*, tenant: Tenant) -> str:
    """A token that is good for minutes yet; raises as `get_api`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        store = Tenant.objects.get(pk=tenant.pk)
        if not store.access_token:
            raise NotConnected
        token: str = store.access_token
        if is_fresh(store):
            return token
        if take_lease(store):
            return refresh(store)
        # Another worker is at it: an old token that is still good serves meanwhile.
        if store.token_expires_at and store.token_expires_at > timezone.now():
            return token
        if time.monotonic() > deadline:
            raise ShopifyUnreachable
        time.sleep(POLL_SECONDS)


def is_fresh(store: Tenant) -> bool:
    """Whether the token needs no refresh yet; one without an expiry never does."""
    return store.token_expires_at is None or store.token_expires_at - EARLY > timezone.now()


def take_lease(store: Tenant) -> bool:
    """Become the one that refreshes; by the database's clock."""
    free = is_free("token_held_until", longest=LEASE)
    taken = Tenant.objects.filter(free, pk=store.pk, token_version=store.token_version)
    return bool(taken.update(token_held_until=Now() + LEASE))


def refresh(store: Tenant) -> str:
    """New tokens for the old; gives the new access token, or the one that came in between."""
    try:
        grant = exchange_refresh_token(shop=store.shop_domain, refresh_token=store.refresh_token)
    except TokenRefused:
        # A reinstall may have brought a token meanwhile: then the refusal was of an old one.
        if not note_trouble(store, TokenRefused.code):
            return get_token(tenant=store)
        raise
    except ShopifyUnreachable:
        Tenant.objects.filter(pk=store.pk, token_version=store.token_version).update(
            token_held_until=None
        )
        raise
    if not save_grant(tenant=store, grant=grant, version=store.token_version):
        return get_token(tenant=store)
    return grant.access_token


def renew(store: Tenant) -> str:
    """Another token for one that was refused; raises TokenRefused, and notes it, when there is
    none, ShopifyUnreachable while another worker fetches it."""
    now = Tenant.objects.get(pk=store.pk)
    if now.token_version != store.token_version:
        return get_token(tenant=now)
    if not now.refresh_token:
        note_trouble(now, TokenRefused.code)
        raise TokenRefused
    if not take_lease(now):
        raise ShopifyUnreachable
    return refresh(now)


def save_grant(*, tenant: Tenant, grant: Grant, version: int) -> bool:
    """Keep the tokens if those of this version are still the store's; False otherwise."""
    kept = Tenant.objects.filter(pk=tenant.pk, token_version=version)
    return bool(
        kept.update(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            token_expires_at=grant.expires_at,
            refresh_expires_at=grant.refresh_expires_at,
            token_version=F("token_version") + 1,
            token_held_until=None,
            trouble="",
            trouble_at=None,
        )
    )


def note_trouble(store: Tenant, code: str) -> bool:
    """Note why the store cannot be asked, and since when; False when it has other tokens by now."""
    broken = Tenant.objects.filter(pk=store.pk, token_version=store.token_version)
    if broken.exclude(trouble=code).update(trouble=code, trouble_at=Now()):
        log.warning("connection_broken", tenant_id=store.pk, code=code)
    return bool(broken.update(token_held_until=None))


def forget_trouble(store: Tenant) -> None:
    """Note that the store can be asked again, as after its owner has paid Shopify's bill."""
    Tenant.objects.filter(pk=store.pk).update(trouble="", trouble_at=None)
    store.trouble = ""
