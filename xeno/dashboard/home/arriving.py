"""What arrives from Shopify, newest first: polled by the page, bounded, without personal data."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.display import moment
from webhooks.models import Delivery, State

ROWS = 12
READ = 60  # of the newest, from which those are taken that one may see
# A topic's first word: what it is about, its icon, and the right to see it.
ABOUT: dict[str, tuple[str, str, Right]] = {
    "orders": ("Order", "receipt_long", Right.VIEW_ORDERS),
    "refunds": ("Refund", "undo", Right.VIEW_ORDERS),
    "checkouts": ("Checkout", "shopping_cart", Right.VIEW_ORDERS),
    "products": ("Product", "inventory_2", Right.VIEW_ORDERS),
    "customers": ("Customer", "person", Right.VIEW_CUSTOMERS),
    "customer": ("Customer's", "sell", Right.VIEW_CUSTOMERS),
    "customers_email_marketing_consent": ("Consent to e-mail", "mail", Right.VIEW_CUSTOMERS),
    "customers_marketing_consent": ("Consent to SMS", "sms", Right.VIEW_CUSTOMERS),
}
HAPPENED = {
    "create": "created", "update": "updated", "updated": "updated", "delete": "deleted",
    "paid": "paid", "cancelled": "cancelled", "fulfilled": "sent off", "edited": "edited",
    "partially_fulfilled": "partly sent off", "enable": "enabled", "disable": "disabled",
    "merge": "merged", "tags_added": "tags added", "tags_removed": "tags removed",
    "purchasing_summary": "totals updated",
}  # fmt: skip
OTHER = ("", "sync_alt", Right.MANAGE_STORE)
STATES = {
    State.PENDING: "info",
    State.WAITING: "warning",
    State.PARKED: "danger",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One webhook, in words."""

    text: str
    icon: str
    at: datetime
    told_at: str  # in the zone of who looks
    state: str  # in words; empty when it is applied, which is how it should be
    kind: str


def may_see_arrivals(request: HttpRequest) -> bool:
    """Whether any of what arrives is for this person."""
    return any(
        holds(request, right)
        for right in (Right.VIEW_ORDERS, Right.VIEW_CUSTOMERS, Right.MANAGE_STORE)
    )


def find_arrivals(request: HttpRequest) -> list[Arrival]:
    """The newest of what this person may see, in one query."""
    newest = Delivery.objects.order_by("-pk").values_list("topic", "received_at", "state")[:READ]
    seen = list[Arrival]()
    for topic, at, state in newest:
        right = ABOUT.get(topic_parts(topic)[0], OTHER)[2]
        if holds(request, right) and len(seen) < ROWS:
            seen.append(told(topic, at, state))
    return seen


def topic_parts(topic: str) -> tuple[str, str]:
    """`orders/create` and `customer.tags_added` in two."""
    head, _, tail = topic.replace(".", "/", 1).partition("/")
    return head, tail


def told(topic: str, at: datetime, state: str) -> Arrival:
    """A webhook as the feed shows it; an unknown topic by its own name."""
    head, tail = topic_parts(topic)
    noun, icon, _ = ABOUT.get(head, OTHER)
    text = f"{noun} {HAPPENED.get(tail, tail.replace('_', ' '))}" if noun else topic
    shown = "" if state in (State.APPLIED, State.NOT_HANDLED) else State(state).label
    return Arrival(text, icon, at, moment(at), shown, STATES.get(State(state), ""))
