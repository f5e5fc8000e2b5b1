"""Bodies about customers: themselves, consents, tags, Shopify's figures."""

from datetime import datetime

from xeno.demo.payloads.shapes import CURRENCY, Json, address, gid, stamp, utc_stamp
from xeno.demo.people import Place
from xeno.demo.purchases import Person, Purchase, Shopper


def customer(person: Person, at: datetime) -> Json:
    """The customer within an order: without tags, consents, totals and other addresses."""
    identity = person.shopify_id
    return {
        "id": identity,
        "created_at": stamp(person.joined),
        "updated_at": stamp(at),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "state": "enabled" if person.has_account else "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": person.email,
        "phone": person.phone,
        "currency": CURRENCY,
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", identity),
        "default_address": address_of(person, person.place),
    }


def new_customer(person: Person, at: datetime) -> Json:
    """customers/create."""
    places = [person.place, *([person.other_place] if person.other_place else [])]
    return {**customer(person, at), "addresses": [address_of(person, place) for place in places]}


def address_of(person: Person, place: Place) -> Json:
    """One of somebody's addresses."""
    default = place == person.place
    return {
        "id": (9_000_000_000_000 if default else 9_500_000_000_000) + person.number,
        "customer_id": person.shopify_id,
        **address(person, place),
        "country_name": place.country,
        "default": default,
    }


def email_consent(person: Person, state: str, at: datetime) -> Json:
    """customers_email_marketing_consent/update; who never decided has no time of it."""
    decided = state != "not_subscribed"
    return {
        "customer_id": person.shopify_id,
        "email_address": person.email,
        "email_marketing_consent": {
            "state": state,
            "opt_in_level": "single_opt_in" if decided else None,
            "consent_updated_at": stamp(at) if decided else None,
        },
    }


def sms_consent(person: Person, state: str, at: datetime) -> Json:
    """customers_marketing_consent/update."""
    return {
        "id": person.shopify_id,
        "phone": person.phone,
        "sms_marketing_consent": {
            "state": state,
            "opt_in_level": "single_opt_in",
            "consent_updated_at": stamp(at),
            "consent_collected_from": "SHOPIFY",
        },
    }


def tags(person: Person, words: list[str], at: datetime) -> Json:
    """customer.tags_added and customer.tags_removed."""
    customer_gid = gid("Customer", person.shopify_id)
    return {"customerId": customer_gid, "tags": words, "occurredAt": utc_stamp(at)}


def purchasing_summary(shopper: Shopper, purchase: Purchase) -> Json:
    """customers/purchasing_summary: Shopify's own figures after this purchase."""
    return {
        "customerId": gid("Customer", shopper.person.shopify_id),
        "numberOfOrders": shopper.orders,
        "amountSpent": {"amount": str(shopper.spent), "currencyCode": CURRENCY},
        "lastOrderId": gid("Order", purchase.shopify_id),
        "occurredAt": utc_stamp(purchase.at),
    }
