"""The shops of the stand-in and what is in them. They learn from the webhooks that they send."""

import secrets
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from xeno.demo.shopify.faults import Faults

Json = dict[str, Any]

KINDS = {
    "orders": "orders",
    "customers": "customers",
    "products": "products",
    "checkouts": "abandonedCheckouts",
}
HISTORY = timedelta(days=60)  # what read_orders shows without read_all_orders
ACCESS_SECONDS, REFRESH_SECONDS = 3600, 90 * 24 * 3600


def segment(name: str, query: str, identity: int = 0) -> Json:
    """A segment of the shop's own; the queries are kept as they were written."""
    identity = identity or 300_000 + zlib.crc32(f"{name}\n{query}".encode())
    return {"id": f"gid://shopify/Segment/{identity}", "name": name, "query": query}


# What Shopify makes in every new shop: names and queries.
DEFAULT_SEGMENTS = (
    (
        "Customers who have purchased at least once",
        "Email subscribers",
        "Abandoned checkouts in the last 30 days",
        "Customers who have purchased more than once",
        "Customers who haven't purchased",
    ),
    (
        "number_of_orders >= 1",
        "email_subscription_status = 'SUBSCRIBED'",
        "abandoned_checkout_date >= -30d",
        "number_of_orders > 1",
        "number_of_orders = 0",
    ),
)


@dataclass
class Token:
    """An access token with its refresh token; `expires` is in seconds of the epoch."""

    access: str
    refresh: str
    expires: float
    used: bool = False


@dataclass
class Shop:
    """One shop: payloads by kind and id, subscriptions, tokens, bulk operations."""

    domain: str
    name: str = "Stand-in"
    currency: str = "GBP"
    zone: str = "Europe/London"
    scopes: set[str] = field(default_factory=set)
    objects: dict[str, dict[int, Json]] = field(
        default_factory=lambda: {kind: {} for kind in KINDS.values()}
    )
    subscriptions: dict[int, Json] = field(default_factory=dict)
    bulk: dict[int, Json] = field(default_factory=dict)
    segments: list[Json] = field(default_factory=lambda: [*map(segment, *DEFAULT_SEGMENTS)])
    tokens: list[Token] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock)
    # When it is there: a story may be told in its own time.
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def hear(self, topic: str, body: Json) -> None:
        """Take over what a webhook tells, as the shop's new state."""
        noun, _, verb = topic.partition("/")
        with self.lock:
            if noun in KINDS and verb == "delete":
                self.objects[KINDS[noun]].pop(body["id"], None)
            elif noun in KINDS and verb in ("enable", "disable", *CHANGES):
                known = self.objects[KINDS[noun]].get(body["id"], {})
                extra = {key: known[key] for key in ("consents", "totals") if key in known}
                if "addresses" in known and "addresses" not in body:
                    extra["addresses"] = known["addresses"]
                if noun == "customers":
                    extra["tags"] = known.get("tags", [])
                self.objects[KINDS[noun]][body["id"]] = {**body, **extra}
                if noun in ("orders", "checkouts") and body.get("customer"):
                    self.hear_buyer(body)
            elif topic in HEARD:
                HEARD[topic](self, body)

    def hear_buyer(self, body: Json) -> None:
        """The customer within an order or checkout, where it is newer."""
        told = {"locale": body.get("customer_locale"), **body["customer"]}
        known = self.objects["customers"].get(told["id"], UNKNOWN)
        if moment(told["updated_at"]) >= moment(known["updated_at"]):
            self.hear("customers/update", told)

    def customer(self, number: int) -> Json:
        """The customer's payload, with what is told of them apart."""
        return self.objects["customers"].setdefault(number, {"id": number, **UNKNOWN})

    def listed(self, kind: str, now: datetime) -> list[Json]:
        """The payloads of a kind that the app may see, oldest change first."""
        with self.lock:
            found = list(self.objects[kind].values())
        if kind == "orders" and "read_all_orders" not in self.scopes:
            since = (now - HISTORY).isoformat()
            found = [o for o in found if moment(o["created_at"]).isoformat() >= since]
        return sorted(found, key=lambda item: (moment(item["updated_at"]), item["id"]))

    def grant(self, scopes: str | None = None) -> Token:
        """New tokens; the old refresh token stays good until the new one is first used."""
        token = Token(
            f"shpat_{secrets.token_hex(16)}",
            f"shprt_{secrets.token_hex(16)}",
            time.time() + ACCESS_SECONDS,
        )
        with self.lock:
            if scopes is not None:
                self.scopes = {scope for scope in scopes.split(",") if scope}
            self.tokens.append(token)
        return token

    def admits(self, access: str) -> bool:
        """Whether the access token is one of ours and has not expired."""
        now = time.time()
        with self.lock:
            return any(t.access == access and t.expires > now for t in self.tokens)

    def end_tokens(self) -> None:
        """No token is good any more, and nothing is subscribed to."""
        with self.lock:
            self.tokens.clear()
            self.subscriptions.clear()

    def refresh(self, refresh: str) -> Token | None:
        """New tokens for a refresh token that is still good."""
        with self.lock:
            at = next((n for n, t in enumerate(self.tokens) if t.refresh == refresh), None)
            if at is None:
                return None
            # The first use of a token ends the ones before it.
            self.tokens = self.tokens[at:]
            return self.grant()


