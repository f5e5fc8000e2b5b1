"""The stores that one may open."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action

from tenants import team
from tenants.admin.confirming import ActingAdmin
from tenants.audit import Actor, get_actor
from tenants.members import members_of
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import find_store, get_user, is_operator
from tenants.scoping.choice import SECRETS
from tenants.scoping.display import label
from tenants.store_settings import change_store, check_requires
from tenants.stores import search_stores, stores_of
from xeno.lib.errors import Mistake


class StoreForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a store's managers set."""

    actor: Actor

    def clean_require_two_factor(self) -> bool:
        """Refuse, in words, what tenants/store_settings.py refuses."""
        wanted = bool(self.cleaned_data["require_two_factor"])
        if wanted and not self.initial.get("require_two_factor"):
            try:
                check_requires(self.actor)
            except Mistake as mistake:
                raise ValidationError(str(mistake), code=mistake.code) from mistake
        return wanted


@admin.register(Tenant)
class StoreAdmin(ActingAdmin[Tenant]):
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
        "name", "timezone", "require_two_factor", "shop_domain", "currency", "plan",
        "connection", "history", "installed_at", "uninstalled_at", "created_at",
    )  # fmt: skip
    readonly_fields = fields[3:]
    actions_detail = ("leave",)
    form = StoreForm
    labels = {"timezone": "Time zone"}
    help_texts = {
        "timezone": "Such as Europe/London: the store's days begin and end by it.",
        "require_two_factor": "Whoever of the team has no second factor is led to set one up"
        " before they see anything of the store. API keys are not concerned.",
    }

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

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type("StoreForm", (form,), {"actor": Actor(get_user(request))})

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        wanted = {name: form.cleaned_data[name] for name in form.changed_data}
        change_store(actor=get_actor(request), tenant=obj, **wanted)

    # --- Leaving ----------------------------------------------------------------------------
    def has_leave_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Members may leave the store that is open."""
        store, user = find_store(request), get_user(request)
        if store is None or (object_id is not None and str(object_id) != str(store.pk)):
            return False
        return members_of(store).filter(user=user).exists()

    @action(description="Leave the store", permissions=["leave"], icon="logout")  # type: ignore[untyped-decorator]
    def leave(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first, then take the signed-in user out of the team."""
        store = self.get_object(request, object_id)
        if store is None:
            raise Http404
        return self.confirm(
            request,
            title="Leave the store",
            says=f"You leave the team of {store.name}, and see nothing of it any more. API keys"
            " that you made end, and so do invitations that you sent.",
            act=lambda: team.leave(actor=get_actor(request), tenant=store),
            done=f"You have left {store.name}.",
            back=reverse("admin:index"),
        )

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
