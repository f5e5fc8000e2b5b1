"""Addresses that get nothing more: found by how they begin, added, imported, and let go again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.safestring import SafeString

from campaigns import suppressing
from campaigns.admin.personal import PeopleAdmin
from campaigns.models import Suppression
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import label, moment
from tenants.scoping.filtering import ChoiceFilter
from tenants.scoping.forms import TenantModelForm
from xeno.lib.errors import Mistake

MOST_BYTES = 1_000_000
SHOWN = 10  # of the lines that are no address
KINDS = {"bounced": "warning", "complained": "danger", "unsubscribed": "info"}


class SuppressionForm(TenantModelForm):
    """An address to be written to no more, and why."""

    address = forms.EmailField(max_length=suppressing.LONGEST, label="E-mail address")


@admin.register(Suppression)
class SuppressionAdmin(PeopleAdmin[Suppression]):
    """Whoever edits campaigns adds and lifts; seeing addresses takes viewing customers too."""

    rights = {"view": Right.VIEW_CAMPAIGNS} | dict.fromkeys(("add", "delete"), Right.EDIT_CAMPAIGNS)
    personal = "suppression"
    form = SuppressionForm
    fields = ("address", "note")
    list_display = ("address", "why", "note", "since")
    ordering = ("-pk",)
    list_filter = (ChoiceFilter.of("reason", Suppression.Reason.choices),)
    search_fields = ("address",)
    search_help_text = "Address begins with"
    empty_text = "Nobody is suppressed. Bounces, complaints and unsubscribes come here alone."
    list_before_template = "campaigns/suppressions_before.html"

    def find(self, queryset: QuerySet[Suppression], term: str) -> QuerySet[Suppression]:
        return queryset.filter(channel="email", address__prefix=term.lower())

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        return self.fields if obj is None else ("address", "why", "note", "since")

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> Any:
        return () if obj is None else ("why", "since")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.bring_in)
        own = path("import/", view, name="campaigns_suppression_import")
        return [own, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        made = suppressing.add_suppression(
            actor=get_actor(request), tenant=get_store(request), address=obj.address, note=obj.note
        )
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Suppression) -> None:
        suppressing.remove_suppression(
            actor=get_actor(request), tenant=get_store(request), suppression_id=obj.pk
        )

    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """Many at once: pasted, or the addresses in a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        text, refusals = "", list[str]()
        if request.method == "POST":
            text = read_text(request)
            try:
                said, left = brought_in(request, addresses_in(text))
            except Mistake as mistake:
                refusals = [str(mistake)]
            else:
                messages.success(request, said)
                if left:
                    messages.warning(request, left)
                return HttpResponseRedirect(self.changelist_url())
        context = {
            **self.admin_site.each_context(request),
            "title": "Import addresses",
            "model_admin": self,
            "text": text,
            "refusals": refusals,
            "most": f"{suppressing.MOST:,}",
            "back": self.changelist_url(),
        }
        return TemplateResponse(request, "campaigns/import_suppressions.html", context)

    @admin.display(description="Why")
    def why(self, row: Suppression) -> SafeString:
        """The reason, in colour."""
        return label(row.get_reason_display(), KINDS.get(row.reason, ""))

    @admin.display(description="Since")
    def since(self, row: Suppression) -> str:
        """From when on nothing went there."""
        return moment(row.created_at)


def read_text(request: HttpRequest) -> str:
    """What was pasted, or the file that was chosen instead."""
    upload = request.FILES.get("file")
    if upload is not None and not isinstance(upload, list):
        raw: bytes = upload.read(MOST_BYTES)
        return raw.decode("utf-8-sig", "replace").replace("\0", "")
    return request.POST.get("text", "")[:MOST_BYTES].replace("\0", "")


def addresses_in(text: str) -> list[str]:
    """One of each line: the cell of a CSV that holds an @, else the line as it is."""
    found = list[str]()
    for line in text.splitlines():
        cells = [cell.strip(" \t\"'<>") for cell in line.replace(";", ",").split(",")]
        with_at = [cell for cell in cells if "@" in cell]
        found += with_at or [cell for cell in cells[:1] if cell]
    return found


def brought_in(request: HttpRequest, addresses: list[str]) -> tuple[str, str]:
    """Suppress them; how many, and what was no address."""
    added, refused = suppressing.import_suppressions(
        actor=get_actor(request),
        tenant=get_store(request),
        addresses=addresses,
        note=request.POST.get("note", "")[:500].replace("\0", ""),
    )
    said = f"{added:,} {'address' if added == 1 else 'addresses'} suppressed that were not before."
    wrong = ", ".join(addresses[place][:80] for place in refused[:SHOWN])
    return said, f"{len(refused):,} are no address: {wrong}." if refused else ""
