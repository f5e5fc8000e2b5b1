"""A shop of any size whose payloads are made when they are asked for: an object is two numbers."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from xeno.demo.shopify.world import Shop
from xeno.demo.story import Event

Json = dict[str, Any]
OPENED = datetime(2020, 1, 1, tzinfo=UTC)
SPLIT = datetime(2026, 5, 1, tzinfo=UTC)  # what changes, changes after it
CUSTOMERS, ORDERS, LINES, REFUNDS = (n * 10**12 for n in (7, 5, 14, 9))
ORDERS_EACH = 3
made = threading.local()  # the payload that was made last: a node asks for it field by field


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def customer(number: int, version: int) -> Json:
    at = OPENED + timedelta(minutes=10 * number)
    return {
        "id": CUSTOMERS + number,
        "created_at": stamp(at),
        "updated_at": stamp(SPLIT + timedelta(seconds=number) if version else at),
        "first_name": f"First {number % 997}",
        "last_name": f"Last {number % 1009} {'new' * version}".strip(),
        "email": f"person{number}@mail.example",
        "phone": None,
        "state": "enabled",
        "note": "moved" if version else None,
        "currency": "GBP",
        "default_address": {"city": "Leeds", "province_code": "ENG", "country_code": "GB"},
    }


def order(number: int, version: int, buyer: int) -> Json:
    """Version 1 is refunded in part; `buyer` is the version of its customer."""
    at = OPENED + timedelta(minutes=10 * number, hours=1)
    price, whole = 10 + number % 90, 2 * (10 + number % 90)
    left = whole - price if version else whole
    lines = [
        {
            "id": LINES + 2 * number + place,
            "product_id": 1 + (number + place) % 500,
            "variant_id": None,
            "title": f"Thing {(number + place) % 500}",
            "sku": f"T{(number + place) % 500}",
            "quantity": 1,
            "current_quantity": 0 if version and place else 1,
            "price": f"{price}.00",
            "total_discount": "0.00",
        }
        for place in (0, 1)
    ]
    changed = SPLIT + timedelta(seconds=number)
    refund = {
        "id": REFUNDS + number,
        "order_id": ORDERS + number,
        "created_at": stamp(changed),
        "processed_at": stamp(changed),
        "note": "",
        "transactions": [{"id": 1, "kind": "refund", "status": "success", "amount": f"{price}.00"}],
        "refund_line_items": [],
    }
    return {
        "id": ORDERS + number,
        "name": f"#{number}",
        "email": f"person{number // ORDERS_EACH}@mail.example",
        "created_at": stamp(at),
        "processed_at": stamp(at),
        "updated_at": stamp(changed if version else at),
        "currency": "GBP",
        "total_price": f"{whole}.00",
        "current_total_price": f"{left}.00",
        "financial_status": "partially_refunded" if version else "paid",
        "fulfillment_status": None,
        "source_name": "web",
        "test": False,
        "cancelled_at": None,
        "discount_codes": [],
        "customer": customer(number // ORDERS_EACH, buyer),
        "line_items": lines,
        "refunds": [refund] if version else [],
    }


class Made:
    """A payload that is not there yet."""

    __slots__ = ("kind", "number", "shop")

    def __init__(self, shop: "LargeShop", kind: str, number: int) -> None:
        self.shop, self.kind, self.number = shop, kind, number

    def payload(self) -> Json:
        key = (self.kind, self.number, id(self.shop))
        if getattr(made, "key", None) != key:
            made.key, made.payload = key, self.shop.tell(self.kind, self.number)
        told: Json = made.payload
        return told

    def get(self, name: str, otherwise: Any = None) -> Any:
        return self.payload().get(name, otherwise)

    def __getitem__(self, name: str) -> Any:
        return self.payload()[name]


@dataclass
class LargeShop(Shop):
    """So many customers with three orders each; a changed one has version 1."""

    size: int = 100
    changed: dict[str, set[int]] = field(
        default_factory=lambda: {"customers": set(), "orders": set()}
    )
    born: set[int] = field(default_factory=set)  # orders that came after the split

    def numbers(self, kind: str) -> range:
        return range(self.size if kind == "customers" else self.size * ORDERS_EACH)

    def tell(self, kind: str, number: int) -> Json:
        """The payload as it is now."""
        version = int(number in self.changed[kind])
        if kind == "customers":
            return customer(number, version)
        buyer = int(number // ORDERS_EACH in self.changed["customers"])
        return order(number, version, buyer)

    def listed(self, kind: str, now: datetime) -> list[Any]:
        """In place of the base's: nothing is sorted, nothing is kept."""
        if kind not in self.changed:
            return []
        return [Made(self, kind, number) for number in self.numbers(kind)]

    def live(self, share: float, chance: random.Random) -> Iterator[Event]:
        """What changes, one after the other; each is in the shop before it is told."""
        for kind, topic in (("customers", "customers/update"), ("orders", "orders/updated")):
            numbers = self.numbers(kind)
            for number in sorted(chance.sample(numbers, int(share * len(numbers)))):
                self.changed[kind].add(number)
                body = self.tell(kind, number)
                at = datetime.fromisoformat(body["updated_at"])
                yield Event(topic, at, f"{kind} {number}", body)
