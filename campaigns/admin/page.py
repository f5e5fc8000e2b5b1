"""A campaign's own page: what is to be done next, and how far it has come."""

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from campaigns.admin.steps import steps_of
from campaigns.content.subjects import shown_subject
from campaigns.errors import CampaignNotSendable
from campaigns.lifecycle import check_sendable
from campaigns.models import Campaign, Message
from campaigns.models.messages import OPEN, in_state
from campaigns.settings import settings_of
from tenants.models import Tenant
from tenants.scoping.admin import get_store, get_user
from tenants.scoping.display import moment

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

State = Campaign.State
LEFT = ("sent", "uncertain", "handing_over", "claimed")
PAUSES = {
    "by_hand": "Somebody paused it.",
    "late": "It would go out later than it may: say whether it still is to.",
    "restored": "The store was restored from a copy: say whether it still is to go out.",
    "segment": "One of its segments cannot be brought in step: mend its query, then resume.",
}


def show(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page."""
    campaign = page.wanted(request, object_id)
    if campaign is None:
        return page.missing(request, object_id)
    store = get_store(request)
    sides = list(
        campaign.audiences.order_by("excluded", "segment__name").values_list(
            "segment__name", "excluded"
        )
    )
    included = [name for name, excluded in sides if not excluded]
    context = {
        **page.admin_site.each_context(request),
        "title": campaign.name,
        "model_admin": page,
        "campaign": campaign,
        "subject": shown_subject(campaign, tenant=store),
        "label_kind": page.kinds[campaign.state],
        "steps": steps_of(campaign, "change", sides=len(included)),
        "included": included,
        "excluded": [name for name, excluded in sides if excluded],
        "times": times(campaign),
        "zone": store.timezone,
        "progress": progress_of(campaign) if campaign.frozen_at else None,
        "pause_words": PAUSES.get(campaign.pause_reason, ""),
        "late": campaign.pause_reason in ("late", "restored"),
        "may_edit": page.has_change_permission(request),
        "may_send": page.may(request, "send"),
        **draft_words(page, request, store, campaign),
    }
    return TemplateResponse(request, "campaigns/campaign.html", context)


def draft_words(
    page: "CampaignAdmin", request: HttpRequest, store: Tenant, campaign: Campaign
) -> dict[str, Any]:
    """What of a draft is lacking, and how its approval stands."""
    if campaign.state != State.DRAFT:
        return {}
    try:
        check_sendable(campaign, tenant=store)
        lacking = ""
    except CampaignNotSendable as mistake:
        lacking = str(mistake)
    approved = bool(campaign.approved_hash) and campaign.approved_hash == campaign.content_hash
    needed = settings_of(store).require_approval
    return {
        "lacking": lacking,
        "approval_needed": needed,
        "approved": approved,
        "approver": str(campaign.approved_by or "") if approved else "",
        "why_not_approve": why_not_approve(page, request, campaign),
        "ready": not lacking and (approved or not needed),
        "scheduled_local": local_input(campaign, store),
        "soonest": timezone.now().astimezone(store.zone).strftime("%Y-%m-%dT%H:%M"),
    }


def local_input(campaign: Campaign, store: Tenant) -> str:
    """The planned time as a date-time field takes it, by the store's clock."""
    at = campaign.scheduled_for
    return at.astimezone(store.zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def why_not_approve(page: "CampaignAdmin", request: HttpRequest, campaign: Campaign) -> str:
    """Why this user may not approve it; '' when they may."""
    if not page.may(request, "approve"):
        return "Approving takes the right “Approve campaigns”, which you do not hold."
    if campaign.written_by_id == get_user(request).pk:
        return "You wrote these words, and nobody approves their own: ask somebody else."
    return ""


def times(campaign: Campaign) -> list[tuple[str, str]]:
    """When what happened, by the store's clock."""
    told = {
        "Scheduled for": campaign.scheduled_for,
        "Begun": campaign.started_at,
        "Finished": campaign.finished_at,
        "Approved": campaign.approved_at,
    }
    return [(name, moment(at)) for name, at in told.items() if at is not None]


def progress_of(campaign: Campaign) -> dict[str, Any]:
    """How far the sending has come, counted from the messages themselves."""
    rows = Message.objects.filter(campaign=campaign).order_by().values_list("state")
    counts = dict(rows.annotate(count=Count("pk")))
    waiting = sum(counts.get(state, 0) for state in OPEN)
    planned = sum(counts.values()) - counts.get("skipped", 0) - counts.get("holdout", 0)
    return {
        "state": campaign.state,
        "label": campaign.get_state_display(),
        "planned": planned,
        "done": planned - waiting,
        "waiting": waiting,
        "next": next_leaves(campaign) if waiting else "",
        "sent": counts.get("sent", 0),
        "failed": counts.get("failed", 0),
        "uncertain": counts.get("uncertain", 0),
        "skipped": counts.get("skipped", 0),
        "holdout": counts.get("holdout", 0),
        "left": sum(counts.get(state, 0) for state in LEFT),
    }


def next_leaves(campaign: Campaign) -> str:
    """When the next message may leave, where none may now; '' where some may."""
    if campaign.state != State.SENDING:
        return ""
    queued = Message.objects.filter(in_state("queued"), campaign=campaign)
    soonest = queued.aggregate(at=Min("not_before"))["at"]
    return moment(soonest) if soonest is not None and soonest > timezone.now() else ""


def progress(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The same, for a page that is open."""
    campaign = page.wanted(request, object_id)
    if campaign is None:
        return JsonResponse({}, status=404)
    return JsonResponse(progress_of(campaign))


VIEWS = {"progress": progress}
