"""The smallest bodies that each topic takes, and the envelope they come in."""

import json
from datetime import UTC, datetime
from typing import Any

from webhooks.mapping.context import Envelope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = "2026-03-01T13:00:00Z"  # an hour after noon
LATER = datetime(2026, 3, 1, 13, tzinfo=UTC)

Json = dict[str, Any]


def envelope(topic: str = "orders/create", *, triggered_at: datetime | None = NOON) -> Envelope:
    """A delivery to Ana's store."""
    return Envelope(topic, "ana.myshopify.com", triggered_at)


def body(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def order(**changes: Any) -> Json:
    return {"id": 1, "total_price": "100.00", "currency": "GBP", **changes}


def line(**changes: Any) -> Json:
    return {"id": 11, "quantity": 2, "price": "10.00", **changes}


def refund(**changes: Any) -> Json:
    return {"id": 3, "order_id": 1, **changes}


def customer(**changes: Any) -> Json:
    return {"id": 7, **changes}


def checkout(**changes: Any) -> Json:
    return {"id": 6, "total_price": "5.00", "currency": "GBP", **changes}


def without(payload: Json, *keys: str) -> Json:
    return {key: value for key, value in payload.items() if key not in keys}
