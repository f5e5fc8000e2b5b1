"""A store as the oracle knows it: plain facts, no more than a query of the language can ask for.

Ids are Shopify's. A None is something that Shopify never told.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer lives; the codes as a query writes them: CA, US-NY, US-NY-NewYorkCity."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """Where it lies, if that is known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class Customer:
    """Who somebody is. The remote figures are Shopify's own words; the scores are ours."""

    id: int
    email: str | None = None
    language: str | None = None
    state: str | None = None
    email_consent: str | None = None
    sms_consent: str | None = None
    created_at: datetime | None = None
    tags: tuple[str, ...] = ()
    lost_tags: tuple[str, ...] = ()  # taken away again
    addresses: tuple[Address, ...] = ()  # the first one is the default
    companies: tuple[int, ...] = ()
    remote_orders_count: int | None = None
    remote_total_spent: Decimal | None = None
    remote_currency: str | None = None
    remote_group: str | None = None
    remote_tier: str | None = None
    our_group: str | None = None
    our_tier: str | None = None
    scores: tuple[int, int, int] | None = None  # recency, frequency, monetary
    subscriber: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What was ordered of one product."""

    product: int | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its lines; `left` is its amount after edits and refunds."""

    id: int
    customer: int | None
    processed_at: datetime
    left: Decimal
    currency: str
    status: str | None = None
    test: bool = False
    cancelled_at: datetime | None = None
    app: int | None = None
    location: int | None = None
    lines: tuple[Line, ...] = ()

    @property
    def counts(self) -> bool:
        """Not a test, not cancelled, not voided or expired."""
        return not (self.test or self.cancelled_at or self.status in ("voided", "expired"))


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold, with the tags and the category that it has now."""

    id: int
    tags: tuple[str, ...] = ()
    category: str | None = None
    category_name: str | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout that was begun."""

    id: int
    customer: int | None
    created_at: datetime
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved audience: its query, or its members when it has none. `number` is what it is named
    by in a query."""

    number: int
    name: str
    query: object = None  # a tree of the language
    members: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Store:
    """All of it, and what the store says of itself."""

    zone: ZoneInfo
    currency: str
    complete: bool = True  # every order is held here, so that our totals are true
    customers: tuple[Customer, ...] = ()
    orders: tuple[Order, ...] = ()
    products: tuple[Product, ...] = ()
    checkouts: tuple[Checkout, ...] = ()
    segments: tuple[Segment, ...] = ()
