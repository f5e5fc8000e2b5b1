"""The team of the open store."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import action

from tenants import team
from tenants.admin.confirming import ActingAdmin
from tenants.admin.rights import SHOWN, RightsField, notes_of, toggled
from tenants.audit import Actor, get_actor
from tenants.giving import is_owner, rights_held
from tenants.members import described_members, exceptions_of, members_of
from tenants.models import Membership
from tenants.roles import Right, Role, rights_with
from tenants.scoping.admin import get_store, get_user
from tenants.scoping.display import NOTHING, label, moment
from xeno.lib.errors import Mistake

RIGHTS_HELP = (
    "Tick to grant a right to this person alone, untick to take it from them alone. A role that"
    " you change above brings its own rights; boxes that you leave as they are follow it."
)


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]
    """A member's role and single rights; what may be chosen is what the signed-in user may give."""

    actor: Actor
    allowed = RightsField(label="Rights", help_text=RIGHTS_HELP)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        member, tenant = self.instance, self.instance.tenant
        if "role" in self.fields:
            roles = team.givable_roles(self.actor, tenant)
            self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        if "allowed" in self.fields:
            role, exceptions = Role(member.role), exceptions_of(member)
            widget: Any = self.fields["allowed"].widget
            widget.notes = notes_of(role, exceptions)
            widget.closed = frozenset(Right.values) - rights_held(self.actor, tenant)
            self.initial["allowed"] = [right.value for right in rights_with(role, exceptions)]

    def clean_role(self) -> str:
        """Refuse, in words, what tenants/team.py refuses."""
        role = Role(self.cleaned_data["role"])
        before = members_of(self.instance.tenant).get(pk=self.instance.pk)
        try:
            team.check_role_change(actor=self.actor, membership=before, role=role)
        except Mistake as mistake:
            raise ValidationError(str(mistake), code=mistake.code) from mistake
        return role.value


@admin.register(Membership)
class TeamAdmin(ActingAdmin[Membership]):
    """Who works in the open store, and as what."""

    rights = dict.fromkeys(("view", "change", "delete"), Right.MANAGE_TEAM)
    many = "members"
    list_display = ("person", "what", "beside", "second_factor", "since", "last_seen")
    list_select_related = ("user",)
    ordering = ("pk",)
    readonly_fields = ("person", "held", "second_factor", "since", "last_seen")
    actions_detail = ("transfer",)
    form = MemberForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return described_members(get_store(request))

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        # An owner holds all: there is nothing to tick.
        ticked = obj and obj.role != Role.OWNER and self.has_change_permission(request, obj)
        rights = "allowed" if ticked else "held"
        return ("person", "role", rights, "second_factor", "since", "last_seen")

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        # A class of its own for each request, so that no two share the actor.
        return type("MemberForm", (form,), {"actor": Actor(get_user(request))})

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.changeable(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.changeable(request, obj)

    def changeable(self, request: HttpRequest, member: Membership | None) -> bool:
        """Whether the rules let the user touch this member at all; asked once per request."""
        if member is None:
            return True
        kept: dict[int, bool] = request.__dict__.setdefault("_changeable", {})
        if member.pk not in kept:
            try:
                team.check_changeable(actor=Actor(get_user(request)), membership=member)
                kept[member.pk] = True
            except Mistake:
                kept[member.pk] = False
        return kept[member.pk]

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        before = members_of(get_store(request)).get(pk=obj.pk)
        role, actor = Role(obj.role), get_actor(request)
        granted = taken = None
        if SHOWN in request.POST and "allowed" in form.cleaned_data and role != Role.OWNER:
            exceptions = toggled(
                Role(before.role), exceptions_of(before), form.cleaned_data["allowed"],
                open_to=rights_held(actor, before.tenant),
            )  # fmt: skip
            granted = [right for right, held in exceptions.items() if held]
            taken = [right for right, held in exceptions.items() if not held]
        team.change_member(actor=actor, membership=before, role=role, granted=granted, taken=taken)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        team.remove(actor=get_actor(request), membership=obj)

    # --- Handing the store over -------------------------------------------------------------
    def has_transfer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Owners may, to somebody else; an operator is no member whose place could be taken."""
        store, actor = get_store(request), Actor(get_user(request))
        if not self.has_view_permission(request) or not is_owner(actor, store):
            return False
        own = members_of(store).filter(user=actor.user, role=Role.OWNER).first()
        return own is not None and str(own.pk) != str(object_id)

    @action(description="Transfer ownership", permissions=["transfer"], icon="key")  # type: ignore[untyped-decorator]
    def transfer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first, then make this member the owner in place of the signed-in user."""
        member = self.get_object(request, object_id)
        if member is None:
            raise Http404
        store = get_store(request)
        return self.confirm(
            request,
            title="Transfer ownership",
            says=f"{self.person(member)} becomes an owner of {store.name}, and you become an"
            " admin. Only they, or another owner, can undo this.",
            act=lambda: team.transfer_ownership(actor=get_actor(request), membership=member),
            done=f"{self.person(member)} owns {store.name} now. You are an admin.",
        )

    # --- What is shown ----------------------------------------------------------------------
    @admin.display(description="Member")
    def person(self, member: Membership) -> str:
        """Name and address."""
        user = member.user
        return f"{user.name} ({user.email})" if user.name else user.email

    @admin.display(description="Role")
    def what(self, member: Membership) -> SafeString:
        """The role as a label."""
        return label(member.get_role_display(), "primary" if member.role == Role.OWNER else "")

    @admin.display(description="Exceptions")
    def beside(self, member: Membership) -> str:
        """What they hold beside their role, and what of it they do not."""
        told = exceptions_of(member)
        return ", ".join(
            f"{'+' if told[right] else '−'} {right.label}" for right in Right if right in told
        ) or NOTHING  # fmt: skip

    @admin.display(description="Rights")
    def held(self, member: Membership) -> str:
        """All that they may do."""
        held = rights_with(Role(member.role), exceptions_of(member))
        return ", ".join(right.label for right in Right if right in held)

    @admin.display(description="Two-factor", boolean=True)
    def second_factor(self, member: Any) -> bool:
        """Whether they sign in with a second factor."""
        return bool(member.two_factor)

    @admin.display(description="Member since")
    def since(self, member: Membership) -> str:
        """When they joined the store."""
        return moment(member.created_at)

    @admin.display(description="Last sign-in")
    def last_seen(self, member: Any) -> str:
        """When they last signed in, to any store."""
        return moment(member.last_sign_in_at)
