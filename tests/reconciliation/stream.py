"""A shop that lives on while its history is fetched: webhooks that are lost, doubled, shuffled."""

import hashlib
import random
from collections.abc import Iterable, Sequence

from django.conf import settings

from tenants.models import Tenant
from webhooks import processing, recomputing
from webhooks.backfill import running
from webhooks.backfill.models import Sync
from webhooks.models import Delivery
from xeno.demo.deliveries import deliver
from xeno.demo.shopify.world import Shop
from xeno.demo.story import Event

LOST = DOUBLED = 0.05


def troubled(events: Sequence[Event], chance: random.Random) -> list[Event]:
    """What arrives of the events: 5 % never, 5 % twice, and all in any order."""
    arriving = [event for event in events if chance.random() >= LOST]
    arriving += [event for event in arriving if chance.random() < DOUBLED]
    chance.shuffle(arriving)
    return arriving


def put_in_inbox(events: Iterable[Event]) -> None:
    """As if their webhooks had come; the second of two is known by its id."""
    sent = [deliver(event, settings.SHOPIFY_API_SECRET) for event in events]
    Delivery.objects.bulk_create(
        [
            Delivery(
                webhook_id=each.webhook_id,
                topic=each.headers["X-Shopify-Topic"],
                triggered_at=each.headers["X-Shopify-Triggered-At"],
                body=each.body,
                body_hash=hashlib.sha256(each.body).digest(),
            )
            for each in sent
        ],
        ignore_conflicts=True,
    )


def live_through(store: Tenant, shop: Shop, events: Sequence[Event], *, pieces: int) -> Sync:
    """Fetch the history while the events happen, and while of their webhooks some arrive."""
    chance = random.Random(20)
    for event in events[: len(events) // 10]:
        shop.hear(event.topic, event.body)  # before Shopify has read anything
    arriving = troubled(events, chance)
    running.start_sync(tenant=store)
    size = -(-len(events) // pieces)
    for first in range(0, len(events), size):
        for event in events[first : first + size]:
            shop.hear(event.topic, event.body)
        put_in_inbox(arriving[first : first + size])
        running.cut_pause()
        running.advance(tenant=store, seconds=0)
        processing.apply_inbox(tenant=store, seconds=0)
    put_in_inbox(arriving[first + size :])
    sync = run_out(store)
    empty_inbox(store)
    return sync


def run_out(store: Tenant) -> Sync:
    """The running sync's end, without the pauses."""
    for _ in range(10_000):
        running.cut_pause()
        if running.advance(tenant=store) is None:
            break
    while recomputing.recompute(tenant=store):
        pass
    return Sync.objects.latest("pk")


def empty_inbox(store: Tenant) -> None:
    """Until nothing waits that can be applied."""
    while processing.apply_inbox(tenant=store):
        pass
