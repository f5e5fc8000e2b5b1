"""Words on a customer's consents in the timeline."""

from collections.abc import Sequence
from datetime import datetime

from customers.models import ConsentChange, Customer
from customers.timeline import Event, Source
from tenants.roles import Right


def find_consents(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest words, each as an event."""
    words = ConsentChange.objects.filter(customer=customer)
    if until:
        words = words.filter(changed_at__lte=until)
    return [
        Event(
            at=word.changed_at,
            kind=f"consent.{word.state}",
            text=f"{word.get_channel_display()}: {word.get_state_display().lower()}",
            key=f"consent:{word.pk:020}",
            object_type="customers.consentchange",
            object_id=word.pk,
        )
        for word in words.order_by("-changed_at", "-pk")[:most]
    ]


CONSENTS = Source("consents", Right.VIEW_CUSTOMERS, find_consents, "Consents", "how_to_reg")
