"""The stores that one may open."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import (
    TenantModelAdmin,
    find_store,
    get_user,
    is_operator,
)
from tenants.scoping.choice import SECRETS
from tenants.scoping.display import label
from tenants.stores import search_stores, stores_of


@admin.register(Tenant)
class StoreAdmin(TenantModelAdmin[Tenant]):
    """The stores that one may open; the open one can be renamed by who manages it.

    A token is shown nowhere, and no button deletes a store.
    """

    rights = {"change": Right.MANAGE_STORE}
    list_display = ("name", "shop_domain", "currency", "timezone", "connection")
    ordering = ("shop_domain",)
    sortable_by = ("shop_domain",)
    search_fields = ("shop_domain",)
    search_help_text = "Name or domain begins with"
    fields = (
        "name", "timezone", "shop_domain", "currency", "plan", "connection", "history",
        "installed_at", "uninstalled_at", "created_at",
    )  # fmt: skip
    readonly_fields = fields[2:]
    labels = {"timezone": "Time zone"}
    help_texts = {"timezone": "Such as Europe/London: the store's days begin and end by it."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        return stores_of(get_user(request)).defer(*SECRETS)

    def find(self, queryset: QuerySet[Tenant], term: str) -> QuerySet[Tenant]:
        return search_stores(queryset, term)

    def has_view_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        # Whoever is a member may see that the store exists; get_queryset shows no other.
        return find_store(request) is not None or is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        # Only the open store: its audit trail is where the change is noted.
        return super().has_change_permission(request, obj) and obj in (None, find_store(request))

    @admin.display(description="Connection")
    def connection(self, store: Tenant) -> SafeString:
        """Whether Shopify and this install know each other."""
        if store.uninstalled_at:
            return label("uninstalled", "danger")
        return label("connected", "success") if store.installed_at else label("not connected")

    @admin.display(description="History")
    def history(self, store: Tenant) -> str:
        """Whether all orders are here, on which the totals' source hangs."""
        if store.history_complete:
            return "Complete: totals are computed from the orders held here."
        return "Older orders may be missing: Shopify's own totals win."
