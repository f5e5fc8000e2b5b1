"""Whom a segment query finds, in plain Python: the language's description and nothing of its
compiler (docs/decisions/0013-what-a-segment-query-means.md).

It asks every customer every question, one after the other, and is as slow as that sounds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any
from zoneinfo import ZoneInfo

import segments.language.attributes  # noqa: F401 (makes the registry's names known)
from segments.language.registry import find_attribute
from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    IsNull,
    Matches,
    Node,
    Number,
    OneOf,
    Operator,
    Or,
    Parameter,
    Text,
)
from tests.segments.days import day_at, span_of
from tests.segments.facts import Address, Customer, Line, Order, Store

EARTH_KM, MILE_KM = 6371.0088, 1.609344
DATES = (date, datetime)
# What is compared in lower case on both sides; all else as it is written.
LOWERED = frozenset({"customer_tags", "customer_tag_prefix", "customer_email_domain", "tag"})
# What Shopify's admin and its API spell differently.
SPELLINGS = {"CANCELED": "CANCELLED", "SUBSCRIBED": "ACTIVE"}
DISTANCES = ("distance_km", "distance_mi")


def finds(node: Node, store: Store, now: datetime, zone: ZoneInfo, currency: str) -> set[int]:
    """The Shopify ids of the customers whom the query finds at this moment."""
    return Oracle(store, now, zone, currency).finds(node)


@dataclass
class Oracle:
    """A store, and the moment, time zone and currency in which it is asked."""

    store: Store
    now: datetime
    zone: ZoneInfo
    currency: str
    asked: frozenset[int] = frozenset()  # segments on the way here
    today: date = field(init=False)

    def __post_init__(self) -> None:
        self.today = day_at(self.now, self.zone)
        self.products = {product.id: product for product in self.store.products}

    def finds(self, node: Node) -> set[int]:
        """The ids of the customers of whom the query is true."""
        return {each.id for each in self.store.customers if self.holds(node, each)}

    def holds(self, node: Node, customer: Customer) -> bool:
        """Whether the query is true of the customer."""
        match node:
            case And():
                return all(self.holds(part, customer) for part in node.parts)
            case Or():
                return any(self.holds(part, customer) for part in node.parts)
        return self.answers(node, customer)

    def answers(self, clause: Clause, customer: Customer) -> bool:
        """Whether one clause is true of the customer."""
        match clause.test:
            case Matches():
                return self.matches(clause, customer) != clause.test.negated
            case IsNull():
                empty = self.value(clause.name, customer) in (None, ())
                return empty != clause.test.negated
            case Contains():
                return self.contains(clause, customer) != clause.test.negated
        value = self.value(clause.name, customer)
        return self.passes(clause.name, clause.test, value)

    # --- One value ----------------------------------------------------------------------

    def value(self, name: str, customer: Customer) -> Any:
        """What is known: None is unknown, and so is everything that nobody tells us."""
        reader = VALUES.get(name)
        return None if reader is None else reader(self, customer)

    def passes(self, name: str, test: Compare | Between | OneOf, value: Any) -> bool:
        """Whether the value is as the test asks; of an unknown one only "is not" is true."""
        match test:
            case OneOf():
                among = any(self.equals(name, value, each) for each in test.values)
                return among != test.negated
            case Compare(operator=Operator.EQUAL):
                return self.equals(name, value, test.value)
            case Compare(operator=Operator.NOT_EQUAL):
                return not self.equals(name, value, test.value)
        if value is None:
            return False
        if isinstance(value, datetime):
            return self.ordered_in_time(test, value)
        if isinstance(test, Between):
            return plain(test.low) <= value <= plain(test.high)
        return COMPARED[test.operator](value, plain(test.value))

    def equals(self, name: str, value: Any, literal: Any) -> bool:
        """Whether they are the same: within the day, in the list, or value for value."""
        if value is None:
            return False
        if isinstance(value, datetime):
            start, end = span_of(literal, self.today, self.zone)
            return start <= value < end
        wanted = plain(literal)
        if name in LOWERED:
            wanted = wanted.lower()
        if name == "product_subscription_status":
            wanted = SPELLINGS.get(wanted, wanted)
        if name == "companies":  # ids, with or without quotes
            wanted = str(wanted)
        return wanted in value if isinstance(value, tuple) else value == wanted

    def ordered_in_time(self, test: Compare | Between, value: datetime) -> bool:
        """Before and after a whole day; of a literal with a time, before and after its moment."""
        if isinstance(test, Between):
            return self.span(test.low)[0] <= value < self.span(test.high)[1]
        start, end = self.span(test.value)
        last = start if isinstance(getattr(test.value, "value", None), datetime) else None
        match test.operator:
            case Operator.GREATER:
                return value >= end if last is None else value > last
            case Operator.AT_LEAST:
                return value >= start
            case Operator.LESS:
                return value < start
        return value < end if last is None else value <= last

    def span(self, literal: Any) -> tuple[datetime, datetime]:
        """The whole day, or the second, that the literal names."""
        return span_of(literal, self.today, self.zone)

    def contains(self, clause: Clause, customer: Customer) -> bool:
        """Whether the list has the element; of tag prefixes, one that begins so."""
        elements = self.value(clause.name, customer) or ()
        wanted = plain(clause.test.value)  # type: ignore[union-attr]
        if clause.name == "customer_tag_prefix":
            return any(each.startswith(wanted.lower()) for each in elements)
        return self.equals(clause.name, tuple(elements), clause.test.value)  # type: ignore[union-attr]

    # --- Functions ----------------------------------------------------------------------

    def matches(self, clause: Clause, customer: Customer) -> bool:
        """Whether MATCHES holds, before any NOT."""
        parameters = clause.test.parameters  # type: ignore[union-attr]
        match clause.name:
            case "segment":
                return self.is_member(clause.argument, customer)
            case "customer_within_distance":
                return lives_near(customer.addresses, parameters)
            case "orders_placed":
                return self.found(clause.name, parameters, self.orders_of(customer), ORDER)
            case "products_purchased":
                return self.found(clause.name, parameters, self.lines_of(customer), LINE)
        if clause.name.startswith("shopify_email."):
            # These stores sent nothing; campaigns/tests has those that did.
            return self.found(clause.name, parameters, (), NOTHING)
        return False  # nobody tells us of such events

    def orders_of(self, customer: Customer) -> list[Order]:
        """The orders that count of this customer."""
        return [o for o in self.store.orders if o.customer == customer.id and o.counts]

    def lines_of(self, customer: Customer) -> list[tuple[Order, Line]]:
        """The lines of those orders, each with its order."""
        return [(order, line) for order in self.orders_of(customer) for line in order.lines]

    def found(
        self,
        name: str,
        parameters: tuple[Parameter, ...],
        events: Iterable[Any],
        readers: dict[str, Callable[["Oracle", Any], Any]],
    ) -> bool:
        """Choose events by the parameters, then hold the aggregates against all of the chosen."""
        attribute = find_attribute(name)
        assert attribute is not None
        known = {each.name: each for each in attribute.parameters}
        choosing = [each for each in parameters if not known[each.name].aggregate]
        together = [each for each in parameters if known[each.name].aggregate]
        chosen = [
            event
            for event in events
            if all(self.passes(p.name, p.test, readers[p.name](self, event)) for p in choosing)
        ]
        if not together:
            return bool(chosen)
        return all(self.passes(p.name, p.test, readers[p.name](self, chosen)) for p in together)

    def left_of(self, order: Order) -> Decimal | None:
        """What is left of an order; unknown in another currency."""
        return order.left if order.currency == self.currency else None

    def is_member(self, named: str, customer: Customer) -> bool:
        """Whether the segment finds the customer now; a static one lists its members."""
        segment = next(s for s in self.store.segments if named in (str(s.number), s.name))
        assert segment.number not in self.asked, "a segment that leads back to itself"
        if segment.query is None:
            return customer.id in segment.members
        asked = self.asked | {segment.number}
        inner = Oracle(self.store, self.now, self.zone, self.currency, asked)
        return inner.holds(segment.query, customer)  # type: ignore[arg-type]

    # --- Totals -------------------------------------------------------------------------

    def number_of_orders(self, customer: Customer) -> int:
        """Ours, or Shopify's own while older orders than ours may exist."""
        told = customer.remote_orders_count
        return told if told is not None and not self.store.complete else self.count(customer)

    def count(self, customer: Customer) -> int:
        """How many of the customer's orders count."""
        return len(self.orders_of(customer))

    def amount_spent(self, customer: Customer) -> Decimal:
        """What is left of all orders that count, in the store's currency; or Shopify's figure."""
        told, theirs = customer.remote_total_spent, customer.remote_currency
        if told is not None and theirs == self.currency and not self.store.complete:
            return told
        lefts = [self.left_of(order) for order in self.orders_of(customer)]
        return sum((left for left in lefts if left is not None), Decimal())

    def days_of_orders(self, customer: Customer) -> list[datetime]:
        """When the customer's orders were, the first of them first."""
        return sorted(order.processed_at for order in self.orders_of(customer))

    def abandoned(self, customer: Customer) -> datetime | None:
        """The newest checkout of the customer that was not completed."""
        begun = [
            checkout.created_at
            for checkout in self.store.checkouts
            if checkout.customer == customer.id and checkout.completed_at is None
        ]
        return max(begun, default=None)

    def score(self, customer: Customer, which: int) -> Decimal | None:
        """One of our three scores; null without an order."""
        return None if customer.scores is None else Decimal(customer.scores[which])


