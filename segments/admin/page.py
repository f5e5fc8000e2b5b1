"""A segment's own page: who is in it, how it grew, who came and went, how fresh that is."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse

from segments import history
from segments.admin.freshness import long_words
from segments.admin.people import find_people, may_see
from segments.definitions import clock_of
from segments.freshness import NEW, freshness_of
from segments.models import Segment, SegmentMember
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.display import moment
from tenants.scoping.page_links import links_at

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin

PAGE = 25
MOST_OTHERS = 500
OF_LATE = 10
DAYS = 90
WEEK = timedelta(days=7)
LARGEST_ID = 2**63 - 1


def show(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page."""
    segment = page.wanted(request, object_id)
    if segment is None:
        return page.missing(request, object_id)
    store = get_store(request)
    fresh = freshness_of(tenant=store, segment_ids=[segment.pk]).get(segment.pk, NEW)
    context = {
        **page.admin_site.each_context(request),
        "title": segment.name,
        "model_admin": page,
        "segment": segment,
        "fresh": fresh,
        "count": f"{fresh.members_count:,}",
        "others": others(segment) if not segment.dynamic else [],
        "fresh_words": long_words(segment, fresh),
        "may_edit": page.has_change_permission(request),
        "may_see": may_see(request),
        "links": links_at("segments.Segment.page", request, segment),
        "may_tag": holds(request, Right.EDIT_CUSTOMERS),
        "members": members_page(request, segment),
        "joined": came_and_went(request, segment, "valid_from"),
        "left": came_and_went(request, segment, "valid_to"),
    }
    return TemplateResponse(request, "segments/segment.html", context)


def others(segment: Segment) -> list[tuple[int, str]]:
    """The segments whose members can be put on this list, or taken off it."""
    rows = Segment.objects.exclude(pk=segment.pk).order_by("name")
    return list(rows.values_list("pk", "name")[:MOST_OTHERS])


def members_page(request: HttpRequest, segment: Segment) -> dict[str, Any]:
    """A page of who is in now, the newest customers first, and where the next one begins."""
    before = request.GET.get("before", "")
    rows = history.members(segment).order_by("-customer_id")
    if before.isascii() and before.isdigit() and int(before) <= LARGEST_ID:
        rows = rows.filter(customer_id__lt=int(before))
    found = list(rows.values_list("customer_id", "valid_from")[: PAGE + 1])
    since = dict(found[:PAGE])
    people = find_people(request, list(since))
    return {
        "rows": [{**each, "since": moment(since[each["id"]])} for each in people],
        "next": found[PAGE - 1][0] if len(found) > PAGE else None,
        "first": not before,
    }


def came_and_went(request: HttpRequest, segment: Segment, column: str) -> list[dict[str, Any]]:
    """The newest few who joined (`valid_from`) or left (`valid_to`)."""
    rows = SegmentMember.objects.filter(segment=segment)
    rows = rows.filter(valid_to=None) if column == "valid_from" else rows.exclude(valid_to=None)
    found = dict(rows.order_by(f"-{column}").values_list("customer_id", column)[:OF_LATE])
    people = find_people(request, list(found))
    return [{**each, "at": moment(found[each["id"]])} for each in people]


def growth(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The count at the end of each of the last days since it was made, and the moves of each."""
    segment = page.wanted(request, object_id)
    if segment is None:
        return JsonResponse({"days": []}, status=404)
    store = get_store(request)
    clock = clock_of(tenant=store)
    made = replace(clock, now=segment.created_at).today
    first = min(clock.today, max(made, clock.today - timedelta(days=DAYS - 1)))
    counted = history.counts_by_day(tenant=store, segment=segment, first=first, last=clock.today)
    days = [
        {"day": c.day.isoformat(), "members": c.members, "joined": c.joined, "left": c.left}
        for c in counted
    ]
    return JsonResponse({"days": days})


VIEWS = {"growth": growth}
