"""The lines of an order."""

from xeno.demo.payloads.shapes import Json, gid, money_set, product_id, variant_id
from xeno.demo.purchases import Item, Purchase


def line_id(purchase: Purchase, position: int) -> int:
    """Of an order and the place in it."""
    return 13_000_000_000_000 + purchase.number * 10 + position


def line(purchase: Purchase, position: int, returned: tuple[int, ...]) -> Json:
    """One line of an order; what was returned is no longer in its current quantity."""
    item, identity = purchase.items[position], line_id(purchase, position)
    return {
        "id": identity,
        "admin_graphql_api_id": gid("LineItem", identity),
        "current_quantity": 0 if position in returned else item.quantity,
        "fulfillable_quantity": 0,
        "gift_card": False,
        "grams": 0,
        "name": item.product.title,
        "price": str(item.product.price),
        "price_set": money_set(item.product.price),
        "product_exists": True,
        "product_id": product_id(item.product),
        "properties": [],
        "quantity": item.quantity,
        "requires_shipping": True,
        "sku": item.product.sku,
        "taxable": True,
        "title": item.product.title,
        # A code for the whole order shows in the allocations and not here: so Shopify has it.
        "total_discount": "0.00",
        "variant_id": variant_id(item.product),
        "variant_title": None,
        "vendor": item.product.vendor,
        "tax_lines": [],
        "duties": [],
        "discount_allocations": discount_allocations(item),
    }


def discount_allocations(item: Item) -> list[Json]:
    """The line's share of the order's discount."""
    if not item.discount:
        return []
    amount = {"amount": str(item.discount), "amount_set": money_set(item.discount)}
    return [{**amount, "discount_application_index": 0}]
