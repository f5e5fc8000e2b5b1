"""Building the demo store: make it, post what is new of its story, wait until it is applied."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum

from customers.models import Customer
from orders.models import Order
from tenants.models import Tenant
from webhooks import predicting, rescoring
from webhooks.models import Delivery as Arrived
from webhooks.models import State
from xeno.demo.deliveries import Delivery, deliver
from xeno.demo.posting import Sender
from xeno.demo.store import opening_of, save_demo_store
from xeno.demo.story import tell_story
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

# Opens a progress bar for so many steps of what the text says.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], object]]]

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 45.0  # without any progress; the sweep comes every ten seconds


class NotApplied(Mistake):
    """The webhooks are in the inbox and nobody works it off."""

    code = "not_applied"
    status = 503
    message = (
        "{left} webhooks wait in the inbox and no worker applies them. They are safe:"
        " start a worker (`make run`, or `celery -A xeno worker --beat`), and it goes on."
    )


@dataclass(frozen=True)
class Summary:
    """What the demo store holds."""

    posted: int
    customers: int
    orders: int
    revenue: Decimal
    set_aside: int  # deliveries that are parked or wait for another


def build_demo(*, today: date, send: Sender, progress: Progress) -> Summary:
    """Bring the demo store to the state of today; a second time on one day posts nothing.

    Raises DemoRefused outside development, NotTaken and NotApplied when the running server or
    its workers do not do their part.
    """
    store = save_demo_store(today=today)
    with tenant_scope(store.pk):
        deliveries = find_missing(store=store, today=today)
        with progress("Posting webhooks", len(deliveries)) as advance:
            send(deliveries, advance)
        with progress("Applying them", count_pending()) as advance:
            wait_until_applied(advance)
        if deliveries:
            ask_for_numbers(store)
        return summarise(posted=len(deliveries))


def find_missing(*, store: Tenant, today: date) -> list[Delivery]:
    """The story's deliveries up to this morning that the inbox does not hold."""
    events = tell_story(opening=opening_of(store), until=today)
    deliveries = [deliver(event, settings.SHOPIFY_API_SECRET) for event in events]
    ids = [delivery.webhook_id for delivery in deliveries]
    held = set(Arrived.objects.filter(webhook_id__in=ids).values_list("webhook_id", flat=True))
    return [delivery for delivery in deliveries if delivery.webhook_id not in held]


def count_pending() -> int:
    """How many deliveries of the open store nobody has looked at yet."""
    return Arrived.objects.filter(state=State.PENDING).count()


def wait_until_applied(advance: Callable[[int], object]) -> None:
    """Wait until the workers have emptied the inbox; NotApplied when they stand still."""
    left = count_pending()
    moved_at = time.monotonic()
    while left:
        time.sleep(POLL_SECONDS)
        before, left = left, count_pending()
        if left != before:
            advance(max(before - left, 0))
            moved_at = time.monotonic()
        elif time.monotonic() - moved_at > PATIENCE_SECONDS:
            raise NotApplied(NotApplied.message.format(left=left))


def ask_for_numbers(store: Tenant) -> None:
    """Have scores and predictions made of the whole story, not of what had arrived of it when a
    worker first looked: a store tells of its history by a backfill, which asks for them too."""
    rescoring.ask_for_scores(tenant=store)
    predicting.ask_for_predictions(tenant=store)


def summarise(*, posted: int) -> Summary:
    """What the open store holds now."""
    sold = Order.objects.filter(counted=True).aggregate(
        orders=Count("pk"), revenue=Sum("current_amount")
    )
    return Summary(
        posted=posted,
        customers=Customer.objects.count(),
        orders=sold["orders"],
        revenue=sold["revenue"] or Decimal(0),
        set_aside=Arrived.objects.filter(state__in=(State.PARKED, State.WAITING)).count(),
    )
