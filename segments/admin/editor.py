"""The editor's page: a new segment, or one that is there, and what Save does."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from segments.actions import SegmentData, create_segment, edit_segment
from segments.admin.answers import tell_problem
from segments.admin.attributes import attribute_list
from segments.language import SegmentSyntaxError
from segments.models import Segment
from segments.templates import TEMPLATES
from tenants.audit import get_actor
from tenants.scoping.admin import get_store
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin

FIELDS = ("name", "description", "query")


def url_of(segment: Segment) -> str:
    """The segment's own page."""
    return reverse("admin:segments_segment_change", args=[segment.pk])


def add(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """A new segment: empty, or out of a template; a POST makes it."""
    if request.method == "POST":
        return save(page, request, None)
    template = TEMPLATES.get(request.GET.get("template", ""))
    kind = Segment.Kind.STATIC if request.GET.get("kind") == "static" else Segment.Kind.DYNAMIC
    filled = {"name": "", "description": "", "query": ""}
    if template:
        filled = {
            "name": template.name,
            "description": template.purpose,
            "query": template.query,
        }
    return draw(page, request, None, {**filled, "kind": kind, "template": template and template.id})


def edit(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The editor of a segment; it saves to the segment's own address."""
    segment = page.wanted(request, object_id, "change")
    if segment is None:
        return page.missing(request, object_id)
    filled = {name: getattr(segment, name) for name in FIELDS}
    return draw(page, request, segment, {**filled, "kind": segment.kind})


def change(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """What the editor of a segment sent."""
    segment = page.wanted(request, object_id, "change")
    return save(page, request, segment) if segment else page.missing(request, object_id)


def save(page: "SegmentAdmin", request: HttpRequest, segment: Segment | None) -> HttpResponse:
    """Make or change it, or draw the editor again with what is wrong."""
    given = {name: request.POST.get(name) for name in FIELDS}
    told = {name: value.replace("\0", "") for name, value in given.items() if value is not None}
    kind = segment.kind if segment else request.POST.get("kind", "")
    try:
        if segment is None:
            saved = make(request, kind, told)
        else:
            saved = segment
            edit_segment(
                actor=get_actor(request), tenant=get_store(request), segment_id=segment.pk, **told
            )
    except Mistake as mistake:
        if mistake.status >= 500:
            raise
        filled = {name: told.get(name, "") for name in FIELDS}
        return draw(page, request, segment, {**filled, "kind": kind}, mistake)
    saved.refresh_from_db()
    messages.success(request, f"“{saved}” is saved.")
    return HttpResponseRedirect(url_of(saved))


def make(request: HttpRequest, kind: str, told: dict[str, str]) -> Segment:
    """The new segment."""
    template = request.POST.get("template", "")
    data = SegmentData(
        name=told.get("name", ""),
        description=told.get("description", ""),
        query=told.get("query", ""),
        kind=kind if kind in Segment.Kind.values else Segment.Kind.DYNAMIC,
        template=template if template in TEMPLATES else "",
    )
    return create_segment(actor=get_actor(request), tenant=get_store(request), data=data)


def draw(
    page: "SegmentAdmin",
    request: HttpRequest,
    segment: Segment | None,
    filled: dict[str, Any],
    mistake: Mistake | None = None,
) -> HttpResponse:
    """The page with these values; with a mistake, what is wrong."""
    if segment is None and not page.has_add_permission(request):
        raise PermissionDenied
    problems = mistake.problems if isinstance(mistake, SegmentSyntaxError) else ()
    context = {
        **page.admin_site.each_context(request),
        "title": f"Edit {segment}" if segment else "New segment",
        "model_admin": page,
        "segment": segment,
        "action": url_of(segment) if segment else request.get_full_path(),
        "back": url_of(segment) if segment else page.changelist_url(),
        "attributes": {"attributes": attribute_list()},
        "problems": [tell_problem(problem) for problem in problems],
        "refusals": [str(mistake)] if mistake and not problems else [],
        **filled,
    }
    static = filled["kind"] == Segment.Kind.STATIC
    template = "segments/static_editor.html" if static else "segments/editor.html"
    return TemplateResponse(request, template, context)


VIEWS = {"edit": edit}
