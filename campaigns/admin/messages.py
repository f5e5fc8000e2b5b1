"""Each person of a campaign with what became of them; uncertain ones are settled here."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns import lifecycle
from campaigns.mail.headers import HeaderNotValid, to_mailbox
from campaigns.models import Campaign, LocalMail, Message, Touch
from campaigns.models.messages import in_state
from campaigns.outcomes import find_outcomes
from campaigns.panels import STATE_KINDS
from customers.models import Customer
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.display import NOTHING, moment, state_label

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

PAGE = 50
LARGEST_ID = 2**63 - 1
KINDS = dict(Touch.Kind.choices)
# What somebody answers, as the action takes it; and what is asked before.
ANSWERS = {
    "arrived": (True, "It counts as sent from then on, and nothing is sent again."),
    "send_again": (
        False,
        "It is queued and sent again. If it did arrive after all, this person gets it twice.",
    ),
}


def messages(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """A page of people, narrowed by what became of them."""
    campaign = page.wanted(request, object_id)
    if not holds(request, Right.VIEW_CUSTOMERS):
        raise PermissionDenied(f"This takes the right “{Right.VIEW_CUSTOMERS.label}”.")
    if campaign is None:
        return page.missing(request, object_id)
    state = request.GET.get("state", "")
    rows, following = find_rows(campaign, state, read_id(request.GET.get("after", "")))
    note(request, rows)
    found = find_outcomes(tenant_id=get_store(request).pk, message_ids=[each.pk for each in rows])
    mails = find_mails(campaign, rows)
    context = {
        **page.admin_site.each_context(request),
        "title": f"People of {campaign}",
        "model_admin": page,
        "campaign": campaign,
        "state": state,
        "states": [("", "Everybody"), *Message.State.choices],
        "rows": [tell(each, found[each.pk], mails.get(mailbox_of(each))) for each in rows],
        "following": following,
        "first": "after" not in request.GET,
        "may_settle": holds(request, Right.SEND_CAMPAIGNS),
    }
    return TemplateResponse(request, "campaigns/messages.html", context)


def find_rows(campaign: Campaign, state: str, after: int) -> tuple[list[Message], int | None]:
    """A page by our ids, and behind which id the next one begins."""
    found = Message.objects.filter(campaign=campaign, pk__gt=after).select_related("customer")
    if state in Message.State.values:
        found = found.filter(in_state(state))
    rows = list(found.order_by("pk")[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def find_mails(campaign: Campaign, rows: list[Message]) -> dict[str, int]:
    """The local mailbox's mail to each address of these, the newest of several."""
    if settings.PRODUCTION:
        return {}
    wanted = {mailbox_of(each) for each in rows} - {""}
    found = LocalMail.objects.filter(campaign=campaign, recipient__in=wanted).order_by("pk")
    return dict(found.values_list("recipient", "pk"))


def mailbox_of(message: Message) -> str:
    """Its address as mails have it; empty for what is none."""
    try:
        return to_mailbox(message.address or "")
    except HeaderNotValid:
        return ""


def read_id(text: str) -> int:
    """An id of an address; 0 for what is none."""
    good = text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID
    return int(text) if good else 0


def note(request: HttpRequest, rows: list[Message]) -> None:
    """Note that the user saw what became of these people."""
    save_reading(
        actor=get_actor(request),
        action="customer.listed",
        object_type=Customer._meta.label_lower,
        seen=[each.customer_id for each in rows if each.customer_id is not None],
    )


def tell(message: Message, outcomes: dict[str, Any], mail: int | None) -> dict[str, Any]:
    """One person's line; `mail` is the local mailbox's."""
    customer = message.customer
    return {
        "id": message.pk,
        "name": str(customer) if customer else "Erased since",
        "url": reverse("admin:customers_customer_change", args=[customer.pk]) if customer else "",
        "address": message.address or NOTHING,
        "mail": mail,
        "state": state_label(message.state, STATE_KINDS),
        "uncertain": message.state == Message.State.UNCERTAIN,
        "reason": reason_of(message),
        "variant": message.variant,
        "when": moment(message.handed_at),
        "outcomes": [
            (KINDS.get(kind, kind), moment(at))
            for kind, at in sorted(outcomes.items(), key=lambda item: item[1])
        ],
    }


def reason_of(message: Message) -> str:
    """Why not, until when not, or what the provider's code was."""
    words = str(message.get_reason_display()) or message.code
    free = f", free from {moment(message.free_from)}" if message.free_from else ""
    return f"{words}{free}"


def settle(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask first, then say what became of an uncertain message."""
    campaign = page.wanted(request, object_id, "send")
    if campaign is None:
        return page.missing(request, object_id)
    back = reverse("admin:campaigns_campaign_messages", args=[campaign.pk])
    answer = request.GET.get("answer", "")
    found = Message.objects.filter(campaign=campaign, pk=read_id(request.GET.get("message", "")))
    message = found.first()
    if message is None or answer not in ANSWERS:
        return page.missing(request, object_id)
    arrived, says = ANSWERS[answer]
    return page.confirm(
        request,
        title="It arrived" if arrived else "Send it again",
        says=says,
        act=lambda: lifecycle.settle_by_hand(
            actor=get_actor(request),
            tenant=get_store(request),
            message_id=message.pk,
            arrived=arrived,
        ),
        done="It counts as sent." if arrived else "It is queued again.",
        back=f"{back}?state=uncertain",
    )


VIEWS = {"messages": messages, "settle": settle}
