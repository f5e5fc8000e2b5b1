"""Whether a person's opens and clicks may be noted: the one place that says so."""

from campaigns.models import Message, Touch
from campaigns.settings import settings_of
from customers.models import Customer
from tenants.models import Tenant

# Shopify's `openTrackingLevel` of somebody who said no.
OPTED_OUT = "opted_out"


def may_note(*, tenant: Tenant, message: Message, kind: Touch.Kind) -> bool:
    """Whether the store tracks this kind, and, of opens, whether the person allows it."""
    rules = settings_of(tenant)
    if kind == Touch.Kind.CLICKED:
        return rules.track_clicks
    if kind == Touch.Kind.OPENED:
        return rules.track_opens and allows_opens(message.customer)
    return True


def allows_opens(customer: Customer | None) -> bool:
    """Whether Shopify has no word of this person against it."""
    level = getattr(customer, "email_open_tracking", None) or ""
    return level.lower() != OPTED_OUT
