"""API keys of the open store."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action

from tenants import keys
from tenants.admin.confirming import ActingAdmin
from tenants.admin.rights import RightsField
from tenants.audit import Actor, get_actor
from tenants.giving import rights_held
from tenants.keys import KEY_RIGHTS
from tenants.models import ApiKey, Tenant
from tenants.roles import Right
from tenants.scoping.admin import get_store, get_user
from tenants.scoping.display import NOTHING, label, moment
from tenants.scoping.forms import TenantModelForm


class KeyForm(TenantModelForm):
    """What the key is for and what it may do: at most what the signed-in user may."""

    actor: Actor
    store: Tenant
    holds = RightsField(
        of=KEY_RIGHTS,
        required=True,
        label="Rights",
        help_text="As few as its work needs. A key never manages the team.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "holds" in self.fields:
            widget: Any = self.fields["holds"].widget
            widget.closed = frozenset(Right.values) - rights_held(self.actor, self.store)

    def clean_expires_at(self) -> Any:
        """A time to come, or none."""
        ends = self.cleaned_data.get("expires_at")
        if ends and ends <= timezone.now():
            raise ValidationError(keys.ExpiryPassed.message, code=keys.ExpiryPassed.code)
        return ends


@admin.register(ApiKey)
class ApiKeyAdmin(ActingAdmin[ApiKey]):
    """Keys for servers of the merchant's. A revoked one stays, for the audit trail's sake."""

    rights = dict.fromkeys(("view", "add"), Right.MANAGE_TEAM)
    empty_text = "No server has a key to this store."
    list_display = ("name", "ending", "state", "maker", "made", "last_use", "ends")
    list_select_related = ("made_by",)
    ordering = ("-pk",)
    readonly_fields = ("ending", "state", "may_do", "maker", "made", "last_use", "ends", "revoked")
    actions_detail = ("revoke",)
    form = KeyForm
    labels = {"expires_at": "Expires"}
    help_texts = {
        "name": "Which server or program it is for.",
        "expires_at": "In the store's time zone; empty for no end.",
    }

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return ("name", "holds", "expires_at") if obj is None else ("name", *self.readonly_fields)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        given = {"actor": Actor(get_user(request)), "store": get_store(request)}
        return type("KeyForm", (form,), given)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        made = keys.make_key(
            actor=get_actor(request), tenant=get_store(request), name=obj.name,
            rights=form.cleaned_data["holds"], expires_at=obj.expires_at,
        )  # fmt: skip
        obj.pk = made.key.pk
        request.made_key = made  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, *args: Any) -> HttpResponse:
        # In the answer itself: a redirect would have to keep the text somewhere meanwhile.
        made = request.made_key  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": "The new key", "key": made.key, "raw": made.raw,
            "back": self.changelist_url(),
        }  # fmt: skip
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "tenants/key_made.html", context, headers=headers)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may make keys may end them."""
        return self.has_add_permission(request)

    @action(description="Revoke", permissions=["revoke"], icon="key_off")  # type: ignore[untyped-decorator]
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first, then end the key."""
        key = self.get_object(request, object_id)
        if key is None:
            raise Http404
        return self.confirm(
            request,
            title="Revoke the key",
            says=f"Whatever uses “{key.name}” (…{key.hint}) is refused from this moment on. A"
            " revoked key cannot be brought back.",
            act=lambda: keys.revoke_key(actor=get_actor(request), key=key),
            done=f"“{key.name}” is revoked.",
        )

    @admin.display(description="Key")
    def ending(self, key: ApiKey) -> str:
        """What one can tell it by."""
        return f"…{key.hint}"

    @admin.display(description="State")
    def state(self, key: ApiKey) -> SafeString:
        """Whether it opens anything."""
        if key.revoked_at:
            return label("revoked", "danger")
        expired = key.expires_at is not None and key.expires_at <= timezone.now()
        return label("expired", "warning") if expired else label("live", "success")

    @admin.display(description="Rights")
    def may_do(self, key: ApiKey) -> str:
        """All that it may do."""
        return ", ".join(right.label for right in Right if right.value in key.rights)

    @admin.display(description="Made by")
    def maker(self, key: ApiKey) -> str:
        """Who made it, and with whom it ends."""
        return str(key.made_by) if key.made_by else NOTHING

    @admin.display(description="Made")
    def made(self, key: ApiKey) -> str:
        """When it was made."""
        return moment(key.created_at)

    @admin.display(description="Last use")
    def last_use(self, key: ApiKey) -> str:
        """When it was last presented, to the minute."""
        return moment(key.last_used_at)

    @admin.display(description="Expires")
    def ends(self, key: ApiKey) -> str:
        """When it ends by itself."""
        return moment(key.expires_at)

    @admin.display(description="Revoked")
    def revoked(self, key: ApiKey) -> str:
        """When it was ended."""
        return moment(key.revoked_at)
