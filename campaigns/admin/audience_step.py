"""The first step: what the campaign is called, whom it is for, and by whose clock it goes."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from campaigns.admin.saving import (
    MOST_HOLDOUT,
    MOST_HOURS,
    chosen,
    form_of,
    row_id,
    save_step,
    sides_of,
    version_of,
)
from campaigns.admin.steps import steps_of, url_of
from campaigns.errors import CampaignNotDraft
from campaigns.models import Campaign, SendingSettings, Topic
from campaigns.settings import settings_of
from segments.admin.freshness import short_words
from segments.freshness import freshness_of
from segments.models import Segment
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

MOST_SEGMENTS = 500
MOST_TOPICS = 200
EMPTY = {"name": "", "topic": None, "holdout": "0", "clock": "store", "lateness": "2"}


def add(page: "CampaignAdmin", request: HttpRequest) -> HttpResponse:
    """A new campaign, for the segment that the link names; a POST makes the draft."""
    if not page.has_add_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        return save(page, request, None)
    wanted = row_id(request.GET.get("segment", ""))
    sides = {} if wanted is None else {wanted: False}
    return draw(page, request, None, EMPTY, sides)


def audience(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The audience of a draft; a POST saves it."""
    campaign = page.wanted(request, object_id, "change")
    if campaign is None:
        return page.missing(request, object_id)
    if request.method == "POST":
        return save(page, request, campaign)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, CampaignNotDraft.message)
        return HttpResponseRedirect(url_of(campaign))
    filled = {
        "name": campaign.name,
        "topic": campaign.topic_id,
        "holdout": f"{campaign.holdout_percent:f}".rstrip("0").rstrip(".") or "0",
        "clock": campaign.clock,
        "lateness": str(campaign.lateness_hours),
    }
    return draw(page, request, campaign, filled, sides_of(campaign))


def save(page: "CampaignAdmin", request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    """Save and go on to the words, or draw the step again with what is wrong."""
    try:
        saved = save_step(request, campaign, "audience")
    except Mistake as mistake:
        if mistake.status >= 500:
            raise
        if isinstance(mistake, CampaignNotDraft) and campaign is not None:
            messages.error(request, str(mistake))
            return HttpResponseRedirect(url_of(campaign))
        form = form_of(request)
        filled = EMPTY | {
            name: form.get(name, "").replace("\0", "")
            for name in ("name", "holdout", "clock", "lateness")
        }
        filled["topic"] = row_id(form.get("topic", ""))  # type: ignore[assignment]
        sides = dict.fromkeys(chosen(form, "include"), False)
        sides |= dict.fromkeys(chosen(form, "exclude"), True)
        return draw(page, request, campaign, filled, sides, [str(mistake)])
    if "later" in request.POST:
        messages.success(request, f"“{saved}” is saved as a draft.")
        return HttpResponseRedirect(url_of(saved))
    return HttpResponseRedirect(url_of(saved, "content"))


def draw(
    page: "CampaignAdmin",
    request: HttpRequest,
    campaign: Campaign | None,
    filled: dict[str, Any],
    sides: dict[int, bool],
    refusals: list[str] | None = None,
) -> HttpResponse:
    """The step with these values."""
    store = get_store(request)
    rules = settings_of(store)
    context = {
        **page.admin_site.each_context(request),
        "title": f"Edit {campaign}" if campaign else "New campaign",
        "model_admin": page,
        "campaign": campaign,
        "steps": steps_of(campaign, "audience"),
        "version": version_of(campaign, "audience") if campaign else "",
        "back": url_of(campaign) if campaign else page.changelist_url(),
        "rows": rows(request, sides),
        "topics": list(Topic.objects.order_by("name").values_list("pk", "name")[:MOST_TOPICS]),
        "clocks": Campaign.Clock.choices,
        "zone": store.timezone,
        "quiet": quiet_words(rules),
        "cap": cap_words(rules),
        "may_make_segments": holds(request, Right.EDIT_SEGMENTS),
        "most_holdout": MOST_HOLDOUT,
        "most_hours": MOST_HOURS,
        "refusals": refusals or [],
        **filled,
    }
    return TemplateResponse(request, "campaigns/audience.html", context)


def rows(request: HttpRequest, sides: dict[int, bool]) -> list[dict[str, Any]]:
    """The store's segments, the chosen ones first, each with its count and how fresh that is."""
    chosen_ones = list(Segment.objects.filter(pk__in=sides).order_by("name"))
    others = Segment.objects.exclude(pk__in=sides).order_by("name")[:MOST_SEGMENTS]
    found = [*chosen_ones, *others]
    fresh = freshness_of(tenant=get_store(request), segment_ids=[each.pk for each in found])
    return [
        {
            "segment": segment,
            "side": {False: "include", True: "exclude"}.get(sides.get(segment.pk), ""),  # type: ignore[arg-type]
            "count": fresh[segment.pk].members_count if counted(fresh, segment) else None,
            "fresh": short_words(segment, fresh.get(segment.pk)),
        }
        for segment in found
    ]


def counted(fresh: Any, segment: Segment) -> bool:
    """Whether its members were found once."""
    return segment.pk in fresh and fresh[segment.pk].as_of is not None


def quiet_words(rules: SendingSettings) -> str:
    """When nothing leaves, in words."""
    if rules.quiet_from is None or rules.quiet_until is None:
        return "The store has no quiet hours."
    return (
        f"Quiet hours: nothing leaves from {rules.quiet_from:%H:%M} to {rules.quiet_until:%H:%M}."
    )


def cap_words(rules: SendingSettings) -> str:
    """How often one person is written to, in words."""
    times = "1 message" if rules.cap_messages == 1 else f"{rules.cap_messages} messages"
    return f"Nobody gets more than {times} in {rules.cap_hours} hours."


VIEWS = {"audience": audience}
