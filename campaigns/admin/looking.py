"""What the content step asks while somebody writes: how it looks, what is wrong, a test.

The HTML is what the store's team wrote. It is an answer of its own, whose policy lets nothing run,
and the page shows it in a sandboxed frame alone.
"""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.html import format_html

from campaigns.admin.framing import framed
from campaigns.admin.saving import draft_of, form_of, read_content, row_id, save_step, version_of
from campaigns.content import trying
from campaigns.content.checking import check_content, variants_of
from campaigns.content.findings import Finding
from campaigns.content.preparing import Words
from campaigns.content.previewing import preview
from campaigns.models import Campaign
from customers.models import Customer
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from xeno.lib.errors import Mistake

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

MOST_PEOPLE = 8
NOTHING_YET = format_html(
    '<!doctype html><meta name="color-scheme" content="light">'
    '<p style="font:16px/1.5 sans-serif;color:#555;padding:2rem;text-align:center">{}</p>',
    "Write the message, or start from a template: it is shown here as people will get it.",
)


def look(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """What the check finds in the words as they are typed, and their subject and text part."""
    campaign = drafted(page, request, object_id)
    if not isinstance(campaign, Campaign):
        return campaign or JsonResponse({"findings": [], "words": None}, status=404)
    store = get_store(request)
    told = [tell(finding) for finding in check_content(campaign, tenant=store)]
    words, problem = written(request, campaign)
    shown = words and {
        "subject": words.subject,
        "preheader": words.preheader,
        "text": words.text,
    }
    return JsonResponse({"findings": told, "words": shown, "problem": problem})


def show(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The HTML as somebody would get it, for a sandboxed frame."""
    campaign = drafted(page, request, object_id)
    if not isinstance(campaign, Campaign):
        return campaign or framed("", status=404)
    words, problem = written(request, campaign)
    if words is None:
        return framed(format_html("<!doctype html><p>{}</p>", problem))
    return framed(words.html if words.html.strip() else NOTHING_YET)


def drafted(
    page: "CampaignAdmin", request: HttpRequest, object_id: str
) -> Campaign | HttpResponse | None:
    """The campaign with what is typed by now; a GET looks at it as it is saved."""
    campaign = page.wanted(request, object_id)
    if campaign is None or request.method == "GET":
        return campaign
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        return draft_of(campaign, read_content(form_of(request)))
    except Mistake as mistake:
        finding = {"severity": "error", "detail": str(mistake), "part": "html", "line": None}
        told = [{**finding, "code": mistake.code, "variant": ""}]
        return JsonResponse({"findings": told, "words": None, "problem": str(mistake)})


def written(request: HttpRequest, campaign: Campaign) -> tuple[Words | None, str]:
    """The words for the chosen customer and variant, or why they cannot be written."""
    asked = request.POST if request.method == "POST" else request.GET
    variant = asked.get("variant", "A")
    variant = variant if variant in variants_of(campaign) else "A"
    customer = find_customer(request, asked.get("customer", ""))
    try:
        return (
            preview(campaign, tenant=get_store(request), customer=customer, variant=variant),
            "",
        )
    except Mistake as mistake:
        if mistake.status >= 500:
            raise
        return None, str(mistake)


def find_customer(request: HttpRequest, typed: str) -> Customer | None:
    """The customer of this id, whose being read is noted; None: the example of the fields."""
    pk = row_id(typed)
    if pk is None:
        return None
    if not holds(request, Right.VIEW_CUSTOMERS):
        raise PermissionDenied
    found: Customer | None = Customer.objects.filter(pk=pk).first()
    if found is not None:
        note(request, "customer.viewed", [found.pk], object_id=str(found.pk))
    return found


def note(request: HttpRequest, action: str, seen: list[int], object_id: str = "") -> None:
    """Note that the user saw these customers."""
    save_reading(
        actor=get_actor(request),
        action=action,
        object_type=Customer._meta.label_lower,
        object_id=object_id,
        seen=seen,
    )


def tell(finding: Finding) -> dict[str, Any]:
    """One finding, as the page shows it."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "detail": finding.words,
        "part": finding.part,
        "line": finding.line,
        "variant": finding.variant,
    }


def people(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Customers whose name or address begins so, to look at the message as one of them."""
    if not holds(request, Right.VIEW_CUSTOMERS):
        raise PermissionDenied
    if page.wanted(request, object_id) is None:
        return JsonResponse({"people": []}, status=404)
    term = request.GET.get("q", "").replace("\0", "").strip()[:255]
    found = list(Customer.objects.search(term).order_by("-pk")[:MOST_PEOPLE]) if term else []
    if found:
        note(request, "customer.listed", [customer.pk for customer in found])
    told = [{"id": str(c.pk), "name": str(c), "email": c.email or ""} for c in found]
    return JsonResponse({"people": told})


def test(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Save what is typed, and have a test of it sent to members of the team."""
    campaign = page.wanted(request, object_id, "change")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if campaign is None:
        return JsonResponse({"ok": False, "said": "It is not there any more."}, status=404)
    variant = request.POST.get("variant", "A")
    try:
        saved = save_step(request, campaign, "content")
        sent = trying.start_test(
            actor=get_actor(request),
            tenant=get_store(request),
            campaign=saved,
            addresses=request.POST.get("addresses", "").replace(",", " ").split(),
            customer=find_customer(request, request.POST.get("customer", "")),
            variant=variant if variant in variants_of(saved) else "A",
        )
    except Mistake as mistake:
        if mistake.status >= 500:
            raise
        return JsonResponse({"ok": False, "said": str(mistake)})
    said = f"On its way to {', '.join(sent)}. The draft is saved as it is now."
    return JsonResponse({"ok": True, "said": said, "version": version_of(saved, "content")})


test.__test__ = False  # type: ignore[attr-defined]  # no test of ours
VIEWS = {"look": look, "preview": show, "people": people, "test": test}
