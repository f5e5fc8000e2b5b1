"""The page of templates: what each is for, how many it would find, one click to add."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from segments.actions import SegmentData, create_segment
from segments.admin.editor import url_of
from segments.models import Segment
from segments.templates import TEMPLATES
from tenants.audit import get_actor
from tenants.scoping.admin import get_store
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin


def templates(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """The cards; a POST adds the one that it names."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        return add(page, request)
    made = dict(Segment.objects.exclude(template="").values_list("template", "pk"))
    cards = [(template, made.get(template.id)) for template in TEMPLATES.values()]
    context = {
        **page.admin_site.each_context(request),
        "title": "Templates",
        "model_admin": page,
        "cards": cards,
        "may_add": page.has_add_permission(request),
    }
    return TemplateResponse(request, "segments/templates.html", context)


def add(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """Make the segment of a template."""
    if not page.has_add_permission(request):
        raise PermissionDenied
    template = TEMPLATES.get(request.POST.get("template", ""))
    if template is None:
        messages.error(request, "There is no such template.")
        return HttpResponseRedirect(request.path)
    data = SegmentData(
        name=template.name,
        description=template.purpose,
        query=template.query,
        template=template.id,
    )
    try:
        made = create_segment(
            actor=get_actor(request), tenant=get_store(request), data=data, imported=True
        )
    except Mistake as mistake:
        return page.refused(request, mistake)
    messages.success(request, f"“{made}” is added; its members are being found.")
    return HttpResponseRedirect(url_of(made))


VIEWS = {"templates": templates}
