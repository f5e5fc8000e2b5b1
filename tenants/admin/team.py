"""The team of the open store."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from tenants import team
from tenants.models import Membership, User
from tenants.roles import Right, Role
from tenants.scoping.admin import (
    TenantModelAdmin,
    get_store,
    get_user,
)
from tenants.scoping.choice import SECRETS
from tenants.scoping.display import label, moment
from xeno.lib.errors import Mistake


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
