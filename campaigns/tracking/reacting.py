"""What people and machines do with a message, as rows: one action for each thing done.

A message's row is the lock, so that all that a scanner does at once is seen as that. However
often somebody comes, a message has at most `MOST` touches of a kind.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from campaigns.models import Message, Touch
from campaigns.sending.settling import settle_arrived
from campaigns.tracking import machines
from campaigns.tracking.permitted import may_note
from segments.changes import note_touched
from tenants.models import Tenant
from xeno.lib.upsert import run

MOST = 50  # of a kind and message


@dataclass(frozen=True, slots=True)
class Request:
    """What can be seen of who came."""

    method: str
    agent: str


def note_open(*, tenant: Tenant, message_id: int, request: Request) -> None:
    """Note that the message's picture was fetched."""
    note(tenant=tenant, message_id=message_id, kind=Touch.Kind.OPENED, request=request)


def note_click(*, tenant: Tenant, message_id: int, link_id: int, request: Request) -> None:
    """Note that a link of the message was followed. It says nothing of an open."""
    kind = Touch.Kind.CLICKED
    note(tenant=tenant, message_id=message_id, kind=kind, request=request, link_id=link_id)


@transaction.atomic
def note(
    *,
    tenant: Tenant,
    message_id: int,
    kind: Touch.Kind,
    request: Request,
    link_id: int | None = None,
) -> None:
    """Note one open or click, told from a machine's; a person's proves that the message came."""
    message = Message.objects.select_for_update(no_key=True).filter(pk=message_id).first()
    if message is None or not may_note(tenant=tenant, message=message, kind=kind):
        return
    if Touch.objects.filter(message=message, kind=kind).count() >= MOST:
        return
    ((at,),) = run("SELECT clock_timestamp()", [])
    touch = Touch(
        message=message,
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        kind=kind,
        link_id=link_id,
        machine=machine_of(message, at, request, opened=kind == Touch.Kind.OPENED),
        happened_at=at,
    )
    if kind == Touch.Kind.CLICKED and is_burst(touch):
        touch.machine = "all_links"
        mark_burst(tenant=tenant, touch=touch)
    touch.save()
    if not touch.machine:
        settle_arrived(tenant=tenant, message_ids=[message.pk])
        note_customer(tenant=tenant, message=message)


def machine_of(message: Message, at: datetime, request: Request, *, opened: bool) -> str:
    """Why it is a machine's, by itself; '' when it may be a person's."""
    told = machines.by_request(method=request.method, agent=request.agent, opened=opened)
    # While it is being handed over, its claim is the nearest that is known.
    handed_at = message.handed_at or message.claimed_at
    return told or machines.by_timing(handed_at=handed_at, at=at, opened=opened)


def is_burst(touch: Touch) -> bool:
    """Whether with this click many of the message's links were followed at once."""
    since = Q(happened_at__gt=touch.happened_at - machines.AT_ONCE)
    before = Touch.objects.filter(since, message=touch.message_id, kind=Touch.Kind.CLICKED)
    last = dict(before.order_by("link_id").values_list("link_id").annotate(Max("happened_at")))
    return machines.is_burst(last | {touch.link_id: touch.happened_at}, touch.happened_at)


def mark_burst(*, tenant: Tenant, touch: Touch) -> None:
    """What the same scanner did a moment before was taken for a person's: it is not."""
    marked = Touch.objects.filter(
        message=touch.message_id,
        kind__in=[Touch.Kind.OPENED, Touch.Kind.CLICKED],
        machine="",
        happened_at__gt=touch.happened_at - machines.AT_ONCE,
    ).update(machine="all_links")
    if marked:
        note_customer(tenant=tenant, message=touch.message)


def note_customer(*, tenant: Tenant, message: Message) -> None:
    """Have the segments look at whose touches these are."""
    if message.customer_id is not None:
        note_touched(tenant=tenant, customer_ids=[message.customer_id], kinds=["touches"])
