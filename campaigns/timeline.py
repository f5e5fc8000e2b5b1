"""What a customer was sent and did with it, in the timeline."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db.models import QuerySet

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


def find_touches(
    kinds: Sequence[Touch.Kind], customer: Customer, until: datetime | None, most: int
) -> Sequence[Event]:
    """The newest of these kinds that people did, each kind by its own index, in one query."""
    newest = [newest_of(kind, customer, until, most) for kind in kinds]
    rows = newest[0].union(*newest[1:], all=True) if newest[1:] else newest[0]
    found = [
        Event(
            at=at,
            kind=f"message.{kind}",
            text=f"{VERBS[Touch.Kind(kind)]} {name}",
            key=f"touch:{pk:020}",
            object_type="campaigns.campaign",
            object_id=campaign_id,
        )
        for pk, at, kind, campaign_id, name in rows
    ]
    return sorted(found, key=lambda event: event.place, reverse=True)[:most]


def newest_of(
    kind: Touch.Kind, customer: Customer, until: datetime | None, most: int
) -> QuerySet[Touch, tuple[int, datetime, str, int, str]]:
    """The newest of one kind, with the campaign's name."""
    rows = Touch.objects.filter(customer=customer, kind=kind.value, machine="")
    if until:
        rows = rows.filter(happened_at__lte=until)
    columns = rows.values_list("pk", "happened_at", "kind", "campaign_id", "campaign__name")
    return columns.order_by("-happened_at", "-pk")[:most]


def touches(name: str, title: str, icon: str, *kinds: Touch.Kind) -> Source:
    """A source of what people did."""
    return Source(name, Right.VIEW_CAMPAIGNS, partial(find_touches, kinds), title, icon)


Kind = Touch.Kind
MESSAGES = Source("messages", Right.VIEW_CAMPAIGNS, find_messages, "Messages", "mail")
OPENS = touches("opens", "Opens", "drafts", Kind.OPENED)
CLICKS = touches("clicks", "Clicks", "ads_click", Kind.CLICKED)
RETURNS = touches(
    "returns", "Bounces and unsubscribes", "unsubscribe",
    Kind.UNSUBSCRIBED, Kind.BOUNCED, Kind.SOFT_BOUNCED, Kind.COMPLAINED,
)  # fmt: skip
