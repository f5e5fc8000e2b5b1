"""What one can do next where a list is empty: a button, for who may."""

from typing import NamedTuple

from tenants.roles import Right


class NextStep(NamedTuple):
    """A page that leads on, and the right that opens it."""

    title: str
    route: str
    right: Right


# For what Shopify alone brings.
SEE_CONNECTION = NextStep("See the connection", "admin:connection", Right.MANAGE_STORE)
