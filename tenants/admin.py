"""Stores, the team of the open store, the audit trail; users for the install's operators."""

from typing import Any

import structlog
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, TextField
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants import team
from tenants.models import AuditEntry, Membership, Tenant, User
from tenants.roles import Right, Role
from tenants.scoping.admin import (
    TenantModelAdmin,
    find_store,
    get_store,
    get_user,
    is_operator,
)
from tenants.scoping.choice import SECRETS
from tenants.scoping.display import NOTHING, label, moment
from tenants.scoping.filtering import ChoiceFilter, DayRangeFilter
from tenants.stores import search_stores, stores_of
from xeno.lib.errors import Mistake

log = structlog.get_logger(__name__)


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


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A member's role; what may be chosen is what the signed-in user may give."""

    actor: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            roles = team.givable_roles(actor=self.actor, tenant=self.instance.tenant)
            self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]

    def clean_role(self) -> str:
        """Refuse, in words, what tenants/team.py refuses."""
        role = Role(self.cleaned_data["role"])
        try:
            team.check_role_change(actor=self.actor, membership=self.instance, role=role)
        except Mistake as mistake:
            raise ValidationError(str(mistake), code=mistake.code) from mistake
        return role.value


@admin.register(Membership)
class TeamAdmin(TenantModelAdmin[Membership]):
    """Who works in the open store, and as what."""

    rights = dict.fromkeys(("view", "change", "delete"), Right.MANAGE_TEAM)
    list_display = ("person", "what", "since", "last_seen")
    list_select_related = ("user",)
    ordering = ("pk",)
    fields = ("person", "role", "since", "last_seen")
    readonly_fields = ("person", "since", "last_seen")
    form = RoleForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        # Memberships are shared between stores (no policy fences them): this is the fence.
        members = Membership.objects.filter(tenant=get_store(request))
        return members.select_related("user", "tenant").defer(*(f"tenant__{s}" for s in SECRETS))

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        # A class of its own for each request, so that no two share the actor.
        return type("RoleForm", (form,), {"actor": get_user(request)})

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.touchable(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.touchable(request, obj)

    def touchable(self, request: HttpRequest, member: Membership | None) -> bool:
        """Whether the rules let the user touch this member at all."""
        try:
            if member is not None:
                team.check_touchable(actor=get_user(request), membership=member)
        except Mistake:
            return False
        return True

    def get_actions(self, request: HttpRequest) -> Any:
        return {}  # members leave one by one, each under the rules

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        team.change_role(actor=get_user(request), membership=obj, role=Role(obj.role))

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        team.remove(actor=get_user(request), membership=obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Mistake as mistake:
            messages.error(request, str(mistake))
            return HttpResponseRedirect(reverse("admin:tenants_membership_changelist"))

    @admin.display(description="Member")
    def person(self, member: Membership) -> str:
        """Name and address."""
        user = member.user
        return f"{user.name} ({user.email})" if user.name else user.email

    @admin.display(description="Role")
    def what(self, member: Membership) -> SafeString:
        """The role as a label."""
        return label(member.get_role_display(), "primary" if member.role == Role.OWNER else "")

    @admin.display(description="Member since")
    def since(self, member: Membership) -> str:
        """When they joined the store."""
        return moment(member.created_at)

    @admin.display(description="Last sign-in")
    def last_seen(self, member: Membership) -> str:
        """When they last signed in, to any store."""
        return moment(member.user.last_login)


class ActiveFilter(ChoiceFilter):
    """Those who may sign in, or may not."""

    title = "may sign in"
    parameter_name = "active"
    options = [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.options):
            return queryset
        return queryset.filter(is_active=self.value() == "yes")


@admin.register(User)
class UserAdmin(TenantModelAdmin[User]):
    """Everybody with a login: for the install's operators alone."""

    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    ordering = ("email",)
    sortable_by = ("email",)
    list_filter = (ActiveFilter,)
    search_fields = ("email",)
    search_help_text = "E-mail begins with"
    fields = ("email", "name", "is_active", "is_superuser", "last_login", "created_at")
    readonly_fields = ("last_login", "created_at")

    def may(self, request: HttpRequest, verb: str) -> bool:
        return verb in ("view", "change") and is_operator(request)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        # Nobody locks themselves out.
        own = ("is_active", "is_superuser") if obj == request.user else ()
        return (*super().get_readonly_fields(request, obj), *own)

    def find(self, queryset: QuerySet[User], term: str) -> QuerySet[User]:
        key = Lower("email", output_field=TextField())
        return queryset.alias(email_key=key).filter(email_key__prefix=term)

    def audit(self, request: HttpRequest, verb: str, obj: Any, fields: Any = ()) -> None:
        # A user belongs to no store, so no store's trail may tell of them: the log does.
        log.info("user_changed", actor_id=request.user.pk, user_id=obj.pk, fields=list(fields))


@admin.register(AuditEntry)
class AuditAdmin(TenantModelAdmin[AuditEntry]):
    """Who did what in the open store; nobody may change or delete a line of it."""

    rights = {"view": Right.MANAGE_TEAM}
    empty_text = "Whatever somebody changes in this store is noted here."
    list_display = ("happened_at", "who", "action", "what", "changed")
    list_select_related = ("actor",)
    ordering = ("-pk",)
    list_filter = (("happened_at", DayRangeFilter),)
    fields = ("happened_at", "who", "action", "what", "changed", "address")

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        """The person, or the system."""
        return str(entry.actor) if entry.actor else "Xeno"

    @admin.display(description="Object")
    def what(self, entry: AuditEntry) -> SafeString:
        """What it was done to."""
        return format_html("{} {}", entry.object_type.partition(".")[2], entry.object_id)

    @admin.display(description="Fields")
    def changed(self, entry: AuditEntry) -> str:
        """The names of the fields that changed."""
        return ", ".join(entry.fields) or NOTHING
