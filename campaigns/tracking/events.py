"""What providers tell of messages, each event once: delivered, bounced, complained, unsubscribed.

Matched by the proof in our own metadata, or, where none came back, by the provider's id of the
message: providers rewrite Message-ID.
Every event proves that the message was handed over, so it settles one that was uncertain.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.db import transaction

from campaigns.models import Message, ProviderEvent, Suppression, Touch
from campaigns.sending.settling import settle_arrived
from campaigns.suppressing import suppress
from campaigns.tracking.reacting import MOST, note_customer
from campaigns.tracking.unsubscribing import unsubscribe
from tenants.models import Tenant
from xeno.lib.upsert import run

SOFT_BOUNCES = 3  # so many within
SOFT_WITHIN = timedelta(days=30)  # are as one for good
Kind = Touch.Kind
FOR_GOOD = {
    Kind.BOUNCED: Suppression.Reason.BOUNCED,
    Kind.COMPLAINED: Suppression.Reason.COMPLAINED,
}


class Event(TypedDict):
    """One event, as it travels to a worker: nothing of the person is in it."""

    provider: str
    event_id: str
    kind: str  # of a Touch
    at: str | None  # ISO
    message: int | None  # our id, as the proof in the metadata says
    provider_id: str


def take_in(*, tenant: Tenant, events: Iterable[Event]) -> int:
    """Take in each event in a transaction of its own; how many were news of a message of ours."""
    return sum(take_in_one(tenant=tenant, event=event) for event in events)


def take_in_one(*, tenant: Tenant, event: Event) -> bool:
    """Take in one; False for a repeat, and for what is about no message of this store."""
    message_id = find_message(event)
    if message_id is None:
        return False
    if event["kind"] == Kind.UNSUBSCRIBED:
        return take_in_unsubscribe(tenant=tenant, message_id=message_id, event=event)
    with transaction.atomic():
        if not is_news(tenant, event):
            return False
        note_event(tenant=tenant, message_id=message_id, event=event)
    return True


def take_in_unsubscribe(*, tenant: Tenant, message_id: int, event: Event) -> bool:
    """Written down when it is done: no lock of ours is held while it waits for the store's turn."""
    known = ProviderEvent.objects.filter(provider=event["provider"], event_id=event["event_id"])
    if known.exists():
        return False
    unsubscribe(tenant=tenant, message_id=message_id)
    return is_news(tenant, event)


def find_message(event: Event) -> int | None:
    """Our id of the message in the open store."""
    if event["message"] is not None:
        which: dict[str, Any] = {"pk": event["message"]}
    elif event["provider_id"]:
        which = {"provider_id": event["provider_id"]}
    else:
        return None
    found: int | None = Message.objects.filter(**which).values_list("pk", flat=True).first()
    return found


NEWS = """
    INSERT INTO campaigns_providerevent (tenant_id, provider, event_id) VALUES (%s, %s, %s)
    ON CONFLICT (tenant_id, provider, event_id) DO NOTHING RETURNING id
"""


def is_news(tenant: Tenant, event: Event) -> bool:
    """Whether the event was never taken in; a repeat at the same moment waits for the first."""
    return bool(run(NEWS, [tenant.pk, event["provider"], event["event_id"]]))


def note_event(*, tenant: Tenant, message_id: int, event: Event) -> None:
    """The touch, what follows for the address, and that the message was sent."""
    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    kind = Kind(event["kind"])
    settle_arrived(tenant=tenant, message_ids=[message_id])
    if Touch.objects.filter(message=message, kind=kind).count() >= MOST:
        return
    Touch.objects.create(
        message=message,
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        kind=kind,
        happened_at=moment_of(event),
    )
    note_customer(tenant=tenant, message=message)
    reason = FOR_GOOD.get(kind)
    if kind == Kind.SOFT_BOUNCED and bounces_of(message.address) >= SOFT_BOUNCES:
        reason = Suppression.Reason.BOUNCED
    if reason is not None and message.address:
        suppress(tenant=tenant, addresses=[message.address], reason=reason)


def moment_of(event: Event) -> datetime:
    """When it happened, as the provider says, but never after now."""
    now: datetime
    ((now,),) = run("SELECT clock_timestamp()", [])
    told = datetime.fromisoformat(event["at"]) if event["at"] else now
    return min(told, now)


def bounces_of(address: str | None) -> int:
    """How many messages to the address bounced for now of late."""
    if not address:
        return 0
    ((since,),) = run("SELECT clock_timestamp() - %s::interval", [SOFT_WITHIN])
    soft = Touch.objects.filter(
        kind=Kind.SOFT_BOUNCED, happened_at__gt=since, message__address=address
    )
    return soft.values("message").distinct().count()
