"""The third step: what is wrong, who gets it, who does not and why, and what it can show."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.admin.saving import row_id
from campaigns.admin.steps import steps_of, url_of
from campaigns.audience import PlannedPerson, list_people, summarize
from campaigns.content.checking import check_content, errors_of
from campaigns.models import Campaign, Message
from campaigns.planning import Prospect, foresee
from customers.models import Customer
from segments.admin.freshness import short_words
from segments.freshness import freshness_of
from segments.models import Segment
from tenants.audit import get_actor, save_reading
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.display import NOTHING, moment

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

PAGE = 25
LABELS = {
    "queued": "Gets it",
    **{
        value: label
        for value, label in Message.Reason.choices
        if value not in (Message.Reason.CANCELLED, Message.Reason.ERASED)
    },
}
BEFORE = (Campaign.State.DRAFT, Campaign.State.SCHEDULED, Campaign.State.PAUSED)


def plan(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """What would become of everybody if it went out now."""
    campaign = page.wanted(request, object_id)
    if campaign is None:
        return page.missing(request, object_id)
    if campaign.frozen_at or campaign.state not in BEFORE:
        messages.info(request, "It has begun: what became of everybody stands in its report.")
        return HttpResponseRedirect(url_of(campaign))
    store = get_store(request)
    counts = summarize(tenant=store, campaign=campaign)
    findings = check_content(campaign, tenant=store)
    context = {
        **page.admin_site.each_context(request),
        "title": f"Plan of {campaign}",
        "model_admin": page,
        "campaign": campaign,
        "steps": steps_of(campaign, "plan"),
        "findings": findings,
        "wrong": len(errors_of(findings)),
        "planned": sum(counts.values()),
        "sendable": counts.get("queued", 0),
        "reasons": shares(counts),
        "segments": fresh_segments(store, campaign),
        "shows": list(prospect_words(campaign, prospect_of(store, campaign, counts))),
        "people": people(request, store, campaign),
        "may_see": holds(request, Right.VIEW_CUSTOMERS),
        "may_edit": page.has_change_permission(request) and campaign.state == Campaign.State.DRAFT,
    }
    return TemplateResponse(request, "campaigns/plan.html", context)


def shares(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each reason with its people, in the order of the rules, for the chart and the list."""
    whole = sum(counts.values())
    return [
        {
            "key": key,
            "label": LABELS[key],
            "count": counts[key],
            "share": f"{counts[key] / whole:.1%}",
        }
        for key in LABELS
        if counts.get(key)
    ]


def prospect_of(store: Tenant, campaign: Campaign, counts: dict[str, int]) -> Prospect:
    """What these people can show."""
    return foresee(
        tenant=store,
        campaign=campaign,
        sendable=counts.get("queued", 0),
        held=counts.get("holdout", 0),
    )


def prospect_words(campaign: Campaign, prospect: Prospect) -> Any:
    """What can be told from chance afterwards, in words."""
    if not campaign.holdout_percent:
        yield (
            "Nobody is held out, so what the campaign itself brings cannot be told from what"
            " would have come anyway."
        )
    elif prospect.smallest_lift is None:
        yield "Too few of the audience order for the holdout to show any effect."
    else:
        yield (
            f"{prospect.ordering:.1%} of the audience ordered in the last 14 days. The smallest"
            f" effect that the holdout can show is a rise by {prospect.smallest_lift:.1%} points."
        ).replace("% points", " percentage points")
    if prospect.test is None or prospect.base is None:
        return
    test = prospect.test
    smallest = (
        "no rise"
        if test.smallest is None
        else f"a rise from {prospect.base:.1%} to {prospect.base + test.smallest:.1%}"
    )
    yield (
        f"The A/B test has {test.people:,} people a variant and finds {smallest} in 4 of 5 cases;"
        f" a rise by a fifth takes {test.for_a_fifth:,}."
    )


def fresh_segments(store: Tenant, campaign: Campaign) -> list[dict[str, Any]]:
    """The audience's segments, how many are in each, and how fresh that is."""
    sides = dict(campaign.audiences.values_list("segment_id", "excluded"))
    found = list(Segment.objects.filter(pk__in=sides).order_by("name"))
    fresh = freshness_of(tenant=store, segment_ids=list(sides))
    return [
        {
            "name": segment.name,
            "url": reverse("admin:segments_segment_change", args=[segment.pk]),
            "excluded": sides[segment.pk],
            "count": fresh[segment.pk].members_count if segment.pk in fresh else None,
            "fresh": short_words(segment, fresh.get(segment.pk)),
        }
        for segment in sorted(found, key=lambda each: sides[each.pk])
    ]


def people(request: HttpRequest, store: Tenant, campaign: Campaign) -> dict[str, Any]:
    """A page of the plan's rows; nobody for who may not see customers."""
    reason = request.GET.get("reason", "")
    reason = reason if reason in LABELS else ""
    if not holds(request, Right.VIEW_CUSTOMERS):
        return {"rows": [], "reason": reason, "next": None, "first": True}
    after = row_id(request.GET.get("after", "")) or 0
    found = list_people(
        tenant=store,
        campaign=campaign,
        after=after,
        most=PAGE + 1,
        reason={"": None, "queued": ""}.get(reason, reason),
    )
    shown = found[:PAGE]
    return {
        "rows": rows(request, shown),
        "reason": reason,
        "next": shown[-1].customer_id if len(found) > PAGE else None,
        "first": not after,
    }


def rows(request: HttpRequest, planned: list[PlannedPerson]) -> list[dict[str, Any]]:
    """The people by name, each with the reason; that they were shown is noted."""
    ids = [person.customer_id for person in planned]
    if not ids:
        return []
    found = Customer.objects.filter(pk__any_of=ids).in_bulk()
    save_reading(
        actor=get_actor(request),
        action="customer.listed",
        object_type=Customer._meta.label_lower,
        seen=ids,
    )
    return [
        {
            "name": str(found.get(person.customer_id, NOTHING)),
            "url": reverse("admin:customers_customer_change", args=[person.customer_id]),
            "address": person.address or NOTHING,
            "reason": LABELS.get(person.reason or person.state, person.reason),
            "kind": "success" if person.state == "queued" else "",
            "when": when(person),
            "variant": person.variant,
        }
        for person in planned
    ]


def when(person: PlannedPerson) -> str:
    """When it leaves for this person, or from when on they may be written to."""
    if person.free_from is not None:
        return f"free from {moment(person.free_from)}"
    return moment(person.not_before) if person.state == "queued" else ""


VIEWS = {"plan": plan}