UNKNOWN: Json = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
CHANGES = (
    "create",
    "update",
    "updated",
    "paid",
    "cancelled",
    "fulfilled",
    "partially_fulfilled",
    "edited",
)


def touch(customer: Json, at: str | None) -> None:
    """What is told apart of a customer is a change of theirs too, to the second."""
    if at and moment(at) > moment(customer["updated_at"]):
        customer["updated_at"] = moment(at).replace(microsecond=0).isoformat()


def hear_email_consent(shop: Shop, body: Json) -> None:
    """A word on e-mail consent."""
    customer = shop.customer(body["customer_id"])
    customer.setdefault("consents", {})["email"] = body["email_marketing_consent"]
    touch(customer, body["email_marketing_consent"].get("consent_updated_at"))


def hear_sms_consent(shop: Shop, body: Json) -> None:
    """A word on SMS consent."""
    customer = shop.customer(body["id"])
    customer.setdefault("consents", {})["sms"] = body["sms_marketing_consent"]
    touch(customer, body["sms_marketing_consent"].get("consent_updated_at"))


def hear_tags(shop: Shop, body: Json) -> None:
    """Tags that were added."""
    customer = shop.customer(number(body["customerId"]))
    customer["tags"] = sorted({*customer.get("tags", []), *body["tags"]})
    touch(customer, body.get("occurredAt"))


def hear_tags_removed(shop: Shop, body: Json) -> None:
    """Tags that were removed."""
    customer = shop.customer(number(body["customerId"]))
    customer["tags"] = sorted(set(customer.get("tags", [])) - set(body["tags"]))
    touch(customer, body.get("occurredAt"))


def hear_summary(shop: Shop, body: Json) -> None:
    """Shopify's own totals."""
    customer = shop.customer(number(body["customerId"]))
    customer["totals"] = {
        "orders": body["numberOfOrders"],
        "spent": body["amountSpent"]["amount"],
    }
    touch(customer, body.get("occurredAt"))


def hear_refund(shop: Shop, body: Json) -> None:
    """A refund, which its order lists from then on."""
    order = shop.objects["orders"].get(body["order_id"])
    if order and all(known["id"] != body["id"] for known in order.setdefault("refunds", [])):
        order["refunds"].append(body)


HEARD = {
    "customers_email_marketing_consent/update": hear_email_consent,
    "customers_marketing_consent/update": hear_sms_consent,
    "customer.tags_added": hear_tags,
    "customer.tags_removed": hear_tags_removed,
    "customers/purchasing_summary": hear_summary,
    "refunds/create": hear_refund,
}


def number(gid: str) -> int:
    """The number at the end of GraphQL's name."""
    return int(gid.rsplit("/", 1)[1])


def moment(text: str) -> datetime:
    """An instant, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
