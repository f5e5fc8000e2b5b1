"""Payloads about products, checkouts, deletions and the store itself."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from customers.data import UNDATED
from orders.data import CheckoutData, ProductData
from webhooks.mapping.context import Envelope
from webhooks.mapping.customers import CustomerNews, CustomerPayload, customer_news
from webhooks.mapping.decoding import (
    Currency,
    Id,
    Text,
    Time,
    Unreadable,
    code,
    decode,
    gid,
    money,
    tag_list,
    text,
    time,
)


class CategoryPayload(Struct):
    """A product's place in Shopify's taxonomy."""

    admin_graphql_api_id: Text = UNSET
    full_name: Text = UNSET


class ProductPayload(Struct):
    """products/create and update."""

    id: Id
    title: Text = UNSET
    vendor: Text = UNSET
    product_type: Text = UNSET
    status: Text = UNSET
    tags: str | list[str] | None | UnsetType = UNSET
    category: CategoryPayload | None | UnsetType = UNSET
    created_at: Time = UNSET
    updated_at: Time = UNSET


def product_tags(told: str | list[str] | None | UnsetType) -> tuple[str, ...] | None:
    """The tags, which older API versions tell as a list; None when they are not told."""
    if told is UNSET:
        return None
    return tuple(told) if isinstance(told, list) else tag_list(told or "")


def taxonomy_id(name: Text) -> str | None:
    """`aa-1-13-8` of `gid://shopify/TaxonomyCategory/aa-1-13-8`."""
    told = text(name)
    return told.rsplit("/", 1)[-1] if told else told


def category_of(payload: CategoryPayload | None | UnsetType) -> tuple[str | None, str | None]:
    """Id and whole name of a product's category; '' for none, None when it is not told."""
    if payload is UNSET:
        return None, None
    if payload is None:
        return "", ""
    return taxonomy_id(payload.admin_graphql_api_id), text(payload.full_name)


def map_product(body: bytes, envelope: Envelope) -> ProductData:
    """A product."""
    payload = decode(body, ProductPayload)
    updated = time(payload.updated_at) or envelope.triggered_at or UNDATED
    category_id, category = category_of(payload.category)
    return ProductData(
        shopify_id=payload.id,
        title=text(payload.title) or "",
        vendor=text(payload.vendor),
        product_type=text(payload.product_type),
        status=code(payload.status),
        tags=product_tags(payload.tags),
        created_at=time(payload.created_at),
        updated_at=updated,
        triggered_at=envelope.triggered_at or updated,
        category_id=category_id,
        category=category,
    )


class CheckoutPayload(Struct):
    """checkouts/create and update; some samples tell the id only in the name."""

    total_price: Decimal
    currency: Currency
    id: Id | UnsetType = UNSET
    name: Text = UNSET
    email: Text = UNSET
    abandoned_checkout_url: Text = UNSET
    completed_at: Time = UNSET
    created_at: Time = UNSET
    updated_at: Time = UNSET
    customer: CustomerPayload | None = None


def checkout_id(payload: CheckoutPayload) -> int:
    """The id, or the digits of the name `#981820079255243537`."""
    if payload.id is not UNSET:
        return payload.id
    match = re.fullmatch(r"#([1-9][0-9]{0,18})", text(payload.name) or "")
    if match is None or int(match[1]) >= 2**63:
        raise Unreadable("The checkout has no id.")
    return int(match[1])


def map_checkout(body: bytes, envelope: Envelope) -> tuple[CheckoutData, CustomerNews]:
    """A checkout and what it tells of its customer."""
    payload = decode(body, CheckoutPayload)
    envelope.check_same_shop(text(payload.abandoned_checkout_url))
    updated = time(payload.updated_at) or envelope.triggered_at or UNDATED
    data = CheckoutData(
        shopify_id=checkout_id(payload),
        customer_id=payload.customer.id if payload.customer else None,
        email=code(payload.email),
        amount=money(payload.total_price),
        currency=payload.currency,
        recovery_url=text(payload.abandoned_checkout_url),
        completed_at=time(payload.completed_at),
        created_at=time(payload.created_at) or updated,
        updated_at=updated,
        triggered_at=envelope.triggered_at or updated,
    )
    if payload.customer is None:
        return data, CustomerNews()
    # A checkout is no order: its word on the customer loses every full tie.
    return data, customer_news(payload.customer, envelope, told_at=updated, order_id=0)


# What the bodies of delete topics may hold; anything else is another topic's body, relabelled.
DELETION_KEYS = {
    "orders/delete": {"id", "admin_graphql_api_id"},
    "customers/delete": {"id", "admin_graphql_api_id", "tax_exemptions"},
    "products/delete": {"id", "admin_graphql_api_id"},
    "checkouts/delete": {
        "id",
        "admin_graphql_api_id",
        "presentment_currency",
        "buyer_accepts_sms_marketing",
        "sms_marketing_phone",
        "total_duties",
    },
}


class DeletionPayload(Struct):
    """The only key that every delete topic has."""

    id: Id


def map_deletion(body: bytes, envelope: Envelope) -> int:
    """Shopify's id of what was deleted; Unreadable when the body is no deletion's."""
    payload = decode(body, DeletionPayload)
    keys = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    strange = keys.keys() - DELETION_KEYS[envelope.topic]
    if strange:
        raise Unreadable(f"No deletion has the key {min(strange)!r}: a relabelled delivery?")
    return payload.id


@dataclass(frozen=True, slots=True)
class StoreData:
    """What Shopify says of the store itself; None is not told."""

    name: str | None
    currency: str | None
    timezone: str | None
    plan: str | None
    told_at: datetime | None


class ShopPayload(Struct):
    """shop/update and app/uninstalled: the whole Shop object."""

    id: Id
    name: Text = UNSET
    currency: Currency | None | UnsetType = UNSET
    iana_timezone: Text = UNSET
    plan_name: Text = UNSET
    updated_at: Time = UNSET
    myshopify_domain: Text = UNSET


def map_shop(body: bytes, envelope: Envelope) -> StoreData:
    """The store's name, currency, time zone and plan."""
    payload = decode(body, ShopPayload)
    envelope.check_same_shop(text(payload.myshopify_domain))
    return StoreData(
        name=text(payload.name) or None,
        currency=payload.currency or None,
        timezone=text(payload.iana_timezone) or None,
        plan=text(payload.plan_name) or None,
        told_at=time(payload.updated_at) or envelope.triggered_at,
    )


class ScopesPayload(Struct):
    """app/scopes_update."""

    id: str | int
    current: list[str]


def map_scopes(body: bytes, envelope: Envelope) -> tuple[str, ...]:
    """The scopes that the store's install holds now, sorted."""
    payload = decode(body, ScopesPayload)
    gid(payload.id, "AppInstallation" if "AppInstallation" in str(payload.id) else "App")
    return tuple(sorted(set(payload.current)))
