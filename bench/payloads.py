"""Build Shopify's webhook bodies (API 2026-07); every id and every time comes from the data."""

import hashlib
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Any

from bench.countries import CODES
from bench.events import REFUND_CREATED, Event, Refund, RefundedLine
from bench.online_retail import Invoice, Line, pence

Json = dict[str, Any]

CURRENCY = "GBP"

# The file's customers are numbers only: these names are invented.
FIRST_NAMES = (
    "Ada", "Ben", "Cora", "Dev", "Elsa", "Finn", "Gita", "Hugo", "Iris", "Jonas", "Kemi", "Liam",
    "Maya", "Noel", "Olga", "Priya", "Quentin", "Rosa", "Sami", "Tess", "Uma", "Victor", "Wanda",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Baker", "Clarke", "Doyle", "Ellis", "Foster", "Grant", "Hughes", "Irving", "Jensen",
    "Khan", "Lowe", "Murray", "Novak", "Osborne", "Patel", "Quinn", "Reid", "Shaw", "Turner",
    "Usher", "Vaughan", "Walsh", "Young",
)  # fmt: skip


def body(event: Event) -> Json:
    """The payload of the event's topic."""
    return refund_payload(event) if event.topic == REFUND_CREATED else order_payload(event)


def order_id(number: str) -> int:
    """Of an invoice number."""
    return 10**12 + int(number)


def line_id(number: str, position: int) -> int:
    """Of an invoice number and the place in the invoice, of which the longest has 1,114 lines."""
    return 10**13 + int(number) * 10**4 + position


def refund_id(refund: Refund) -> int:
    """Of a C invoice and which of its orders this is."""
    return 2 * 10**13 + int(refund.invoice.number[1:]) * 10**4 + refund.index


@cache
def product_id(stock_code: str) -> int:
    """The same for every run: a hash, because stock codes are no numbers ('85123A', 'POST')."""
    digest = hashlib.sha256(stock_code.encode()).digest()
    return 5 * 10**12 + int.from_bytes(digest[:8], "big") % 10**12


def price_text(price: Decimal) -> str:
    """At least two decimals; the file holds four prices of 0.001, which stay what they are."""
    return f"{price:.2f}" if price == pence(price) else str(price)


def order_payload(event: Event) -> Json:
    """orders/create, or orders/updated when refunds came: the order as it is after them."""
    order, date = event.order, event.cause.date
    total = order.total
    current = total - sum((refund.amount for refund in event.refunds), Decimal(0))
    identity = order_id(order.number)
    payload: Json = {
        "id": identity,
        "admin_graphql_api_id": f"gid://shopify/Order/{identity}",
        "app_id": 580111,
        "buyer_accepts_marketing": False,
        "cancel_reason": None,
        "cancelled_at": None,
        "closed_at": None,
        "confirmed": True,
        "contact_email": _email(order),
        "created_at": order.date,
        "currency": CURRENCY,
        "customer_locale": "en",
        "discount_applications": [],
        "discount_codes": [],
        "email": _email(order) or "",
        "financial_status": _financial_status(event),
        "fulfillment_status": "fulfilled",
        "landing_site": None,
        "name": f"#{order.number}",
        "note": None,
        "note_attributes": [],
        "number": int(order.number) - 1000,
        "order_number": int(order.number),
        "payment_gateway_names": ["manual"],
        "phone": None,
        "presentment_currency": CURRENCY,
        "processed_at": order.date,
        "referring_site": None,
        "source_name": "web",
        "tags": "",
        "taxes_included": False,
        "test": False,
        "token": hashlib.md5(order.number.encode(), usedforsecurity=False).hexdigest(),
        "updated_at": date,
    }
    payload |= _totals(total, current)
    address = _address(order.country, order.customer)
    payload |= {"billing_address": address, "shipping_address": address}
    if order.customer is not None:
        # A guest's order has no such key at all.
        payload["customer"] = _customer(event, order.customer)
    taken_back = _taken_back(event)
    payload["fulfillments"] = []
    payload["line_items"] = [
        _line_item(order.number, line, taken_back[line]) for line in order.lines
    ]
    payload["refunds"] = [_refund(order, refund) for refund in event.refunds]
    payload["shipping_lines"] = []
    return payload


def refund_payload(event: Event) -> Json:
    """refunds/create of the event's last refund."""
    return _refund(event.order, event.refunds[-1])


def _taken_back(event: Event) -> Counter[Line]:
    pieces = Counter[Line]()
    for refund in event.refunds:
        for refunded in refund.lines:
            pieces[refunded.line] += refunded.quantity
    return pieces


def _financial_status(event: Event) -> str:
    if not event.refunds:
        return "paid"
    left = sum(line.quantity for line in event.order.lines) - _taken_back(event).total()
    return "partially_refunded" if left else "refunded"


