"""What all bodies have in common: times, ids, amounts, addresses."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from xeno.demo.catalogue import Product
from xeno.demo.people import Place
from xeno.demo.purchases import Person

Json = dict[str, Any]

SHOP_DOMAIN = "xeno-demo.myshopify.com"
CURRENCY = "GBP"
ZONE = ZoneInfo("Europe/London")


def stamp(at: datetime) -> str:
    """As most topics have it: seconds, with the store's own offset."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def utc_stamp(at: datetime) -> str:
    """As the newer topics have it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def gid(kind: str, number: int) -> str:
    """GraphQL's name of an object."""
    return f"gid://shopify/{kind}/{number}"


def token(*parts: object) -> str:
    """32 hex digits that are always the same for the same parts."""
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:32]


def money_set(amount: Decimal) -> Json:
    """An amount in both currencies, which here are one."""
    money = {"amount": str(amount), "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": money}


def product_id(product: Product) -> int:
    """As Shopify would number it."""
    return 8_300_000_000_000 + product.number


def variant_id(product: Product) -> int:
    """Each product has one variant."""
    return 45_100_000_000_000 + product.number


def address(person: Person, place: Place | None = None) -> Json:
    """Where the parcels go, or another place of theirs."""
    place = place or person.place
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": None,
        "address1": person.street,
        "address2": None,
        "city": place.city,
        "province": place.province,
        "province_code": place.province_code,
        "country": place.country,
        "country_code": place.code,
        "zip": place.zip,
        "phone": person.phone,
        "name": f"{person.first_name} {person.last_name}",
    }
