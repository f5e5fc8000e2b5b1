"""Segments as text, in and out; Shopify's own segments; tags for a segment's customers."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify

from segments.admin.editor import url_of
from segments.exchange.exporting import export_text
from segments.exchange.importing import import_text
from segments.exchange.texts import Entry, write_segments
from segments.jobs.models import SegmentJob
from segments.jobs.starting import start_import, start_tagging
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.shopify.errors import words_of
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin

MOST_BYTES = 1_000_000
SHOWN_JOBS = 5


def transfer(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """The page; a POST tries a text, or imports it."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    told: dict[str, Any] = {"text": ""}
    if request.method == "POST":
        if not page.has_add_permission(request):
            raise PermissionDenied
        told = tried(request)
        if told.get("done"):
            messages.success(request, told["done"])
            return HttpResponseRedirect(page.changelist_url())
    context = {
        **page.admin_site.each_context(request),
        "title": "Import and export",
        "model_admin": page,
        "may_add": page.has_add_permission(request),
        "jobs": [tell_job(job) for job in imports()],
        **told,
    }
    return TemplateResponse(request, "segments/transfer.html", context)


def tried(request: HttpRequest) -> dict[str, Any]:
    """What becomes of a text: tried first, and only with `how=import` kept."""
    text = read_text(request)
    dry = request.POST.get("how") != "import"
    try:
        results = import_text(
            actor=get_actor(request), tenant=get_store(request), text=text, dry_run=dry
        )
    except Mistake as mistake:
        return {"text": text, "refusals": [str(mistake)]}
    made = sum(result.outcome == "created" for result in results)
    if dry:
        return {"text": text, "results": results, "would_make": made}
    refused = sum(result.outcome == "refused" for result in results)
    said = f"{made} {'segment' if made == 1 else 'segments'} imported."
    return {"done": f"{said} {refused} could not be read." if refused else said}


def read_text(request: HttpRequest) -> str:
    """What was pasted, or the file that was chosen instead; no more than a text of segments."""
    upload = request.FILES.get("file")
    if upload is not None and not isinstance(upload, list):
        raw: bytes = upload.read(MOST_BYTES)
        return raw.decode("utf-8", "replace").replace("\0", "")
    return request.POST.get("text", "")[:MOST_BYTES].replace("\0", "")


def export_all(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """Every segment with a query as one text."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    store = get_store(request)
    return download(export_text(tenant=store), f"segments-{store.shop_domain.split('.')[0]}.txt")


def export(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """One segment as text."""
    segment = page.wanted(request, object_id)
    if segment is None:
        return page.missing(request, object_id)
    entry = Entry(segment.name, segment.query, segment.description)
    return download("".join(write_segments([entry])), f"{slugify(segment.name) or 'segment'}.txt")


def download(text: str, name: str) -> HttpResponse:
    """A text that the browser keeps as a file and never shows as a page."""
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- Shopify's own -----------------------------------------------------------------------------


def imports() -> list[SegmentJob]:
    """The newest imports."""
    return list(SegmentJob.objects.filter(kind="import").order_by("-pk")[:SHOWN_JOBS])


def tell_job(job: SegmentJob) -> dict[str, Any]:
    """How far a job is, in words."""
    outcomes = [entry.get("outcome") for entry in job.report]
    return {
        "id": job.pk,
        "state": job.state,
        "state_words": job.get_state_display(),
        "at": job.created_at,
        "done": job.done,
        "total": job.total,
        "made": outcomes.count("created"),
        "same": outcomes.count("same"),
        "refused": [entry for entry in job.report if entry.get("outcome") == "refused"],
        "trouble": words_of(job.trouble) if job.trouble else "",
    }


def fetch(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """Order the import of Shopify's segments; asked by GET, how far it is."""
    if not page.has_add_permission(request):
        raise PermissionDenied
    if request.method == "GET":
        newest = [tell_job(job) for job in imports()[:1]]
        told = {k: newest[0][k] for k in ("state", "done", "made")} if newest else {}
        return JsonResponse(told)
    try:
        start_import(actor=get_actor(request), tenant=get_store(request))
    except Mistake as mistake:
        messages.error(request, str(mistake))
    else:
        messages.success(request, "Your segments are being fetched from Shopify.")
    return HttpResponseRedirect(reverse("admin:segments_segment_transfer"))


# --- Tags --------------------------------------------------------------------------------------


def tag(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Add or remove tags of everybody in the segment; takes the right to edit customers too."""
    segment = page.wanted(request, object_id)
    if not holds(request, Right.EDIT_CUSTOMERS):
        raise PermissionDenied(f"This takes the right “{Right.EDIT_CUSTOMERS.label}”.")
    if segment is None:
        return page.missing(request, object_id)
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    told = {name: request.POST.get(name, "").replace("\0", "") for name in ("add", "remove")}
    refusals = list[str]()
    if request.method == "POST":
        try:
            job = start_tagging(
                actor=get_actor(request), tenant=get_store(request), segment=segment,
                add=words(told["add"]), remove=words(told["remove"]),
            )  # fmt: skip
        except Mistake as mistake:
            refusals = [str(mistake)]
        else:
            messages.success(request, tagged(job))
            return HttpResponseRedirect(url_of(segment))
    context = {
        **page.admin_site.each_context(request),
        "title": f"Tag the customers of {segment}",
        "model_admin": page,
        "segment": segment,
        "back": url_of(segment),
        "refusals": refusals,
        **told,
    }
    return TemplateResponse(request, "segments/tag.html", context)


def words(text: str) -> list[str]:
    """Tags with commas between."""
    return [word.strip() for word in text.split(",") if word.strip()]


def tagged(job: SegmentJob) -> str:
    """What was done, or is being done."""
    if job.state == SegmentJob.State.RUNNING:
        return f"{job.total or 0:,} customers are being tagged, and told to Shopify."
    return f"{job.changed:,} of {job.total or 0:,} customers changed; Shopify is being told."


VIEWS = {"transfer": transfer, "export_all": export_all, "fetch": fetch}
ROW_VIEWS = {"export": export, "tag": tag}
