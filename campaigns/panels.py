"""The panel "Messages" on a customer's page: what they got, or why not, and what they did."""

from django.urls import reverse

from campaigns.models import Campaign, Message
from campaigns.outcomes import find_outcomes
from customers.models import Customer
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Panel, link, moment, state_label

LAST_MESSAGES = 20

STATE_KINDS = {
    "sent": "success",
    "failed": "danger",
    "uncertain": "warning",
    "queued": "info",
    "claimed": "info",
    "handing_over": "info",
}


def messages_panel(tenant: Tenant, customer: Customer) -> Panel:
    """The newest messages that the customer was planned for."""
    messages = Message.objects.filter(customer=customer).select_related("campaign")
    newest = list(messages.order_by("-pk")[:LAST_MESSAGES])
    found = find_outcomes(tenant_id=tenant.pk, message_ids=[each.pk for each in newest])
    return Panel(
        title="Messages",
        headers=("Campaign", "State", "Why not", "When", "What came back"),
        rows=[
            (
                link(page_of(each.campaign), each.campaign.name),
                state_label(each.state, STATE_KINDS),
                each.get_reason_display() or NOTHING,
                moment(each.handed_at),
                ", ".join(sorted(found[each.pk], key=found[each.pk].__getitem__)) or NOTHING,
            )
            for each in newest
        ],
        right=Right.VIEW_CAMPAIGNS,
        note="" if newest else "No campaign was for them yet.",
    )


def page_of(campaign: Campaign) -> str:
    """The campaign's own page."""
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])
