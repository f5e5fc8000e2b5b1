"""What one does with a campaign: approve, schedule, send, pause, resume, cancel, copy."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from campaigns import lifecycle
from campaigns.actions import copy_campaign
from campaigns.admin.saving import FormNotValid
from campaigns.admin.steps import url_of
from campaigns.audience import summarize
from campaigns.content.subjects import shown_subject
from campaigns.models import Campaign
from tenants.audit import get_actor
from tenants.models import Tenant
from tenants.scoping.admin import get_store
from tenants.scoping.display import moment
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

Act = Callable[[dict[str, Any], Campaign], str]


def taken(
    page: "CampaignAdmin", request: HttpRequest, object_id: str, verb: str, act: Act
) -> HttpResponse:
    """Take the step for who may, say what came of it, and show the campaign as it is then."""
    campaign = page.wanted(request, object_id, verb)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if campaign is None:
        return page.missing(request, object_id)
    told = {
        "actor": get_actor(request),
        "tenant": get_store(request),
        "campaign_id": campaign.pk,
    }
    try:
        messages.success(request, act(told, campaign))
    except Mistake as mistake:
        if mistake.status >= 500:
            raise
        messages.error(request, str(mistake))
    return HttpResponseRedirect(url_of(campaign))


def approve(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Approve the very words that the page showed."""

    def act(told: dict[str, Any], campaign: Campaign) -> str:
        lifecycle.approve_campaign(**told, content=request.POST.get("content", ""))
        return "Approved: these words may go out."

    return taken(page, request, object_id, "approve", act)


def schedule(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Have it go out at a time of the store's clock."""

    def act(told: dict[str, Any], campaign: Campaign) -> str:
        at = read_time(request.POST.get("at", ""), told["tenant"])
        lifecycle.schedule_campaign(**told, at=at)
        return f"It goes out {moment(at)}."

    return taken(page, request, object_id, "send", act)


def read_time(typed: str, store: Tenant) -> datetime:
    """A date and time by the store's clock; raises FormNotValid.

    An hour that the clock skips is the next one that there is; of one that comes twice the first.
    """
    try:
        local = datetime.fromisoformat(typed)
        return local.replace(tzinfo=store.zone) if local.tzinfo is None else local
    except (ValueError, OverflowError):
        raise FormNotValid("Choose a date and a time.", field="at") from None


TO_NOBODY = (
    "As it is now, everybody of the audience would be passed over, and the campaign would be over"
    " at once. The plan says why, person by person; a later time may be a better one."
)


def send(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask with the count, then have it go out now."""
    campaign = page.wanted(request, object_id, "send")
    if campaign is None:
        return page.missing(request, object_id)
    if request.method == "POST":

        def act(told: dict[str, Any], campaign: Campaign) -> str:
            lifecycle.schedule_campaign(**told)
            return "It is on its way."

        return taken(page, request, object_id, "send", act)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, "Only a draft can be sent.")
        return HttpResponseRedirect(url_of(campaign))
    store = get_store(request)
    count = summarize(tenant=store, campaign=campaign).get("queued", 0)
    people = "1 person" if count == 1 else f"{count:,} people" if count else "nobody"
    says = (
        f"“{shown_subject(campaign, tenant=store)}” goes to {people} as soon as the workers"
        " come to it. What has left cannot be called back."
    )
    return page.confirm(
        request,
        title=f"Send to {people} now?",
        says=says if count else TO_NOBODY,
        act=lambda: None,
        done="",
        back=url_of(campaign),
    )


def pause(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Let no further message leave."""

    def act(told: dict[str, Any], campaign: Campaign) -> str:
        lifecycle.pause_campaign(**told)
        return "Paused: what is being handed over goes on, nothing else leaves."

    return taken(page, request, object_id, "send", act)


def resume(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Go on; one that is late when the form says that it still is to go out."""

    def act(told: dict[str, Any], campaign: Campaign) -> str:
        lifecycle.resume_campaign(**told, confirm=request.POST.get("confirm") == "yes")
        return "It goes on."

    return taken(page, request, object_id, "send", act)


def cancel(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask, then end it for good; says how many had left."""
    campaign = page.wanted(request, object_id, "send")
    if campaign is None:
        return page.missing(request, object_id)
    if request.method == "POST":

        def act(told: dict[str, Any], campaign: Campaign) -> str:
            left = lifecycle.cancel_campaign(**told)
            return f"Cancelled. {had_left(left)}"

        return taken(page, request, object_id, "send", act)
    return page.confirm(
        request,
        title=f"End {campaign} for good?",
        says="It is cancelled, and nobody else gets it. What has left cannot be called back.",
        act=lambda: None,
        done="",
        back=url_of(campaign),
    )


def had_left(left: int) -> str:
    """How many got it all the same."""
    if not left:
        return "No message had left."
    return "1 message had left by then." if left == 1 else f"{left:,} messages had left by then."


def copy(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """A new draft that says the same to the same."""
    campaign = page.wanted(request, object_id, "add")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if campaign is None:
        return page.missing(request, object_id)
    try:
        made = copy_campaign(
            actor=get_actor(request), tenant=get_store(request), campaign_id=campaign.pk
        )
    except Mistake as mistake:
        return page.refused(request, mistake)
    messages.success(request, f"“{made}” is the copy.")
    return HttpResponseRedirect(url_of(made, "audience"))


VIEWS = {
    "approve": approve,
    "schedule": schedule,
    "send": send,
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
    "copy": copy,
}
