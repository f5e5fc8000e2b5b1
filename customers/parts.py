"""What apps above this one add to a customer's JSON, each in its AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import Field

from customers.models import Customer
from tenants.roles import Right


@dataclass(frozen=True)
class CustomerPart:
    """A key of `GET /customers/{id}`: null for somebody who lacks the right to it."""

    name: str
    right: Right
    read: Callable[[Customer], Any]
    field: Field[Any, Any, Any, Any]  # what `read` gives, for the API's description


CUSTOMER_PARTS: dict[str, CustomerPart] = {}


def add_customer_part(part: CustomerPart) -> None:
    """Show the part with each customer."""
    CUSTOMER_PARTS[part.name] = part
