"""The page of the store's connection to Shopify: how it stands, and what one can do about it."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import find_store, holds
from tenants.scoping.display import NOTHING, Panel, label, moment
from tenants.shopify.errors import words_of
from tenants.shopify.scopes import Scope, explain
from tenants.shopify.standing import (
    History,
    Standing,
    State,
    history_of,
    lacks_history,
    scopes_of,
    standing_of,
)
from webhooks.backfill.models import Sync
from webhooks.models import Delivery

BUTTONS: dict[State, str] = {
    State.NEVER: "Connect",
    State.UNINSTALLED: "Connect again",
    State.TOKEN_DEAD: "Connect again",
}
RENEW = "Renew the connection"  # for new scopes, or a trouble that stays


def connection_page(request: HttpRequest, store: Tenant) -> dict[str, Any]:
    """What `admin/connection.html` shows to who manages the store."""
    standing = standing_of(store)
    sync = Sync.objects.order_by("-pk").prefetch_related("parts").first()
    return {
        "title": "Connection",
        "standing": standing,
        "facts": facts(store, standing, sync),
        "button": BUTTONS.get(standing.state, RENEW),
        "primary": standing.state != State.CONNECTED or bool(lacking(store)),
        "install": install_url(store.shop_domain),
        "sync": sync if sync and sync.state == Sync.State.RUNNING else None,
        "waits": words_of(sync.trouble) if sync else "",
        "history": history_of(store).value,
        "complete_since": moment(store.history_complete_since),
        "approved": settings.SHOPIFY_ALL_ORDERS,
        "scopes": scopes_panel(store, standing),
        "lacking": lacking(store) if standing.state == State.CONNECTED else [],
    }


def install_url(shop_domain: str) -> str:
    """Where the merchant sets out to connect this store."""
    return f"{reverse('shopify-install')}?{urlencode({'shop': shop_domain})}"


def facts(store: Tenant, standing: Standing, sync: Sync | None) -> list[tuple[str, str]]:
    """What is known of the connection, each with its name."""
    heard = Delivery.objects.order_by("-pk").values_list("received_at", flat=True).first()
    return [
        ("Shop", store.shop_domain),
        ("Since", moment(standing.since)),
        ("Last webhook", moment(heard) if heard else "none has come yet"),
        ("Last sync", told_of(sync)),
        ("Shopify plan", store.plan or NOTHING),
    ]


def told_of(sync: Sync | None) -> str:
    """When the newest sync ended, or what else there is to say of it."""
    if sync is None:
        return "none yet"
    if sync.state == Sync.State.RUNNING:
        return "runs now"
    ended = f"{moment(sync.finished_at)}, {sync.get_state_display().lower()}"
    return f"{ended}: {words_of(sync.trouble)}" if sync.trouble else ended


def lacking(store: Tenant) -> list[str]:
    """The scopes that we need and do not hold."""
    return [scope.name for scope in explain(scopes_of(store)) if scope.needed and not scope.held]


def scopes_panel(store: Tenant, standing: Standing) -> Panel:
    """Each scope, whether it is held, and what it is for."""
    gone = standing.state in (State.NEVER, State.UNINSTALLED)
    return Panel(
        "What the app may do in Shopify",
        ("Scope", "State", "What it is for"),
        [
            (
                scope.name,
                label("not granted yet") if gone else scope_label(scope),
                scope.reason,
            )
            for scope in explain(scopes_of(store))
        ],
        Right.MANAGE_STORE,
    )


def scope_label(scope: Scope) -> SafeString:
    """Whether it is held; a needed one that is not is a fault."""
    if scope.held:
        return label("held", "success")
    return label("missing", "danger" if scope.needed else "warning")


def history_banner(request: HttpRequest) -> dict[str, Any]:
    """For every page of a store whose history Shopify withholds: that it is so, and where one
    mends it, for who can."""
    store = find_store(request)
    if store is None or not lacks_history(store):
        return {}
    return {"history_banner": History.LIMITED.value, "mends": holds(request, Right.MANAGE_STORE)}
