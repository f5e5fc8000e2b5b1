"""Bodies about refunds."""

from xeno.demo.payloads.lines import line, line_id
from xeno.demo.payloads.shapes import CURRENCY, Json, gid, money_set, stamp
from xeno.demo.purchases import NOTHING, Change, Purchase


def refund(purchase: Purchase, change: Change) -> Json:
    """refunds/create, and the same within the order."""
    identity = 920_000_000_000 + purchase.number
    return {
        "id": identity,
        "order_id": purchase.shopify_id,
        "created_at": stamp(change.at),
        "note": "Sent back",
        "user_id": None,
        "processed_at": stamp(change.at),
        "duties": [],
        "return": None,
        "refund_shipping_lines": [],
        "restock": True,
        "admin_graphql_api_id": gid("Refund", identity),
        "order_adjustments": [],
        "refund_line_items": [refunded_line(purchase, n) for n in change.returned],
        "transactions": [transaction(purchase, change)],
    }


def refunded_line(purchase: Purchase, position: int) -> Json:
    """A line that came back whole."""
    item = purchase.items[position]
    return {
        "id": 620_000_000_000 + purchase.number * 10 + position,
        "quantity": item.quantity,
        "line_item_id": line_id(purchase, position),
        "location_id": None,
        "restock_type": "return",
        # A number and not a text, here only: so Shopify has it.
        "subtotal": float(item.net),
        "total_tax": 0,
        "subtotal_set": money_set(item.net),
        "total_tax_set": money_set(NOTHING),
        "line_item": line(purchase, position, ()),
    }


def transaction(purchase: Purchase, change: Change) -> Json:
    """The money that went back."""
    identity = 6_700_000_000_000 + purchase.number
    return {
        "id": identity,
        "order_id": purchase.shopify_id,
        "kind": "refund",
        "gateway": "shopify_payments",
        "status": "success",
        "created_at": stamp(change.at),
        "test": purchase.is_test,
        "processed_at": stamp(change.at),
        "source_name": "web",
        "receipt": {},
        "amount": str(purchase.returned(change)),
        "currency": CURRENCY,
        "admin_graphql_api_id": gid("OrderTransaction", identity),
    }
