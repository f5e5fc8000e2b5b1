"""Why a customer is in a segment or not, for people: clause by clause, with what decided it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import localize

from customers.models import Customer
from segments import history
from segments.admin.people import may_see
from segments.definitions import clock_of, read_query
from segments.explaining import ClauseVerdict, Explanation, Verdict, explain
from segments.language.formatter import clause_text
from segments.models import Segment
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import moment
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from segments.admin.listing import SegmentAdmin

FACTS = {
    "value": "is",
    "held": "has",
    "count": "found",
    "newest": "last on",
    "nearest_km": "kilometres away",
    "source": "told by",
    "name": "segment",
}
UNTOLD = ("segment", "kind", "unit_km")


@dataclass(frozen=True)
class Line:
    """One line of an explanation: a clause, or the beginning of a group, at its depth."""

    depth: int
    holds: bool
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    joined: str = ""  # of a group: `and` or `or`


def why(
    page: "SegmentAdmin", request: HttpRequest, object_id: str, customer_id: int
) -> HttpResponse:
    """The explanation as a page, or with `?part=1` as what opens on the customer's page."""
    segment = page.wanted(request, object_id)
    if not may_see(request):
        raise PermissionDenied(f"This page needs the right “{Right.VIEW_CUSTOMERS.label}”.")
    customer = Customer.objects.filter(pk=customer_id).first()
    if segment is None or customer is None:
        return page.missing(request, object_id)
    save_reading(
        actor=get_actor(request),
        action="customer.viewed",
        object_type=Customer._meta.label_lower,
        object_id=str(customer.pk),
        seen=[customer.pk],
    )
    part = request.GET.get("part") == "1"
    context = {
        **({} if part else page.admin_site.each_context(request)),
        "title": f"Why {customer} is in {segment}, or not",
        "model_admin": page,
        "segment": segment,
        "customer": customer,
        **explained(request, segment, customer),
    }
    template = "segments/why_part.html" if part else "segments/why.html"
    return TemplateResponse(request, template, context)


def explained(request: HttpRequest, segment: Segment, customer: Customer) -> dict[str, Any]:
    """The verdict, its lines and the day on which it changes; or why there is none."""
    if not segment.dynamic:
        inside = history.members(segment).filter(customer=customer).exists()
        return {"holds": inside, "lines": [], "by_hand": True}
    clock = clock_of(tenant=get_store(request))
    try:
        told: Explanation = explain(
            read_query(segment.query), customer=customer, clock=clock, path=(segment.pk,)
        )
    except Mistake as mistake:
        return {"trouble": str(mistake), "lines": []}
    return {
        "holds": told.holds,
        "lines": list(lines_of(told.verdict)),
        "changes_on": localize(told.changes_on) if told.changes_on else "",
    }


def lines_of(verdict: Verdict, depth: int = 0) -> Iterator[Line]:
    """The tree of verdicts, line by line."""
    if isinstance(verdict, ClauseVerdict):
        facts = verdict.facts.items()
        shown = tuple((FACTS.get(name, name.replace("_", " ")), tell_fact(value))
                      for name, value in facts if name not in UNTOLD)  # fmt: skip
        yield Line(depth, verdict.holds, clause_text(verdict.clause), shown)
        return
    text = "All of these" if verdict.joined == "and" else "At least one of these"
    yield Line(depth, verdict.holds, text, joined=verdict.joined)
    for part in verdict.parts:
        yield from lines_of(part, depth + 1)


def tell_fact(value: object) -> str:
    """A value of the customer's, for people."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(localize(value))


VIEWS = {"why": why}
