"""Where a page of a customer's timeline begins, as a text that a link carries."""

from datetime import datetime

from django.core.signing import BadSignature, Signer

from customers.models import Customer
from customers.timeline import Event, Place


class NoCursor(ValueError):
    """A text that none of this customer's links carries."""


def signer(customer: Customer) -> Signer:
    """Signs for one customer's timeline, so that a cursor fits no other."""
    return Signer(salt=f"timeline:{customer.pk}")


def cursor_after(customer: Customer, last: Event) -> str:
    """The cursor of the page that follows this event."""
    return signer(customer).sign_object([last.at.isoformat(), last.key])


def read_cursor(customer: Customer, cursor: str) -> Place:
    """The place that one of our links named; raises NoCursor for any other text."""
    try:
        at, key = signer(customer).unsign_object(cursor)
        return datetime.fromisoformat(at), str(key)
    except (BadSignature, ValueError):
        raise NoCursor from None
