"""Imports of customers: bring a file, say what its columns are, start it, follow it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString

from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import TenantModelAdmin, get_store, holds
from tenants.scoping.display import NOTHING, label, moment
from webhooks.files import importing
from webhooks.files.admin.exports import bar, find
from webhooks.files.mapping import CODES, FIELDS, MappingNotValid, check_mapping
from webhooks.files.models import Import, ImportRefusal, Stage
from xeno.lib.errors import Mistake
from xeno.lib.sheets import csv_text

STATE_KINDS = {Stage.DRAFT: "warning", Stage.RUNNING: "info", Stage.DONE: "success"}
STATE_KINDS |= {Stage.FAILED: "danger"}
OUTCOMES = {"new": ("new", "success"), "known": ("known", "info"), "refused": ("refused", "danger")}
SHOWN_REFUSALS = 50


@admin.register(Import)
class ImportAdmin(TenantModelAdmin[Import]):
    """The store's imports; who may edit customers may bring some."""

    rights = {"view": Right.EDIT_CUSTOMERS}
    ordering = ("-pk",)
    empty_template = "files/no_imports.html"
    list_before_template = "files/imports_before.html"
    list_display = ("titled", "what_became", "progress", "rows", "came_of_it", "brought")
    fields = (("titled", "what_became"), ("rows", "came_of_it"), "brought")

    class Media:
        css = {"all": ("xeno/segments/segments.css", "xeno/files/files.css")}
        js = (Script("xeno/files/progress.js", type="module"),)  # once the page is there

    def get_urls(self) -> list[Any]:
        views: dict[str, tuple[str, Any]] = {
            "new": ("new/", self.new),
            "progress": ("progress/", self.tell_progress),
            "start": ("<path:object_id>/start/", self.start),
            "errors": ("<path:object_id>/errors/", self.send_errors),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"webhooks_import_{name}")
            for name, (route, view) in views.items()
        ]
        return [*own, *super().get_urls()]

    def check_right(self, request: HttpRequest) -> None:
        """The right first: a refusal tells no ids."""
        if not self.has_view_permission(request):
            raise PermissionDenied(f"This takes the right “{Right.EDIT_CUSTOMERS.label}”.")

    # --- Views --------------------------------------------------------------------------
    def new(self, request: HttpRequest) -> HttpResponse:
        """The form for a file; a POST reads it."""
        self.check_right(request)
        file: Any = request.FILES.get("file")
        if request.method == "POST" and file is not None:
            try:
                row = importing.upload(
                    actor=get_actor(request), tenant=get_store(request), file=file, name=file.name
                )
                return HttpResponseRedirect(url_of(row))
            except Mistake as mistake:
                messages.error(request, str(mistake))
        context = self.context(request, "Import customers")
        return TemplateResponse(request, "files/new_import.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The import's own page: the columns of a draft; what became of any other."""
        self.check_right(request)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied  # nothing is written here
        row = self.get_object(request, object_id)
        if row is None:
            missing: Any = self._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]
            return missing(request, self.opts, object_id)
        context = self.context(request, row.file_name) | {"row": row}
        if row.state == Stage.DRAFT:
            return TemplateResponse(request, "files/map_import.html", context | told(request, row))
        context |= {
            "bar": bar(row.pk if row.state == Stage.RUNNING else None, row.percent),
            "state": self.what_became(row),
            "facts": facts_of(row),
            "refusals": refusals_of(row)[:SHOWN_REFUSALS],
            "most": SHOWN_REFUSALS,
        }
        return TemplateResponse(request, "files/import.html", context)

    def start(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Import it with the meanings of the form."""
        self.check_right(request)
        row = find(Import, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(url_of(row))
        try:
            importing.start(
                actor=get_actor(request),
                tenant=get_store(request),
                row=row,
                mapping=mapping_of(request, row),
            )
        except Mistake as mistake:
            messages.error(request, str(mistake))
        else:
            messages.success(request, "The customers are being imported. You can leave this page.")
        return HttpResponseRedirect(url_of(row))

    def tell_progress(self, request: HttpRequest) -> HttpResponse:
        """How far those are that are being imported."""
        self.check_right(request)
        running = Import.objects.filter(state=Stage.RUNNING)
        return JsonResponse({"running": {str(row.pk): row.percent for row in running}})

    def send_errors(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The rows that were not taken, as CSV."""
        self.check_right(request)
        row = find(Import, object_id)
        rows = [("line", "column", "code", "why"), *refusals_of(row)]
        response = HttpResponse(csv_text(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{row.pk}-errors.csv"'
        return response

    def context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """What each of the pages shows."""
        shown = self.admin_site.each_context(request)
        return {**shown, "title": title, "model_admin": self, "opts": self.opts}

    # --- Columns ------------------------------------------------------------------------
    @admin.display(description="File")
    def titled(self, row: Import) -> str:
        """What it was called; the list links it to the import's page."""
        return row.file_name

    @admin.display(description="State")
    def what_became(self, row: Import) -> SafeString:
        """How it stands."""
        return label(row.get_state_display(), STATE_KINDS.get(Stage(row.state), ""))

    @admin.display(description="Progress")
    def progress(self, row: Import) -> SafeString | str:
        """How much of it is written."""
        if row.state in (Stage.DRAFT, Stage.GONE):
            return NOTHING
        return bar(row.pk if row.state == Stage.RUNNING else None, row.percent)

    @admin.display(description="Rows")
    def rows(self, row: Import) -> str:
        """How many there are in the file."""
        return f"{row.total:,}"

    @admin.display(description="Result")
    def came_of_it(self, row: Import) -> str:
        """What became of the rows."""
        said = {"new": row.made, "changed": row.changed, "refused": row.refused}
        return ", ".join(f"{n:,} {word}" for word, n in said.items() if n) or NOTHING

    @admin.display(description="Brought")
    def brought(self, row: Import) -> str:
        """When it came, in the store's time zone."""
        return moment(row.created_at)


def facts_of(row: Import) -> list[tuple[str, str]]:
    """What became of it, in numbers."""
    return [
        ("Rows", f"{row.done:,} of {row.total:,}"),
        ("New customers", f"{row.made:,}"),
        ("Filled in", f"{row.changed:,}"),
        ("Unsubscribed", f"{row.unsubscribed:,}"),
        ("Not taken", f"{row.refused:,}"),
    ]


def url_of(row: Import) -> str:
    """The import's page."""
    return reverse("admin:webhooks_import_change", args=[row.pk])


def mapping_of(request: HttpRequest, row: Import) -> list[str]:
    """The meanings that the form gives, or those that were guessed."""
    asked = request.POST if request.method == "POST" else request.GET
    if "column-0" not in asked:
        return list(row.mapping)
    return [asked.get(f"column-{place}", "") for place in range(len(row.headers))]


def told(request: HttpRequest, row: Import) -> dict[str, Any]:
    """A draft: its columns, and what would become of the first rows."""
    mapping = mapping_of(request, row)
    refusal, shown = "", []
    try:
        check_mapping(row.headers, mapping)
    except MappingNotValid as mistake:
        refusal = str(mistake)
    if not refusal and holds(request, Right.VIEW_CUSTOMERS):
        would = importing.preview(tenant=get_store(request), row=row, mapping=mapping)
        shown = [
            (each.line, label(*OUTCOMES[each.outcome]), CODES.get(each.code, ""),
             [*each.cells, *[""] * (len(row.headers) - len(each.cells))][: len(row.headers)])
            for each in would
        ]  # fmt: skip
    return {
        "columns": list(zip(row.headers, mapping, strict=False)),
        "fields": [(name, words) for name, (words, _) in FIELDS.items()],
        "total": f"{row.total:,}",
        "refusal": refusal,
        "shown": shown,
    }


def refusals_of(row: Import) -> list[tuple[Any, ...]]:
    """Line, column, code and words of each row that was not taken."""
    found = ImportRefusal.objects.filter(upload=row).order_by("line")
    return [
        (line, column, code, CODES.get(code, code))
        for line, column, code in found.values_list("line", "column", "code")
    ]
