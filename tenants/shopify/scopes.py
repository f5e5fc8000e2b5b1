"""The scopes that a store grants us, and what each is for: what the merchant reads."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

SCOPES: dict[str, str] = {
    "read_customers": "Customers, their consent and tags: who can be in an audience.",
    "write_customers": "Tags, notes and consent that you change here go back to Shopify.",
    "read_orders": "Orders, refunds and checkouts of the last 60 days, and all that follow.",
    "read_products": "Products: audiences by what people bought.",
    "read_customer_merge": "When you merge two customers in Shopify, they are one here too.",
}
ALL_ORDERS = "read_all_orders"
# Asked for once Shopify has approved the app for it (SHOPIFY_ALL_ORDERS): before, Shopify would
# refuse the whole install.
OPTIONAL_SCOPES: dict[str, str] = {
    ALL_ORDERS: "Orders older than 60 days, so that totals and history are complete.",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope as a merchant reads it: what it is for, and whether the store granted it."""

    name: str
    reason: str
    held: bool
    needed: bool


def asked() -> list[str]:
    """The scopes that an install asks for."""
    return sorted([*SCOPES, *(OPTIONAL_SCOPES if settings.SHOPIFY_ALL_ORDERS else ())])


def explain(granted: Iterable[str]) -> list[Scope]:
    """Every scope that we know of, the needed ones first, held or not."""
    lacking, held = set(missing(granted)), set(granted)
    needed = [Scope(name, why, name not in lacking, True) for name, why in SCOPES.items()]
    return needed + [Scope(name, why, name in held, False) for name, why in OPTIONAL_SCOPES.items()]


def missing(granted: Iterable[str]) -> list[str]:
    """The scopes that we need and the store has not granted; write_x holds read_x within it."""
    held = set(granted)
    held |= {f"read_{scope[6:]}" for scope in held if scope.startswith("write_")}
    return sorted(SCOPES.keys() - held)
