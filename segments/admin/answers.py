"""What the editor asks while somebody types: JSON, of queries that are not saved yet."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from segments.admin.builder import group_of
from segments.admin.people import in_order, show_people
from segments.advising import advise_with_data
from segments.compiling.membership import SegmentsInACircle
from segments.completing import find_choices
from segments.definitions import clock_of
from segments.language import (
    Advice,
    Problem,
    SegmentSyntaxError,
    advise,
    format_query,
    parse,
)
from segments.language import read as read_query
from segments.language.tree import Place
from segments.preview import PreviewTooSlow, preview
from segments.templates import TEMPLATES
from tenants.scoping.admin import get_store
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin

WIDTH = 64  # of a line of the editor's text
Shown = dict[str, Any]


def checked(page: "SegmentAdmin", request: HttpRequest, method: str) -> HttpResponse | None:
    """The refusal of another method; raises PermissionDenied for who may not view segments."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    return None if request.method == method else HttpResponseNotAllowed([method])


def read(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """A text as the builder's fields, in order, or what is wrong with it."""
    if refusal := checked(page, request, "POST"):
        return refusal
    query = request.POST.get("query", "")
    if not query.strip():
        return JsonResponse(nothing())
    try:
        reading = read_query(query)
    except SegmentSyntaxError as mistake:
        return JsonResponse(faults(mistake))
    advice = advise(reading.node, rewritten=reading.advice) + advise_with_data(reading.node)
    return JsonResponse(
        {
            **nothing(),
            "group": group_of(reading.node),
            "text": format_query(reading.node, width=WIDTH),
            "advice": [tell_advice(each) for each in advice],
        }
    )


def nothing() -> Shown:
    """The answer without anything in it."""
    return {"ok": True, "group": None, "text": "", "problems": [], "advice": []}


def faults(mistake: Mistake) -> Shown:
    """Everything that is wrong, each with its place where it has one."""
    problems = mistake.problems if isinstance(mistake, SegmentSyntaxError) else ()
    told = problems or (Problem(mistake.code, str(mistake)),)
    return {**nothing(), "ok": False, "problems": [tell_problem(problem) for problem in told]}


def tell_problem(problem: Problem) -> Shown:
    """One error."""
    return {
        "code": problem.code,
        "message": problem.message,
        "expected": problem.expected,
        "suggestion": problem.suggestion,
        **tell_place(problem.at),
    }


def tell_advice(advice: Advice) -> Shown:
    """One word of advice."""
    return {"code": advice.code, "message": advice.message, **tell_place(advice.at)}


def tell_place(at: Place) -> Shown:
    """Where it is: the line from 1, the column from 0."""
    return {"line": at.line, "column": at.column, "length": at.length}


def count(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """How many customers a text, or a template, finds now, and 25 of them."""
    if refusal := checked(page, request, "POST"):
        return refusal
    template = TEMPLATES.get(request.POST.get("template", ""))
    query = template.query if template else request.POST.get("query", "")
    try:
        found = preview(parse(query), clock=clock_of(tenant=get_store(request)))
    except (SegmentSyntaxError, SegmentsInACircle, PreviewTooSlow) as mistake:
        return JsonResponse(faults(mistake))
    # A template's card shows a number and nobody.
    sample = [] if template else show_people(request, in_order(found.sample))
    return JsonResponse(
        {
            **nothing(),
            "count": found.count,
            "estimate": found.estimated,
            "error": found.error,
            "sample": sample,
        }
    )


def values(page: "SegmentAdmin", request: HttpRequest) -> HttpResponse:
    """The store's own values that begin with what is typed."""
    if refusal := checked(page, request, "GET"):
        return refusal
    choices = find_choices(request.GET.get("what", ""), request.GET.get("q", "")[:255])
    told = [{"value": choice.value, "label": choice.label} for choice in choices]
    return JsonResponse({"values": told})


VIEWS = {"read": read, "count": count, "values": values}
