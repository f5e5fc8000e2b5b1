"""Who is asked to join the open store's team."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action

from tenants import invitations
from tenants.admin.confirming import ActingAdmin
from tenants.audit import Actor, get_actor
from tenants.giving import givable_roles
from tenants.models import Invitation, Tenant
from tenants.roles import Right, Role
from tenants.scoping.admin import get_store, get_user
from tenants.scoping.choice import SECRETS
from tenants.scoping.display import NOTHING, label, moment
from xeno.lib.errors import Mistake


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom to invite, as what; the roles are those that the signed-in user may give."""

    actor: Actor
    store: Tenant

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            roles = givable_roles(self.actor, self.store)
            self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse, in words, what tenants/invitations.py refuses."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "email" in data and "role" in data:
            data["email"] = data["email"].lower()
            try:
                invitations.check_sendable(
                    actor=self.actor,
                    tenant=self.store,
                    email=data["email"],
                    role=Role(data["role"]),
                )
            except Mistake as mistake:
                raise ValidationError({"email": str(mistake)}, code=mistake.code) from mistake
        return data


@admin.register(Invitation)
class InvitationAdmin(ActingAdmin[Invitation]):
    """Open invitations; deleting one withdraws it."""

    rights = dict.fromkeys(("view", "add", "delete"), Right.MANAGE_TEAM)
    empty_text = "Nobody is invited. Whoever you invite gets a link by e-mail, good for a week."
    list_display = ("email", "what", "state", "sender", "ends")
    list_select_related = ("invited_by",)
    ordering = ("-pk",)
    readonly_fields = ("state", "sender", "sent", "ends")
    actions_detail = ("resend",)
    form = InvitationForm
    help_texts = {"email": "They sign in, or sign up, with this address to accept."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        # Invitations are shared between stores (no policy fences them): this is the fence.
        own = Invitation.objects.filter(tenant=get_store(request), accepted_at=None)
        told = own.select_related("tenant", "invited_by")
        return told.defer(*(f"tenant__{secret}" for secret in SECRETS))

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        more = () if obj is None else ("state", "sender", "sent", "ends")
        return ("email", "role", *more)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        given = {"actor": Actor(get_user(request)), "store": get_store(request)}
        return type("InvitationForm", (form,), given)

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        sent = invitations.send(
            actor=get_actor(request), tenant=get_store(request), email=obj.email,
            role=Role(obj.role),
        )  # fmt: skip
        obj.pk = sent.pk

    def delete_model(self, request: HttpRequest, obj: Invitation) -> None:
        invitations.withdraw(actor=get_actor(request), invitation=obj)

    def has_resend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may invite may invite again."""
        return self.has_add_permission(request)

    @action(description="Send again", permissions=["resend"], icon="forward_to_inbox")  # type: ignore[untyped-decorator]
    def resend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first, then mail a new link."""
        invitation = self.get_object(request, object_id)
        if invitation is None:
            raise Http404
        return self.confirm(
            request,
            title="Send again",
            says=f"{invitation.email} gets a new link, good for another week. The link that was"
            " mailed before ends.",
            act=lambda: invitations.resend(actor=get_actor(request), invitation=invitation),
            done=f"A new link is on its way to {invitation.email}.",
        )

    @admin.display(description="Role")
    def what(self, invitation: Invitation) -> SafeString:
        """The role as a label."""
        return label(invitation.get_role_display())

    @admin.display(description="State")
    def state(self, invitation: Invitation) -> SafeString:
        """Whether the link is good still."""
        expired = invitation.expires_at <= timezone.now()
        return label("expired", "warning") if expired else label("waiting", "info")

    @admin.display(description="Invited by")
    def sender(self, invitation: Invitation) -> str:
        """Who answers for it."""
        return str(invitation.invited_by) if invitation.invited_by else NOTHING

    @admin.display(description="Invited")
    def sent(self, invitation: Invitation) -> str:
        """When it was first sent."""
        return moment(invitation.created_at)

    @admin.display(description="Good until")
    def ends(self, invitation: Invitation) -> str:
        """When the link ends."""
        return moment(invitation.expires_at)
