"""Claimed messages of one campaign in their final words."""

from collections.abc import Mapping, Sequence
from typing import Any

from liquid.exceptions import LiquidError

from campaigns.content.fields import read_fields
from campaigns.content.liquid import TemplateNotValid, read_template, render
from campaigns.models import Campaign
from campaigns.sending.claiming import Claimed
from campaigns.sending.ready import Ready, Unready
from tenants.models import Tenant

PARTS = {"subject": False, "preheader": True, "html": True, "text": False}  # autoescaped?


class CampaignWriter:
    """Renders for each person of a claim; templates are read once, fields in one statement."""

    def __init__(self, *, tenant: Tenant, campaign: Campaign) -> None:
        self.tenant, self.campaign = tenant, campaign
        self.variants: dict[str, Mapping[str, str]] = {
            each["key"]: each for each in campaign.variants
        }

    def prepare(self, claimed: Sequence[Claimed]) -> list[Ready | Unready]:
        """Each message, in the order of the claim."""
        fields = read_fields(self.tenant, [message.customer_id for message in claimed])
        return [self.write(message, fields.get(message.customer_id)) for message in claimed]

    def write(self, message: Claimed, fields: dict[str, Any] | None) -> Ready | Unready:
        """One message, or why it cannot be put into words."""
        sender = self.campaign.sender
        if sender is None or fields is None:
            return Unready(message.id, "no_sender" if sender is None else "no_customer")
        try:
            words = {name: self.part(message.variant, name, fields) for name in PARTS}
        except (LiquidError, TemplateNotValid):
            return Unready(message.id, "content")
        return Ready(
            id=message.id,
            sender=sender.email,
            sender_name=sender.name,
            reply_to=sender.reply_to,
            recipient=message.address,
            subject=" ".join(words["subject"].split()),
            html=words["html"],
            text=words["text"],
            message_id=message_id(self.campaign, message, sender.email),
            metadata={"message": str(message.id), "store": str(self.tenant.pk)},
        )

    def part(self, variant: str, name: str, fields: dict[str, Any]) -> str:
        """One part of the content for this variant, filled in."""
        told = self.variants.get(variant, {})
        text = told.get(name) or getattr(self.campaign, name)
        return render(read_template(text, html=PARTS[name]), fields) if text else ""


def message_id(campaign: Campaign, message: Claimed, sender: str) -> str:
    """The same at every attempt, so that a second copy is known as the first."""
    domain = sender.rpartition("@")[2]
    return f"<{message.id}.{campaign.pk}.{campaign.salt.hex[:12]}@{domain}>"
