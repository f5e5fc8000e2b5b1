"""Sign events as Shopify does, repeat some of them, and put them into the order of posting."""

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.events import ORDER_CREATED, Event
from bench.payloads import body

API_VERSION = "2026-07"
DEVELOPMENT_SECRET = "xeno-development-secret"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: the body's bytes are what the signature in the headers was made of."""

    topic: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


def signature(secret: str, raw: bytes) -> str:
    """X-Shopify-Hmac-Sha256: base64 of the HMAC-SHA256 of the raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()


def deliveries(events: Iterable[Event], *, shop: str, secret: str) -> list[Delivery]:
    """One signed delivery for each event; the same events give the same bytes and headers."""
    return [_delivery(event, shop, secret) for event in events]


def duplicated(posts: Sequence[Delivery], fraction: float, seed: int = 0) -> list[Delivery]:
    """The deliveries, and behind them two repeats of some: one with the same id, one with a new id.

    A repeat is byte for byte the first delivery and keeps its Triggered-At: it may never win.
    """
    chosen = sorted(random.Random(seed).sample(range(len(posts)), round(len(posts) * fraction)))
    repeats = [repeat for n in chosen for repeat in (posts[n], _under_new_id(posts[n]))]
    return [*posts, *repeats]


def shuffled(posts: Sequence[Delivery], seed: int) -> list[Delivery]:
    """The same deliveries in an order that only the seed decides."""
    return random.Random(seed).sample(posts, len(posts))


def _delivery(event: Event, shop: str, secret: str) -> Delivery:
    raw = json.dumps(body(event), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": event.topic,
        "X-Shopify-Hmac-Sha256": signature(secret, raw),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": _uuid(
            "webhook", shop, event.topic, hashlib.sha256(raw).hexdigest()
        ),
        # One action of the merchant, one event: a refund and the change of its order share it.
        "X-Shopify-Event-Id": _uuid("event", shop, event.cause.number),
        "X-Shopify-Triggered-At": event.cause.date.replace("+00:00", ".000000000Z"),
    }
    path = "/webhook/order-create" if event.topic == ORDER_CREATED else "/webhook/shopify"
    return Delivery(event.topic, path, headers, raw)


def _under_new_id(post: Delivery) -> Delivery:
    new_id = _uuid("repeat", post.headers["X-Shopify-Webhook-Id"])
    return Delivery(
        post.topic, post.path, {**post.headers, "X-Shopify-Webhook-Id": new_id}, post.body
    )


def _uuid(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
