"""Orders, products and checkouts as the rest of the program wants them.

Everywhere, None means "not told": it never overwrites what is known. Times are aware, UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from msgspec import Struct


# A struct: there are more lines than anything else, and it is made ten times faster.
class LineData(Struct, frozen=True):
    """One line of an order; `price` is for one piece, `discount` for the whole line."""

    shopify_id: int
    product_id: int | None
    variant_id: int | None
    title: str
    sku: str
    quantity: int
    current_quantity: int
    price: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class RefundData:
    """Money that went back, in the order's currency."""

    shopify_id: int
    order_id: int
    amount: Decimal
    refunded_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class OrderData:
    """An order with its lines and refunds; `lines` is None when they were not told."""

    shopify_id: int
    name: str | None
    customer_id: int | None
    email: str | None
    amount: Decimal
    reported_amount: Decimal | None
    currency: str
    financial_status: str | None
    fulfillment_status: str | None
    processed_at: datetime | None
    cancelled_at: datetime | None
    test: bool | None
    source: str | None
    discount_codes: tuple[str, ...] | None
    landing_site: str | None
    created_at: datetime | None
    updated_at: datetime
    triggered_at: datetime
    lines: tuple[LineData, ...] | None
    refunds: tuple[RefundData, ...]
    app_id: int | None = None
    location_id: int | None = None


@dataclass(frozen=True, slots=True)
class ProductData:
    """A product of the store."""

    shopify_id: int
    title: str
    vendor: str | None
    product_type: str | None
    status: str | None
    tags: tuple[str, ...] | None
    created_at: datetime | None
    updated_at: datetime
    triggered_at: datetime
    category_id: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutData:
    """A checkout that was begun, and perhaps completed."""

    shopify_id: int
    customer_id: int | None
    email: str | None
    amount: Decimal
    currency: str
    recovery_url: str | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    triggered_at: datetime
