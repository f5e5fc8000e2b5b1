"""The scopes that a store grants us, and what each is for: what the merchant reads."""

from collections.abc import Iterable

SCOPES: dict[str, str] = {
    "read_customers": "Customers, their consent and tags: who can be in an audience.",
    "write_customers": "Tags, notes and consent that you change here go back to Shopify.",
    "read_orders": "Orders, refunds and checkouts of the last 60 days, and all that follow.",
    "read_products": "Products: audiences by what people bought.",
    "read_customer_merge": "When you merge two customers in Shopify, they are one here too.",
}
# Without Shopify's approval for it nobody is asked for it; whoever has it sees all of history.
OPTIONAL_SCOPES: dict[str, str] = {
    "read_all_orders": "Orders older than 60 days. Shopify grants it on request.",
}


def missing(granted: Iterable[str]) -> list[str]:
    """The scopes that we need and the store has not granted; write_x holds read_x within it."""
    held = set(granted)
    held |= {f"read_{scope[6:]}" for scope in held if scope.startswith("write_")}
    return sorted(SCOPES.keys() - held)
