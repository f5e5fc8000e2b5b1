"""Bodies about baskets that were left."""

from datetime import datetime

from xeno.demo.payloads.customers import customer
from xeno.demo.payloads.shapes import (
    CURRENCY,
    SHOP_DOMAIN,
    Json,
    address,
    product_id,
    stamp,
    token,
    variant_id,
)
from xeno.demo.purchases import NOTHING, Item, Person


def checkout(
    *, number: int, at: datetime, left_by: Person, is_guest: bool, items: tuple[Item, ...]
) -> Json:
    """checkouts/create of a basket that was never paid for."""
    key = token("checkout", number)
    total = str(sum((item.net for item in items), NOTHING))
    body: Json = {
        "id": 37_000_000_000_000 + number,
        "token": key,
        "cart_token": token("cart", number),
        "email": left_by.email,
        "gateway": None,
        "buyer_accepts_marketing": False,
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "completed_at": None,
        "closed_at": None,
        "landing_site": None,
        "note": None,
        "currency": CURRENCY,
        "presentment_currency": CURRENCY,
        "customer_locale": left_by.place.language,
        "line_items": [checkout_line(item) for item in items],
        "name": f"#{37_000_000_000_000 + number}",
        "abandoned_checkout_url": f"https://{SHOP_DOMAIN}/checkouts/{key}/recover",
        "discount_codes": [],
        "source_name": "web",
        "total_discounts": "0.00",
        "total_line_items_price": total,
        "subtotal_price": total,
        "total_price": total,
        "total_tax": "0.00",
        "billing_address": address(left_by),
        "shipping_address": address(left_by),
    }
    return body if is_guest else body | {"customer": customer(left_by, at)}


def checkout_line(item: Item) -> Json:
    """One line of a basket that was left."""
    return {
        "gift_card": False,
        "presentment_title": item.product.title,
        "product_id": product_id(item.product),
        "quantity": item.quantity,
        "requires_shipping": True,
        "sku": item.product.sku,
        "title": item.product.title,
        "variant_id": variant_id(item.product),
        "vendor": item.product.vendor,
        "line_price": str(item.full),
        "price": str(item.product.price),
    }
