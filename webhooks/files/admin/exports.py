"""One's own exports: how far each is, and the file; a page that orders one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Script
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.models import Campaign
from segments.models import Segment
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import TenantModelAdmin, get_store, holds
from tenants.scoping.display import NOTHING, label, link, moment
from tenants.scoping.filtering import ChoiceFilter
from webhooks.api.exports import file_response
from webhooks.files import exporting
from webhooks.files.contents import CONTENTS, rights_of
from webhooks.files.models import Export, State
from xeno.lib.api.filtering import LARGEST_ID
from xeno.lib.errors import Mistake

STATE_KINDS = {State.RUNNING: "info", State.DONE: "success", State.FAILED: "danger"}
TROUBLES = {
    "expired": "Its time is over.",
    "erased": "Somebody in it was erased. Make it again.",
    "no_space": "The server had no room for it.",
    "export_not_valid": "An Excel sheet has no room for so many rows: export as CSV.",
}
FAILED = "It could not be made. Try again, or ask who runs the server."


@admin.register(Export)
class ExportAdmin(TenantModelAdmin[Export]):
    """Only what the user has ordered: an export is nobody else's."""

    rights = {"view": Right.EXPORT_DATA}
    ordering = ("-pk",)
    empty_template = "files/no_exports.html"
    list_before_template = "files/exports_before.html"
    list_display = ("titled", "what_became", "progress", "rows", "ordered", "until", "file")
    list_filter = (ChoiceFilter.of("kind", Export.Kind.choices),)
    fields = (("titled", "what_became"), ("rows", "narrowed"), ("ordered", "until"), "file")

    class Media:
        css = {"all": ("xeno/segments/segments.css", "xeno/files/files.css")}
        js = (Script("xeno/files/progress.js", type="module"),)  # once the page is there

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        actor = get_actor(request)
        own: QuerySet[Export] = Export.objects.made_by(user=actor.user, key=None)
        return own.select_related("segment", "campaign").order_by(*self.ordering)

    def get_urls(self) -> list[Any]:
        views: dict[str, Any] = {"new/": self.new, "progress/": self.tell_progress}
        views |= {"<path:object_id>/file/": self.send_file}
        own = [
            path(route, self.admin_site.admin_view(view), name=f"webhooks_export_{name}")
            for (route, view), name in zip(views.items(), ("new", "progress", "file"), strict=True)
        ]
        return [*own, *super().get_urls()]

    # --- Views --------------------------------------------------------------------------
    def new(self, request: HttpRequest) -> HttpResponse:
        """What would be exported, and as what; a POST orders it."""
        asked = request.POST if request.method == "POST" else request.GET
        kind = asked.get("kind", "customers" if request.method == "GET" else "")
        if kind not in CONTENTS:
            raise Http404
        for right in rights_of(kind, segment=bool(asked.get("segment"))):
            if not holds(request, right):
                raise PermissionDenied(f"This takes the right “{right.label}”.")
        wanted = {
            "segment": find(Segment, asked.get("segment", "")),
            "campaign": find(Campaign, asked.get("campaign", "")),
        }
        known = CONTENTS[kind].filters
        names = known.base_filters if known is not None else ()
        filters = {
            name: asked[name].replace("\0", "") for name in names if asked.get(name, "").strip()
        }
        if request.method == "POST":
            return self.order(request, kind, filters, wanted)
        context = {
            **self.admin_site.each_context(request),
            "title": "New export",
            "model_admin": self,
            "opts": self.opts,
            "kind": kind,
            "kind_words": Export.Kind(kind).label,
            "filters": filters,
            "words": [(name.replace("_", " "), value) for name, value in filters.items()],
            **wanted,
        }
        return TemplateResponse(request, "files/new_export.html", context)

    def order(
        self, request: HttpRequest, kind: str, filters: dict[str, str], wanted: dict[str, Any]
    ) -> HttpResponse:
        """Put it in line, and show how far it is."""
        chosen = request.POST.get("format", "csv")
        try:
            exporting.start_export(
                actor=get_actor(request),
                tenant=get_store(request),
                kind=kind,
                format=chosen if chosen in Export.Format.values else "csv",
                filters=filters,
                **wanted,
            )
        except Mistake as mistake:
            messages.error(request, str(mistake))
        else:
            messages.success(request, "The export is being made. You can leave this page.")
        return HttpResponseRedirect(reverse("admin:webhooks_export_changelist"))

    def tell_progress(self, request: HttpRequest) -> HttpResponse:
        """How far those are that are being made."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        running = self.get_queryset(request).filter(state=State.RUNNING)
        return JsonResponse({"running": {str(row.pk): row.percent for row in running}})

    def send_file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The file, to whoever ordered it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = exporting.find_own(actor=get_actor(request), row_id=object_id)
        if export is None:
            raise Http404
        for right in rights_of(export.kind):
            if not holds(request, right):
                raise PermissionDenied(f"This takes the right “{right.label}”.")
        try:
            return file_response(
                exporting.open_file(actor=get_actor(request), export=export), export
            )
        except exporting.ExportGone as gone:
            raise Http404(str(gone)) from gone
        except Mistake as mistake:
            messages.error(request, str(mistake))
            return HttpResponseRedirect(reverse("admin:webhooks_export_changelist"))

    # --- Columns ------------------------------------------------------------------------
    @admin.display(description="Export")
    def titled(self, export: Export) -> SafeString:
        """What is in it, and as what."""
        about = export.segment or export.campaign
        return format_html(
            '<span class="xeno-stack"><strong>{}</strong><small>{}{}</small></span>',
            export.get_kind_display(),
            export.get_format_display(),
            f" · {about}" if about else "",
        )

    @admin.display(description="State")
    def what_became(self, export: Export) -> SafeString:
        """How it stands, and why."""
        said = label(export.get_state_display(), STATE_KINDS.get(State(export.state), ""))
        why = TROUBLES.get(export.trouble, FAILED if export.state == State.FAILED else "")
        return format_html('{} <small class="xeno-aside">{}</small>', said, why) if why else said

    @admin.display(description="Progress")
    def progress(self, export: Export) -> SafeString | str:
        """How much of it is written."""
        if export.state in (State.FAILED, State.GONE):
            return NOTHING
        return bar(export.pk if export.state == State.RUNNING else None, export.percent)

    @admin.display(description="Rows")
    def rows(self, export: Export) -> str:
        """How many are written, of how many."""
        running = export.state == State.RUNNING and export.total
        return f"{export.done:,} of {export.total:,}" if running else f"{export.done:,}"

    @admin.display(description="Only")
    def narrowed(self, export: Export) -> str:
        """How the list was narrowed."""
        said = [f"{name.replace('_', ' ')}: {value}" for name, value in export.filters.items()]
        return ", ".join(said) or NOTHING

    @admin.display(description="Ordered")
    def ordered(self, export: Export) -> str:
        """When it was ordered, in the store's time zone."""
        return moment(export.created_at)

    @admin.display(description="Kept until")
    def until(self, export: Export) -> str:
        """When the file is removed."""
        return moment(export.expires_at) if export.state == State.DONE else NOTHING

    @admin.display(description="File")
    def file(self, export: Export) -> SafeString | str:
        """The link, while there is a file."""
        if export.state != State.DONE:
            return NOTHING
        return link(reverse("admin:webhooks_export_file", args=[export.pk]), "Download")


def bar(row: int | None, percent: int) -> SafeString:
    """A bar that says its share in words too; one that moves has the row's id."""
    return format_html(
        '<span data-progress="{}"><progress class="xeno-progress" max="100" value="{}"'
        ' aria-label="Progress"></progress> <span>{} %</span></span>',
        row or "",
        percent,
        percent,
    )


def find(model: Any, typed: str) -> Any:
    """The row of the open store that a query names; 404 for one that it does not have."""
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 20 else 0
    row = model.objects.filter(pk=number).first() if number <= LARGEST_ID else None
    if row is None or getattr(row, "deleted_at", None):
        raise Http404
    return row
