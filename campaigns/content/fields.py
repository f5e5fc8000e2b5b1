"""Merge fields: what a template may say of a person, their last order, the store, the message.

Plain dicts, lists, texts and numbers, so that no template reaches anything behind them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Without a value a nullable one is nil: a template says what stands instead.

    `personal` ones name the person: an address with one in it is kept nowhere.
    """

    name: str
    says: str
    example: Any
    nullable: bool = False
    personal: bool = False


ITEMS = [{"title": "Linen shirt", "quantity": 2}, {"title": "Straw hat", "quantity": 1}]
FIELDS = (
    Field("customer.first_name", "First name", "Kim", nullable=True, personal=True),
    Field("customer.last_name", "Last name", "Larsen", nullable=True, personal=True),
    Field("customer.name", "First and last name", "Kim Larsen", nullable=True, personal=True),
    Field("customer.email", "Address that is written to", "kim@example.com", personal=True),
    Field("customer.language", "Language, as Shopify tells it", "en", nullable=True),
    Field("customer.country", "Country, ISO 3166-1", "GB", nullable=True),
    Field("customer.city", "City of the default address", "York", nullable=True, personal=True),
    Field("customer.tags", "Tags, a list", ["VIP", "wholesale"]),
    Field("customer.orders_count", "How many orders", 3),
    Field("customer.total_spent", "Sum of the orders, in the store's currency", Decimal("184.50")),
    Field("customer.first_order_at", "First order", "2025-03-14 10:30:00 +0000", nullable=True),
    Field("customer.last_order_at", "Last order", "2026-05-02 18:05:00 +0100", nullable=True),
    Field("last_order", "Newest order that counts; nil before the first", {}, nullable=True),
    Field("last_order.name", "Number, as printed", "#1042", personal=True),
    Field("last_order.amount", "What is left of it after refunds", Decimal("64.00")),
    Field("last_order.currency", "Its currency", "GBP"),
    Field("last_order.date", "When it was placed", "2026-05-02 18:05:00 +0100"),
    Field("last_order.items", "Its lines, a list of title and quantity", ITEMS),
    Field("store.name", "Name", "Harbour Linen"),
    Field("store.domain", "Shopify domain", "harbour-linen.myshopify.com"),
    Field("store.url", "Address of the shop", "https://harbour-linen.myshopify.com"),
    Field("store.currency", "Currency", "GBP"),
    Field("store.postal_address", "From the sending settings", "1 Harbour Street, York, UK"),
    Field("campaign.name", "Name of the campaign", "Spring"),
    Field("unsubscribe_url", "Unsubscribes", "https://crm.example.com/u/1", personal=True),
    Field("preferences_url", "Preference centre", "https://crm.example.com/p/1", personal=True),
)
NAMED = {field.name: field for field in FIELDS}


def tree_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted names as the nested dicts that a template reads."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *above, last = name.split(".")
        place = tree
        for part in above:
            place = place.setdefault(part, {})
        place[last] = dict(value) if isinstance(value, dict) else value
    return tree


EXAMPLE = tree_of({field.name: field.example for field in FIELDS})


def lacking(fields: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The same fields with these as nil: what a template says to whom lacks them."""
    told = {root: dict(told) if isinstance(told, dict) else told for root, told in fields.items()}
    for name in names:
        root, _, last = name.partition(".")
        if not last:
            told[root] = None
        elif told[root] is not None:
            told[root][last] = None
    return told