def plain(literal: Any) -> Any:
    """The literal's Python value."""
    assert isinstance(literal, Text | Number), literal
    return literal.value


def upper(text: str | None) -> str | None:
    """An enum as the language writes it."""
    return None if text is None else text.upper()


def domain_of(email: str | None) -> str | None:
    """What stands behind the @, in lower case."""
    if not email or "@" not in email:
        return None
    return email.rpartition("@")[2].lower() or None


def lowered(texts: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are compared."""
    return tuple(text.lower() for text in texts)


def listed(addresses: Iterable[Address], part: str) -> tuple[Any, ...]:
    """One part of all addresses, where it is known."""
    return tuple(value for each in addresses if (value := getattr(each, part)))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great circle between two points of a sphere (haversine)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1, sqrt(half)))


def lives_near(addresses: Iterable[Address], parameters: tuple[Parameter, ...]) -> bool:
    """Whether some address is within the distance, or some address farther than it."""
    given = {each.name: each.test for each in parameters}
    centre = tuple(float(part) for part in plain(given["coordinates"].value).split(","))
    unit = next(name for name in DISTANCES if name in given)
    test = given[unit]
    limit = float(plain(test.value)) * (MILE_KM if unit == "distance_mi" else 1)
    farther = test.operator in (Operator.GREATER, Operator.AT_LEAST)
    points = listed(addresses, "point")
    return any((kilometres(point, centre) <= limit) != farther for point in points)


def product_of(oracle: Oracle, event: tuple[Order, Line], part: str) -> Any:
    """What the line's product has now; unknown of a product that is not there."""
    product = oracle.products.get(event[1].product)  # type: ignore[arg-type]
    if product is None:
        return None
    if part == "tag":
        return lowered(product.tags)
    return tuple(each for each in (product.category, product.category_name) if each is not None)


COMPARED: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GREATER: lambda a, b: a > b,
    Operator.AT_LEAST: lambda a, b: a >= b,
    Operator.LESS: lambda a, b: a < b,
    Operator.AT_MOST: lambda a, b: a <= b,
}
ORDER: dict[str, Callable[[Oracle, Any], Any]] = {
    "app_id": lambda oracle, order: order.app,
    "location_id": lambda oracle, order: order.location,
    "amount": lambda oracle, order: oracle.left_of(order),
    "date": lambda oracle, order: order.processed_at,
    "count": lambda oracle, chosen: len(chosen),
    "sum_amount": lambda oracle, chosen: sum(oracle.left_of(each) or 0 for each in chosen),
}
NOTHING: dict[str, Callable[[Oracle, Any], Any]] = {"count": lambda oracle, chosen: len(chosen)}
LINE: dict[str, Callable[[Oracle, Any], Any]] = {
    "id": lambda oracle, event: event[1].product,
    "tag": lambda oracle, event: product_of(oracle, event, "tag"),
    "category": lambda oracle, event: product_of(oracle, event, "category"),
    "date": lambda oracle, event: event[0].processed_at,
    "quantity": lambda oracle, event: event[1].quantity,
    "sum_quantity": lambda oracle, chosen: sum(line.quantity for _, line in chosen),
    "count": lambda oracle, chosen: len({order.id for order, _ in chosen}),
}
VALUES: dict[str, Callable[[Oracle, Customer], Any]] = {
    "abandoned_checkout_date": Oracle.abandoned,
    "customer_added_date": lambda _, customer: customer.created_at,
    "first_order_date": lambda oracle, who: next(iter(oracle.days_of_orders(who)), None),
    "last_order_date": lambda oracle, who: next(reversed(oracle.days_of_orders(who)), None),
    "amount_spent": Oracle.amount_spent,
    "number_of_orders": Oracle.number_of_orders,
    "customer_email_domain": lambda _, customer: domain_of(customer.email),
    "customer_language": lambda _, customer: customer.language or None,
    "customer_tags": lambda _, customer: lowered(customer.tags),
    "customer_tag_prefix": lambda _, customer: lowered(customer.tags),
    "customer_cities": lambda _, customer: listed(customer.addresses, "city"),
    "customer_regions": lambda _, customer: listed(customer.addresses, "region"),
    "customer_countries": lambda _, customer: listed(customer.addresses, "country"),
    "companies": lambda _, customer: tuple(map(str, customer.companies)),
    "customer_account_status": lambda _, customer: upper(customer.state),
    "email_subscription_status": lambda _, customer: upper(customer.email_consent),
    "sms_subscription_status": lambda _, customer: upper(customer.sms_consent),
    "predicted_spend_tier": lambda _, who: upper(who.remote_tier or who.our_tier),
    "rfm_group": lambda _, customer: upper(customer.remote_group or customer.our_group),
    "product_subscription_status": lambda _, customer: upper(customer.subscriber),
    "rfm_recency": lambda oracle, customer: oracle.score(customer, 0),
    "rfm_frequency": lambda oracle, customer: oracle.score(customer, 1),
    "rfm_monetary": lambda oracle, customer: oracle.score(customer, 2),
    # A function is null without any of its events.
    "orders_placed": lambda oracle, customer: tuple(oracle.orders_of(customer)),
    "products_purchased": lambda oracle, customer: tuple(oracle.lines_of(customer)),
    "customer_within_distance": lambda _, customer: listed(customer.addresses, "point"),
}
# All that somebody tells us; the rest is unknown of everybody.
TOLD = frozenset({*VALUES, "segment"})
