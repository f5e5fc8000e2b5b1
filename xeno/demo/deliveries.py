"""The story's events as Shopify would post them: signed, and numbered always the same."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from webhooks.signature import signature
from xeno.demo.payloads.shapes import SHOP_DOMAIN
from xeno.demo.story import Event

API_VERSION = "2026-07"
PATHS = {"orders/create": "/webhook/order-create", "customers/create": "/webhook/customer-create"}
OTHER_PATH = "/webhook/shopify"


@dataclass(frozen=True)
class Delivery:
    """One POST: the body's bytes are what the signature in the headers was made of."""

    webhook_id: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


def deliver(event: Event, secret: str, *, shop: str = SHOP_DOMAIN) -> Delivery:
    """The event as a signed delivery; the same event gives the same ids and bytes."""
    body = json.dumps(event.body, ensure_ascii=False, separators=(",", ":")).encode()
    webhook_id = uuid_of(shop, "webhook", event.topic, event.cause, event.at)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": event.topic,
        "X-Shopify-Hmac-Sha256": signature(body, secret).decode(),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": webhook_id,
        # One action of a person, one event: a refund and its order's change share it.
        "X-Shopify-Event-Id": uuid_of(shop, "event", event.cause, event.at),
        "X-Shopify-Triggered-At": event.at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
    }
    return Delivery(webhook_id, PATHS.get(event.topic, OTHER_PATH), headers, body)


def uuid_of(*parts: str | datetime) -> str:
    """A UUID that is always the same for the same parts."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))
