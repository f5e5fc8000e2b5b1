"""What one can do with a segment beside editing it: copy, take away as text, tag, fill by hand."""

import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from customers.models import Customer
from segments import static
from segments.actions import SegmentData, create_segment
from segments.admin.editor import url_of
from segments.models import Segment
from tenants.audit import get_actor
from tenants.scoping.admin import get_store
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin

MOST_EMAILS = 1_000
LARGEST_ID = 2**63 - 1


def duplicate(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """A copy with a number behind its name; of a static one with its members."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    segment = page.wanted(request, object_id, "add")
    if segment is None:
        return page.missing(request, object_id)
    actor, store = get_actor(request), get_store(request)
    data = SegmentData(
        name=segment.name,
        kind=segment.kind,
        query=segment.query,
        description=segment.description,
    )
    try:
        made = create_segment(actor=actor, tenant=store, data=data, imported=True)
        if not segment.dynamic:
            static.add_matching(actor=actor, tenant=store, segment_id=made.pk, other_id=segment.pk)
    except Mistake as mistake:
        return page.refused(request, mistake)
    messages.success(request, f"“{made}” is the copy.")
    return HttpResponseRedirect(url_of(made))


def move(page: "SegmentAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Put people on a static list or take them off, by e-mail or by another segment."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    segment = page.wanted(request, object_id, "change")
    if segment is None:
        return page.missing(request, object_id)
    adding = request.POST.get("how") != "remove"
    other = find_other(request.POST.get("segment", ""))
    try:
        said = move_of(request, segment, other, adding=adding)
    except Mistake as mistake:
        messages.error(request, str(mistake))
    else:
        messages.success(request, said)
    return HttpResponseRedirect(url_of(segment))


def move_of(request: HttpRequest, segment: Segment, other: Segment | None, *, adding: bool) -> str:
    """Do it; gives what there is to say."""
    given: dict[str, Any] = {
        "actor": get_actor(request), "tenant": get_store(request), "segment_id": segment.pk,
    }  # fmt: skip
    if other is not None:
        by_segment = static.add_matching if adding else static.remove_matching
        moved, unknown = by_segment(**given, other_id=other.pk), list[str]()
    else:
        ids, unknown = find_by_email(request.POST.get("emails", ""))
        by_id = static.add_members if adding else static.remove_members
        moved = by_id(**given, customer_ids=ids)
    people = "customer" if moved == 1 else "customers"
    said = f"{moved:,} {people} {'added' if adding else 'removed'}."
    return f"{said} Not known here: {', '.join(unknown[:10])}." if unknown else said


def find_by_email(text: str) -> tuple[list[int], list[str]]:
    """Our ids of the customers with these addresses, and the addresses that nobody has."""
    typed = [word.lower() for word in re.split(r"[\s,;<>]+", text) if "@" in word][:MOST_EMAILS]
    rows = Customer.objects.filter(email_search__in=typed).values_list("pk", "email_search")
    found = dict(rows)
    known = set(found.values())
    return list(found), [word for word in dict.fromkeys(typed) if word not in known]


def find_other(typed: str) -> Segment | None:
    """The segment that was chosen in the dropdown."""
    if not (typed.isascii() and typed.isdigit() and int(typed) <= LARGEST_ID):
        return None
    return Segment.objects.filter(pk=int(typed)).first()


VIEWS = {"duplicate": duplicate, "move": move}
