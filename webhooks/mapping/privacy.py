"""Payloads of Shopify's compliance topics: a customer's data, a customer's erasure, a store's."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from msgspec import UNSET, Struct, UnsetType

from webhooks.mapping.context import Envelope
from webhooks.mapping.decoding import Id, OtherShop, Text, Unreadable, code, decode, text

KINDS = {"customers/data_request": "data", "customers/redact": "redact", "shop/redact": "shop"}


@dataclass(frozen=True, slots=True)
class Person:
    """How a person is recognised besides the id; lower case, none of them empty."""

    emails: frozenset[str]
    phones: frozenset[str]


NOBODY = Person(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class PrivacyData:
    """One request; the person is named by Shopify's id, or only in the body of the delivery.

    One of staff's own (`origin`) has no delivery, and says itself how they are recognised.
    """

    kind: str
    customer_id: int | None
    order_ids: tuple[int, ...]
    delivery_id: int | None
    triggered_at: datetime | None
    origin: str = "shopify"
    person: Person = NOBODY


class PersonPayload(Struct):
    """Whom a request is about; Shopify may tell nothing but an address."""

    id: Id | None | UnsetType = UNSET
    email: Text = UNSET
    phone: Text = UNSET


class PrivacyPayload(Struct):
    """All three topics: a store's has no customer."""

    shop_domain: str
    customer: PersonPayload | None = None
    orders_requested: list[Id] | None | UnsetType = UNSET
    orders_to_redact: list[Id] | None | UnsetType = UNSET
    data_request: dict[str, object] | None | UnsetType = UNSET


def map_privacy(body: bytes, envelope: Envelope) -> PrivacyData:
    """A request; Unreadable when it names nobody, or its body is another topic's."""
    payload = decode(body, PrivacyPayload)
    if payload.shop_domain.lower() != envelope.shop_domain:
        raise OtherShop
    kind = KINDS[envelope.topic]
    # Only the body is signed: a person's request must not pass for the whole store's.
    if (kind == "shop") != (payload.customer is None):
        raise Unreadable("Not the shape of this topic: a relabelled delivery?")
    # Nor may somebody's request for their data be turned into their erasure.
    foreign = (
        (payload.data_request, payload.orders_requested)
        if kind == "redact"
        else (payload.orders_to_redact,)
    )
    if any(value is not UNSET for value in foreign):
        raise Unreadable("Not the keys of this topic: a relabelled delivery?")
    person = payload.customer or PersonPayload()
    if kind != "shop" and not (person.id or text(person.email) or text(person.phone)):
        raise Unreadable("The request names nobody.")
    orders = chain.from_iterable(
        named for named in (payload.orders_requested, payload.orders_to_redact) if named
    )
    return PrivacyData(
        kind=kind,
        customer_id=person.id or None,
        order_ids=tuple(sorted(set(orders))),
        delivery_id=envelope.delivery_id,
        triggered_at=envelope.triggered_at,
    )


def read_person(body: bytes) -> Person:
    """The addresses in a request's body; of a body that was dropped, none."""
    told = decode(body, PrivacyPayload).customer if body else None
    if told is None:
        return NOBODY
    email, phone = code(told.email), code(told.phone)
    return Person(frozenset({email} if email else ()), frozenset({phone} if phone else ()))
