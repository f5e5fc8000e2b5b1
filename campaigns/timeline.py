"""What a customer was sent and did with it, in the timeline."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Message, Touch
from customers.models import Customer
from customers.timeline import Event, Source
from tenants.roles import Right

VERBS = {
    Touch.Kind.OPENED: "Opened",
    Touch.Kind.CLICKED: "Clicked in",
    Touch.Kind.UNSUBSCRIBED: "Unsubscribed by",
    Touch.Kind.BOUNCED: "Bounced:",
    Touch.Kind.SOFT_BOUNCED: "Bounced for now:",
    Touch.Kind.COMPLAINED: "Marked as spam:",
}


def find_messages(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest messages that were handed over."""
    rows = Message.objects.filter(customer=customer, handed_at__isnull=False)
    if until:
        rows = rows.filter(handed_at__lte=until)
    return [
        Event(
            at=row.handed_at,
            kind=f"message.{row.state}",
            text=f"{'Sent' if row.state == 'sent' else row.get_state_display()}:"
            f" {row.campaign.name}",
            key=f"message:{row.pk:020}",
            object_type="campaigns.campaign",
            object_id=row.campaign_id,
        )
        for row in rows.select_related("campaign").order_by("-handed_at", "-pk")[:most]
    ]


def find_touches(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest that people did, each kind by its own index."""
    found = list[Event]()
    for kind, verb in VERBS.items():
        rows = Touch.objects.filter(customer=customer, kind=kind.value, machine="")
        if until:
            rows = rows.filter(happened_at__lte=until)
        found += [
            Event(
                at=row.happened_at,
                kind=f"message.{row.kind}",
                text=f"{verb} {row.campaign.name}",
                key=f"touch:{row.pk:020}",
                object_type="campaigns.campaign",
                object_id=row.campaign_id,
            )
            for row in rows.select_related("campaign").order_by("-happened_at", "-pk")[:most]
        ]
    return sorted(found, key=lambda event: event.place, reverse=True)[:most]


MESSAGES = Source("messages", Right.VIEW_CAMPAIGNS, find_messages)
TOUCHES = Source("touches", Right.VIEW_CAMPAIGNS, find_touches)
