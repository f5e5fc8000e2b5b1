"""The second step: who sends it and what it says, with what somebody would get beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse

from campaigns.actions import KEYS, PARTS
from campaigns.admin.saving import draft_of, form_of, read_content, row_id, save_step, version_of
from campaigns.admin.steps import steps_of, url_of
from campaigns.audience import lots_of
from campaigns.content.fields import FIELDS
from campaigns.content.library import LIBRARY
from campaigns.content.trying import MOST as MOST_TESTED
from campaigns.errors import CampaignNotDraft
from campaigns.measuring.variants import plan_power
from campaigns.models import Campaign, Sender, Template
from campaigns.planning import share_clicking
from tenants.roles import Right
from tenants.scoping.admin import get_user, holds
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class VariantForm:
    """What a variant says otherwise than A; nothing, of one that is still to be thought of."""

    key: str
    subject: str
    preheader: str
    html: str
    text: str

    @property
    def said(self) -> bool:
        """Whether it differs from A in something."""
        return any((self.subject, self.preheader, self.html, self.text))


def content(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The words of a draft; a POST saves them."""
    campaign = page.wanted(request, object_id, "change")
    if campaign is None:
        return page.missing(request, object_id)
    if request.method == "POST":
        return save(page, request, campaign)
    if campaign.state != Campaign.State.DRAFT:
        messages.error(request, CampaignNotDraft.message)
        return HttpResponseRedirect(url_of(campaign))
    return draw(page, request, campaign, version_of(campaign, "content"))


def save(page: "CampaignAdmin", request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Save and go on to the plan, or draw the step again with what is wrong."""
    try:
        saved = save_step(request, campaign, "content")
    except Mistake as mistake:
        if mistake.status >= 500:
            raise
        if isinstance(mistake, CampaignNotDraft):
            messages.error(request, str(mistake))
            return HttpResponseRedirect(url_of(campaign))
        version = version_of(campaign, "content")
        return draw(page, request, typed(campaign, request), version, [str(mistake)])
    if "later" in request.POST:
        messages.success(request, f"“{saved}” is saved as a draft.")
        return HttpResponseRedirect(url_of(saved, "content"))
    return HttpResponseRedirect(url_of(saved, "plan"))


def typed(campaign: Campaign, request: HttpRequest) -> Campaign:
    """The draft with what was typed, as far as it can be read."""
    try:
        return draft_of(campaign, read_content(form_of(request)))
    except Mistake:
        words = {part: request.POST.get(part, "").replace("\0", "") for part in PARTS}
        return draft_of(campaign, words)  # type: ignore[arg-type]


def draw(
    page: "CampaignAdmin",
    request: HttpRequest,
    campaign: Campaign,
    version: str,
    refusals: list[str] | None = None,
) -> HttpResponse:
    """The step with the draft's words."""
    context = {
        **page.admin_site.each_context(request),
        "title": f"Edit {campaign}",
        "model_admin": page,
        "campaign": campaign,
        "steps": steps_of(campaign, "content"),
        "version": version,
        "senders": list(Sender.objects.order_by("name", "pk")[:MOST_ROWS]),
        "fields": FIELDS,
        "library": LIBRARY.values(),
        "saved": list(Template.objects.order_by("name").values_list("pk", "name")[:MOST_ROWS]),
        "variants": variant_forms(campaign),
        "keys": ["A", *KEYS],
        "decisions": Campaign.Decision.choices,
        "power": power_words(campaign),
        "tester": get_user(request).email,
        "most_tested": MOST_TESTED,
        "sees_people": holds(request, Right.VIEW_CUSTOMERS),
        "refusals": refusals or [],
    }
    return TemplateResponse(request, "campaigns/content.html", context)


def variant_forms(campaign: Campaign) -> list[VariantForm]:
    """B to E, filled as far as they are there."""
    told = {each["key"]: each for each in campaign.variants}
    return [
        VariantForm(key, **{part: told.get(key, {}).get(part, "") for part in PARTS})
        for key in KEYS
    ]


def power_words(campaign: Campaign) -> str:
    """What a test of the stated size can show, at the rate at which people click."""
    people, variants = campaign.decided_at_size, len(lots_of(campaign))
    if variants < 2 or not people:
        return ""
    if campaign.decided_by != Campaign.Decision.CLICKS:
        return "What the test can show by orders stands on the plan."
    base = share_clicking()
    found = plan_power(people=people, base=base, variants=variants)
    if found.smallest is None:
        return (
            f"{people:,} people a variant are too few to tell a difference from chance:"
            f" to find a rise by a fifth takes {found.for_a_fifth:,}."
        )
    return (
        f"With {people:,} people a variant a rise of clicks from {base:.1%} to"
        f" {base + found.smallest:.1%} is found in 4 of 5 cases; one by a fifth takes"
        f" {found.for_a_fifth:,} people a variant."
    )


def words(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The words of a template of the library (`library:welcome`) or of the store (`saved:12`)."""
    campaign = page.wanted(request, object_id, "change")
    if campaign is None:
        return JsonResponse({"ok": False}, status=404)
    kind, _, key = request.GET.get("template", "").partition(":")
    if kind == "library" and key in LIBRARY:
        found = LIBRARY[key]
        told = {"subject": found.subject, "preheader": found.preheader, "html": found.html}
        return JsonResponse({"ok": True, **told, "text": ""})
    saved = Template.objects.filter(pk=row_id(key)).first() if kind == "saved" else None
    if saved is None:
        return JsonResponse({"ok": False})
    return JsonResponse({"ok": True, **{part: getattr(saved, part) for part in PARTS}})


VIEWS: dict[str, Any] = {"content": content, "words": words}
