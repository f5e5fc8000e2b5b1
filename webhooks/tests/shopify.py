"""What Shopify would send: payloads of the real shape, small enough to read, and their posting."""

import copy
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from tenants.models import Tenant
from webhooks.models import Delivery
from webhooks.processing import apply_inbox
from webhooks.signature import signature

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "shopify" / "payloads"
_numbers = itertools.count(1)

Json = dict[str, Any]


def at(minutes: int = 0) -> str:
    """A time of the stories, so many minutes after noon."""
    return (datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat()


def sample(topic: str) -> Json:
    """Shopify's own sample of a topic; the test is skipped where ../shared is missing."""
    path = SAMPLES / f"{topic.replace('/', '__')}.json"
    if not path.exists():
        pytest.skip("needs ../shared/shopify/payloads")
    return json.loads(path.read_text())


def order(number: int = 1, *, total: str = "100.00", minutes: int = 0, **changes: Any) -> Json:
    """An order of customer 7 with one line, updated at the given minute."""
    return {
        "id": number,
        "name": f"#{1000 + number}",
        "email": "dee@example.com",
        "currency": "GBP",
        "total_price": total,
        "current_total_price": total,
        "financial_status": "paid",
        "fulfillment_status": None,
        "created_at": at(0),
        "processed_at": at(0),
        "updated_at": at(minutes),
        "cancelled_at": None,
        "test": False,
        "source_name": "web",
        "discount_codes": [],
        "customer": customer(minutes=0),
        "line_items": [line()],
        "refunds": [],
        **changes,
    }


def line(number: int = 11, **changes: Any) -> Json:
    """A line of one piece."""
    known = {"id": number, "product_id": 5, "title": "Jug", "sku": "J", "quantity": 1}
    return {**known, "price": "100.00", "total_discount": "0.00", **changes}


def customer(number: int = 7, *, minutes: int = 0, **changes: Any) -> Json:
    """A customer of API 2026-07: no tags, no consent, no totals."""
    return {
        "id": number,
        "email": "dee@example.com",
        "first_name": "Dee",
        "last_name": "Doe",
        "phone": None,
        "state": "enabled",
        "note": None,
        "created_at": at(-1000),
        "updated_at": at(minutes),
        "default_address": {"city": "New York City", "province_code": "NY", "country_code": "US"},
        **changes,
    }


def refund(number: int = 3, *, order_id: int = 1, amount: str = "30.00", minutes: int = 5) -> Json:
    """A refund of an order."""
    return {
        "id": number,
        "order_id": order_id,
        "created_at": at(minutes),
        "processed_at": at(minutes),
        "note": "broken",
        "refund_line_items": [{"subtotal": float(amount), "total_tax": 0}],
        "transactions": [{"kind": "refund", "status": "success", "amount": amount}],
    }


@dataclass
class Shopify:
    """Sends webhooks to one store, as Shopify does, and lets a worker apply them."""

    tenant: Tenant
    client: Client

    def send(
        self,
        topic: str,
        payload: Json | bytes,
        *,
        webhook_id: str | None = None,
        triggered_at: str | None = None,
        path: str = "/webhook/shopify",
        **headers: str,
    ) -> HttpResponse:
        """Post one webhook, signed; a header given as '' is left out."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        known = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature(body, settings.SHOPIFY_API_SECRET).decode(),
            "X-Shopify-Shop-Domain": self.tenant.shop_domain,
            "X-Shopify-Webhook-Id": webhook_id or f"w{next(_numbers)}",
            "X-Shopify-Triggered-At": triggered_at or "",
            "X-Shopify-API-Version": "2026-07",
        }
        sent = known | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            path,
            data=body,
            content_type="application/json",
            headers={name: value for name, value in sent.items() if value},
        )

    def tell(self, topic: str, payload: Json | bytes, **options: Any) -> Delivery:
        """Send and apply one webhook; gives what became of it."""
        webhook_id = options.setdefault("webhook_id", f"w{next(_numbers)}")
        response = self.send(topic, payload, **options)
        assert response.status_code == 200, response.content
        self.apply()
        return Delivery.objects.get(webhook_id=webhook_id)

    def apply(self) -> None:
        """Let a worker take a turn that is long enough."""
        assert apply_inbox(tenant=self.tenant, seconds=60) is False


def changed(payload: Json, **changes: Any) -> Json:
    """A deep copy with other values."""
    return {**copy.deepcopy(payload), **changes}
