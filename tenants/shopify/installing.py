"""A store comes to us: the merchant sets out, Shopify sends them back, we keep what it grants."""

import hmac
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from tenants import actions
from tenants.audit import Actor, save_audit
from tenants.models import Membership, Tenant
from tenants.roles import Role
from tenants.shopify.client import AdminApi
from tenants.shopify.errors import InstallRefused
from tenants.shopify.oauth import Grant, check_signed, exchange_code, make_state, permission_url
from tenants.shopify.shop import read_shop
from xeno.lib.postgres.scope import tenant_scope

SESSION_KEY = "shopify_install"
LONGEST_SECONDS = 15 * 60  # for the merchant to read what the app asks for

# What upper apps begin once a store is connected, such as fetching its history; called within
# the store's scope and the install's transaction.
AFTER_INSTALL: list[Callable[[Tenant, Actor], object]] = []


def set_out(*, session: MutableMapping[str, Any], shop: str) -> str:
    """Note in the browser's session that it sets out; gives where to send it.

    Raises ShopNotValid. A second start takes the place of the first.
    """
    wanted, state = read_shop(shop), make_state()
    session[SESSION_KEY] = {"state": state, "shop": wanted, "at": time.time()}
    return permission_url(shop=wanted, state=state)


def come_back(
    *, session: MutableMapping[str, Any], params: Mapping[str, str], actor: Actor
) -> Tenant:
    """The store that Shopify has just granted; it belongs to who set out, in this browser.

    Raises InstallRefused for parameters that Shopify did not sign, that another browser set out
    for, that are old, or that were used before; TokenRefused and ShopifyUnreachable.
    """
    # Taken out first: whatever comes of it, the same way back is not open twice.
    begun = session.pop(SESSION_KEY, None) or {}
    check_signed(params)
    same_state = hmac.compare_digest(
        str(begun.get("state", "")).encode(), params.get("state", "").encode()
    )
    fresh = time.time() - float(begun.get("at", 0)) < LONGEST_SECONDS
    if not (begun and same_state and fresh and begun.get("shop") == params.get("shop")):
        raise InstallRefused
    shop = read_shop(params["shop"])
    grant = exchange_code(shop=shop, code=params.get("code", ""))
    told = AdminApi(shop=shop, token=grant.access_token).ask("shop").data
    if told["shop"]["myshopifyDomain"] != shop:
        raise InstallRefused
    return save_install(shop=shop, grant=grant, told=told["shop"], actor=actor)


@transaction.atomic
def save_install(*, shop: str, grant: Grant, told: Mapping[str, Any], actor: Actor) -> Tenant:
    """Keep the tokens and what Shopify says of the store; who completed the install owns it.

    A store that was here before picks up where it was, with its team and its data.
    """
    tenant = Tenant.objects.select_for_update().filter(shop_domain=shop).first()
    details = {
        "name": told["name"],
        "currency": told["currencyCode"],
        "timezone": told["ianaTimezone"],
    }
    if tenant is None:
        tenant = actions.create_store(shop_domain=shop, **details)
    Tenant.objects.filter(pk=tenant.pk).update(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        token_expires_at=grant.expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        token_version=F("token_version") + 1,
        token_held_until=None,
        scopes=",".join(grant.scopes),
        scopes_at=Now(),
        installed_at=Now(),
        uninstalled_at=None,
        trouble="",
        trouble_at=None,
    )
    tenant.refresh_from_db()
    if actor.user and not Membership.objects.filter(tenant=tenant, user=actor.user).exists():
        # Shopify let them install an app: they manage the shop, whoever else is in our team.
        actions.save_member(tenant=tenant, user=actor.user, role=Role.OWNER)
    with tenant_scope(tenant.pk):
        save_audit(actor=actor, action="store.connected", target=tenant)
        for begin in AFTER_INSTALL:
            begin(tenant, actor)
    return tenant
