"""Bodies about orders, as placed or as they are after a change."""

from decimal import Decimal

from xeno.demo.payloads.customers import customer
from xeno.demo.payloads.lines import line
from xeno.demo.payloads.refunds import refund
from xeno.demo.payloads.shapes import (
    CURRENCY,
    SHOP_DOMAIN,
    Json,
    address,
    gid,
    money_set,
    stamp,
    token,
)
from xeno.demo.purchases import NOTHING, PENNY, Change, Purchase

VAT_SHARE = Decimal(6)  # 20 % within the price is a sixth of it
WEB_APP, POS_APP = 580111, 129785
STALL, STALL_EVERY = 71_000_000_001, 9  # orders whose visit nobody saw begin


def order(purchase: Purchase, change: Change | None = None) -> Json:
    """orders/create, or with a change the topic that tells it."""
    identity, key = purchase.shopify_id, token("order", purchase.number)
    status = change.status if change else purchase.status
    updated = change.at if change else purchase.at
    unpaid = status in ("authorized", "pending", "voided")
    cancelled = stamp(updated) if change and change.cancelled else None
    returned = change.returned if change else ()
    body: Json = {
        "id": identity,
        "admin_graphql_api_id": gid("Order", identity),
        "app_id": POS_APP if sold_at_stall(purchase) else WEB_APP,
        "buyer_accepts_marketing": False,
        "cancel_reason": "customer" if cancelled else None,
        "cancelled_at": cancelled,
        "closed_at": None,
        "confirmed": True,
        "contact_email": purchase.buyer.email,
        "created_at": stamp(purchase.at),
        "currency": CURRENCY,
        "customer_locale": purchase.buyer.place.language,
        "email": purchase.buyer.email,
        "financial_status": status,
        # Paid parcels leave the same day: the story needs no message of its own for it.
        "fulfillment_status": None if unpaid else "fulfilled",
        "landing_site": purchase.landing_site,
        "location_id": STALL if sold_at_stall(purchase) else None,
        "name": f"#{1000 + purchase.number}",
        "note": None,
        "note_attributes": [],
        "number": purchase.number,
        "order_number": 1000 + purchase.number,
        "order_status_url": f"https://{SHOP_DOMAIN}/orders/{key}/authenticate",
        "payment_gateway_names": ["bogus" if purchase.is_test else "shopify_payments"],
        "phone": None,
        "presentment_currency": CURRENCY,
        "processed_at": stamp(purchase.at),
        "referring_site": None,
        "source_name": "pos" if sold_at_stall(purchase) else "web",
        "tags": "",
        "test": purchase.is_test,
        "token": key,
        "updated_at": stamp(updated),
        "billing_address": address(purchase.buyer),
        "shipping_address": shipping_address(purchase),
        "fulfillments": [],
        "line_items": [line(purchase, n, returned) for n in range(len(purchase.items))],
        "refunds": [refund(purchase, change)] if change and change.returned else [],
        "shipping_lines": [],
    }
    if not purchase.is_guest:
        # A guest's order has no such key at all.
        body["customer"] = customer(purchase.buyer, updated)
    return body | totals(purchase, left_after(purchase, change)) | discounts(purchase)


def sold_at_stall(purchase: Purchase) -> bool:
    """Whether it was sold on the market, where nobody came from a page."""
    return purchase.landing_site is None and purchase.number % STALL_EVERY == 0


def shipping_address(purchase: Purchase) -> Json:
    """Where it went; here alone webhooks tell coordinates."""
    latitude, longitude = purchase.buyer.place.coordinates
    return {**address(purchase.buyer), "latitude": latitude, "longitude": longitude}


def totals(purchase: Purchase, current: Decimal) -> Json:
    """The order's amounts as placed, and what is left of them."""
    full = sum((item.full for item in purchase.items), NOTHING)
    discount = full - purchase.goods
    tax = (purchase.total / VAT_SHARE).quantize(PENNY)
    return {
        "current_total_price": str(current),
        "current_total_price_set": money_set(current),
        "subtotal_price": str(purchase.goods),
        "taxes_included": True,
        "total_discounts": str(discount),
        "total_line_items_price": str(full),
        "total_outstanding": "0.00",
        "total_price": str(purchase.total),
        "total_price_set": money_set(purchase.total),
        "total_shipping_price_set": money_set(purchase.shipping),
        "total_tax": str(tax),
        "total_tip_received": "0.00",
        "total_weight": 0,
    }


def discounts(purchase: Purchase) -> Json:
    """The code that was used."""
    percent = purchase.items[0].percent_off
    amount = sum((item.discount for item in purchase.items), NOTHING)
    used = {"code": purchase.code, "amount": str(amount), "type": "percentage"}
    rule = {"type": "discount_code", "code": purchase.code, "value": str(percent)}
    return {
        "discount_codes": [used] if purchase.code else [],
        "discount_applications": [rule | {"value_type": "percentage"}] if purchase.code else [],
    }


def left_after(purchase: Purchase, change: Change | None) -> Decimal:
    """What the order is worth after the change."""
    if change is None:
        return purchase.total
    return NOTHING if change.cancelled else purchase.total - purchase.returned(change)