def _totals(total: Decimal, current: Decimal) -> Json:
    return {
        "current_subtotal_price": f"{current}",
        "current_total_discounts": "0.00",
        "current_total_price": f"{current}",
        "current_total_price_set": _money_set(f"{current}"),
        "current_total_tax": "0.00",
        "subtotal_price": f"{total}",
        "total_discounts": "0.00",
        "total_line_items_price": f"{total}",
        "total_outstanding": "0.00",
        "total_price": f"{total}",
        "total_price_set": _money_set(f"{total}"),
        "total_shipping_price_set": _money_set("0.00"),
        "total_tax": "0.00",
        "total_tip_received": "0.00",
        "total_weight": 0,
    }


def _money_set(amount: str) -> Json:
    money = {"amount": amount, "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": money}


def _name(customer: int) -> tuple[str, str]:
    return FIRST_NAMES[customer % len(FIRST_NAMES)], LAST_NAMES[customer % len(LAST_NAMES)]


def _email(order: Invoice) -> str | None:
    return None if order.customer is None else f"c{order.customer}@shop.example"


def _address(spelling: str, customer: int | None) -> Json:
    country, code = CODES[spelling]
    first, last = (None, None) if customer is None else _name(customer)
    return {
        "first_name": first,
        "last_name": last,
        "company": None,
        "address1": None,
        "address2": None,
        "city": None,
        "province": None,
        "province_code": None,
        "country": country,
        "country_code": code,
        "zip": None,
        "phone": None,
        "name": f"{first} {last}" if first else "",
    }


def _customer(event: Event, customer: int) -> Json:
    first, last = _name(customer)
    address_id = 9 * 10**12 + customer
    return {
        "id": customer,
        "created_at": event.customer_since,
        "updated_at": event.cause.date,
        "first_name": first,
        "last_name": last,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": _email(event.order),
        "phone": None,
        "currency": CURRENCY,
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer}",
        "default_address": {
            "id": address_id,
            "customer_id": customer,
            # As the causing invoice says: customers move, and a refund may be the first to know.
            **_address(event.cause.country, customer),
            "country_name": CODES[event.cause.country][0],
            "default": True,
        },
    }


def _line_item(number: str, line: Line, taken_back: int) -> Json:
    identity, price = line_id(number, line.position), price_text(line.price)
    title = line.description or line.stock_code
    return {
        "id": identity,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{identity}",
        "current_quantity": line.quantity - taken_back,
        "fulfillable_quantity": 0,
        "fulfillment_status": "fulfilled",
        "gift_card": False,
        "grams": 0,
        "name": title,
        "price": price,
        "price_set": _money_set(price),
        "product_exists": True,
        "product_id": product_id(line.stock_code),
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": True,
        "sku": line.stock_code,
        "taxable": False,
        "title": title,
        "total_discount": "0.00",
        "variant_id": None,
        "variant_title": None,
        "vendor": None,
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
    }


def _refund(order: Invoice, refund: Refund) -> Json:
    identity, date = refund_id(refund), refund.invoice.date
    return {
        "id": identity,
        "order_id": order_id(order.number),
        "created_at": date,
        "note": f"Invoice {refund.invoice.number}",
        "user_id": None,
        "processed_at": date,
        "duties": [],
        "return": None,
        "refund_shipping_lines": [],
        "restock": False,
        "admin_graphql_api_id": f"gid://shopify/Refund/{identity}",
        "order_adjustments": [],
        "refund_line_items": [
            _refund_line_item(order, refund, refunded, n)
            for n, refunded in enumerate(refund.lines, start=1)
        ],
        "transactions": [_transaction(order, refund)] if refund.amount else [],
    }


def _refund_line_item(order: Invoice, refund: Refund, refunded: RefundedLine, n: int) -> Json:
    subtotal, line = refunded.subtotal, refunded.line
    return {
        "id": 3 * 10**15 + int(refund.invoice.number[1:]) * 10**8 + refund.index * 10**4 + n,
        "quantity": refunded.quantity,
        "line_item_id": line_id(order.number, line.position),
        "location_id": None,
        "restock_type": "no_restock",
        # A number and not a text, here only: so Shopify has it.
        "subtotal": float(subtotal),
        "total_tax": 0,
        "subtotal_set": _money_set(f"{subtotal}"),
        "total_tax_set": _money_set("0.00"),
        # As sold: Shopify's own copy of the line inside a refund is the line of that order.
        "line_item": _line_item(order.number, line, 0),
    }


def _transaction(order: Invoice, refund: Refund) -> Json:
    identity, date = 2 * 10**13 + refund_id(refund), refund.invoice.date
    return {
        "id": identity,
        "order_id": order_id(order.number),
        "kind": "refund",
        "gateway": "manual",
        "status": "success",
        "message": None,
        "created_at": date,
        "test": False,
        "authorization": None,
        "location_id": None,
        "user_id": None,
        "parent_id": None,
        "processed_at": date,
        "device_id": None,
        "error_code": None,
        "source_name": "web",
        "receipt": {},
        "amount": f"{refund.amount}",
        "currency": CURRENCY,
        "admin_graphql_api_id": f"gid://shopify/OrderTransaction/{identity}",
    }
