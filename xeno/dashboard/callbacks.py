"""What unfold asks for while it draws a page: the sidebar and the label of the environment."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from tenants.roles import Right
from tenants.scoping.admin import find_store, holds
from tenants.shopify.standing import standing_of
from webhooks.models import Delivery, State

MOST_PARKED = 99

# Title of the group, then the models in it, each with its icon.
GROUPS: list[tuple[str, list[tuple[str, str]]]] = [
    ("Customers", [("customers.Customer", "group"), ("segments.Segment", "filter_alt")]),
    (
        "Campaigns",
        [
            ("campaigns.Campaign", "campaign"),
            ("campaigns.Template", "draft"),
            ("campaigns.Suppression", "block"),
            ("campaigns.Sender", "alternate_email"),
            ("campaigns.Topic", "topic"),
            ("campaigns.LocalMail", "mark_email_unread"),
        ],
    ),
    (
        "Sales",
        [
            ("orders.Order", "receipt_long"),
            ("orders.Checkout", "shopping_cart"),
            ("orders.Product", "inventory_2"),
        ],
    ),
    (
        "Store",
        [
            ("webhooks.Delivery", "sync_alt"),
            ("webhooks.Sync", "cloud_sync"),
            ("webhooks.Edit", "outbox"),
            ("webhooks.PrivacyRequest", "privacy_tip"),
            ("tenants.Membership", "badge"),
            ("tenants.Invitation", "mail"),
            ("tenants.ApiKey", "key"),
            ("tenants.Tenant", "storefront"),
            ("tenants.AuditEntry", "history"),
        ],
    ),
    ("Files", [("webhooks.Export", "download"), ("webhooks.Import", "upload")]),
    ("Install", [("tenants.User", "manage_accounts")]),
]


def environment(request: HttpRequest) -> list[str] | None:
    """A label that tells a trial install from the one with real customers in it."""
    return None if settings.PRODUCTION else ["Development", "info"]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: home, and each page that the user's rights in the open store allow."""
    home = {"title": "Home", "icon": "home", "link": reverse("admin:index")}
    groups = [{"items": [home]}]
    for title, entries in GROUPS:
        items = [item for label, icon in entries if (item := menu_item(request, label, icon))]
        if title == "Store":
            items = [*connection_item(request), *items]
        if title == "Campaigns":
            items = [*items, *sending_item(request)]
        if title == "Customers":
            items += predictions_item(request)
        if items:
            groups.append({"title": title, "separator": True, "items": items})  # type: ignore[dict-item]
    return groups


def menu_item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    """One page of the sidebar, or None when the user may not open it."""
    registered = {model._meta.label: page for model, page in admin.site._registry.items()}
    page = registered.get(label)
    if page is None or not page.has_view_permission(request):
        return None
    meta = page.opts
    return {
        "title": capfirst(str(meta.verbose_name_plural)),
        "icon": icon,
        "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
        "badge": parked_badge(request) if label == "webhooks.Delivery" else None,
        "badge_variant": "danger",
    }


def predictions_item(request: HttpRequest) -> list[dict[str, Any]]:
    """The page of what is expected of customers, below them."""
    if find_store(request) is None or not holds(request, Right.VIEW_ANALYTICS):
        return []
    link = reverse("admin:predictions")
    return [{"title": "Predictions", "icon": "online_prediction", "link": link}]


def connection_item(request: HttpRequest) -> list[dict[str, Any]]:
    """The page of the store's connection, with a mark when Shopify and we have lost each other."""
    store = find_store(request)
    if store is None or not holds(request, Right.MANAGE_STORE):
        return []
    lost = standing_of(store).kind in ("danger", "warning")
    link = reverse("admin:connection")
    badge = {"badge": "!" if lost else None, "badge_variant": "danger"}
    return [{"title": "Connection", "icon": "cable", "link": link, **badge}]


def sending_item(request: HttpRequest) -> list[dict[str, Any]]:
    """The page of the rules by which campaigns are sent."""
    if not holds(request, Right.VIEW_CAMPAIGNS):
        return []
    return [
        {"title": "Sending settings", "icon": "tune", "link": reverse("admin:sending_settings")}
    ]


def parked_badge(request: HttpRequest) -> str | None:
    """How many deliveries wait for somebody to look, read from their small partial index."""
    if find_store(request) is None or not holds(request, Right.MANAGE_STORE):
        return None
    parked = Delivery.objects.filter(state=State.PARKED).values("pk")[: MOST_PARKED + 1].count()
    return (f"{MOST_PARKED}+" if parked > MOST_PARKED else str(parked)) if parked else None
