"""Whether a person's opens and clicks may be noted: the one place that says so."""

from campaigns.models import Message, Touch
from campaigns.settings import settings_of
from customers.models import Customer
from tenants.models import Tenant

# Shopify's `openTrackingLevel` of somebody who said no.
OPTED_OUT = "OPTED_OUT"


def may_note(*, tenant: Tenant, message: Message, kind: Touch.Kind) -> bool:
    """Whether the store tracks this kind, and, of opens, whether the person allows it."""
    rules = settings_of(tenant)
    if kind == Touch.Kind.CLICKED:
        return rules.track_clicks
    if kind == Touch.Kind.OPENED:
        return rules.track_opens and allows_opens(level_of(message.customer))
    return True


def allows_opens(level: str | None) -> bool:
    """Whether Shopify's `openTrackingLevel` of a person, None where it told none, is no word
    against it: then their messages have no picture, and what fetches an old one is not noted."""
    return level != OPTED_OUT


def level_of(customer: Customer | None) -> str | None:
    """The person's; None of whom was deleted since."""
    return customer.email_open_tracking if customer else None
