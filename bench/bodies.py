"""Order webhooks of 8 KB for the benches: Shopify's shape, three lines, every one another order."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bench.deliveries import API_VERSION, DEVELOPMENT_SECRET, signature
from bench.events import ORDER_CREATED, Event
from bench.online_retail import Invoice, Line
from bench.payloads import order_payload

BODY_BYTES = 8 * 1024
TRIGGERED_AT = "2026-03-01T12:00:00.000000000Z"
PRODUCTS = 5_000
ORDERS_PER_CUSTOMER = 5  # on average, as in the large store


@dataclass(frozen=True, slots=True)
class Post:
    """One order's body and the id of its delivery."""

    webhook_id: str
    body: bytes


def posts(first: int, count: int) -> Iterator[Post]:
    """Orders of the numbers from `first` on; the same numbers give the same bytes."""
    chosen = random.Random(first)
    customers = max(count // ORDERS_PER_CUSTOMER, 1)
    for number in range(first, first + count):
        yield Post(f"bench-{number}", body(number, first + chosen.randrange(customers), chosen))


def body(number: int, customer: int, chosen: random.Random) -> bytes:
    """One order; note attributes, which a real order has too, bring it to 8 KB."""
    lines = tuple(
        Line(n, f"SKU{chosen.randrange(PRODUCTS)}", f"Product {n}", n, Decimal("4.25"))
        for n in (1, 2, 3)
    )
    date = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T12:00:00+00:00"
    invoice = Invoice(str(number), date, customer, "United Kingdom", lines)
    payload = order_payload(Event(ORDER_CREATED, invoice, (), "2025-01-01T00:00:00+00:00"))
    missing = BODY_BYTES - len(compact(payload)) - 40
    payload["note_attributes"] = [
        {"name": f"attribute {n}", "value": "v" * 64} for n in range(max(missing, 0) // 102)
    ]
    return compact(payload)


def compact(payload: object) -> bytes:
    """JSON as Shopify writes it: no spaces."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def request(post: Post, shop: str) -> bytes:
    """The whole signed HTTP request, ready for a socket."""
    headers = (
        "POST /webhook/order-create HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: Shopify-Captain-Hook",
        "Content-Type: application/json",
        f"Content-Length: {len(post.body)}",
        f"X-Shopify-Topic: {ORDER_CREATED}",
        f"X-Shopify-Hmac-Sha256: {signature(DEVELOPMENT_SECRET, post.body)}",
        f"X-Shopify-Shop-Domain: {shop}",
        f"X-Shopify-API-Version: {API_VERSION}",
        f"X-Shopify-Webhook-Id: {post.webhook_id}",
        f"X-Shopify-Event-Id: event-{post.webhook_id}",
        f"X-Shopify-Triggered-At: {TRIGGERED_AT}",
    )
    return "\r\n".join([*headers, "", ""]).encode() + post.body
