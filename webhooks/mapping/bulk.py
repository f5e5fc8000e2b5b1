"""Lines of a bulk operation: the Admin API's nodes, a JSON object each; customers stand beside.

A key that the query left out (UNSET) is not told; null is told, and means that there is none.
Nodes do not say when they were read: `read_at` is when the operation began, so that a webhook
of a moment between the two is believed, and Shopify's next word settles it.
"""

from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit, urlunsplit

from msgspec import UNSET, Struct, UnsetType

from orders.data import CheckoutData, LineData, OrderData, ProductData, RefundData
from webhooks.mapping.decoding import (
    Count,
    Text,
    Time,
    aware,
    code,
    gid,
    money,
    text,
    time,
)
from webhooks.mapping.store import CategoryPayload, category_of

NONE = Decimal(0)
# What webhooks call these; the others have the same name, or none there.
FULFILLMENT = {"unfulfilled": "", "partially_fulfilled": "partial"}


class Node(Struct, rename="camel"):
    """Any line: its own id and, for an element of a list within another node, that one's."""

    id: str


class Ref(Node):
    """A node of which only the id was asked."""


class EmailNode(Struct, rename="camel"):
    """A customer's e-mail address with its consent."""

    email_address: str | None = None
    marketing_state: str | None = None
    marketing_opt_in_level: str | None = None
    marketing_updated_at: datetime | None = None
    open_tracking_level: str | None = None


class MoneyBag(Struct, rename="camel"):
    """An amount in the store's currency."""

    shop_money: "ShopMoney"


class ShopMoney(Struct, rename="camel"):
    """The amount; its currency where it was asked."""

    amount: Decimal
    currency_code: str = ""


class RefundNode(Node):
    """A refund within its order."""

    created_at: Time = UNSET
    note: str | None = None
    total_refunded_set: MoneyBag | None = None


class VisitNode(Struct, rename="camel"):
    """A visit to the shop before an order."""

    landing_page: str | None = None


class JourneyNode(Struct, rename="camel"):
    """How a customer came to an order."""

    last_visit: VisitNode | None = None


class OrderNode(Node):
    """An order, without the lines, which are nodes of their own."""

    total_price_set: MoneyBag
    currency_code: str
    updated_at: datetime
    name: Text = UNSET
    test: bool | None = None
    email: Text = UNSET
    created_at: Time = UNSET
    processed_at: Time = UNSET
    cancelled_at: Time = UNSET
    display_financial_status: Text = UNSET
    display_fulfillment_status: Text = UNSET
    source_name: Text = UNSET
    discount_codes: list[str] | None = None
    app: Ref | None = None
    customer: Ref | None = None
    current_total_price_set: MoneyBag | None = None
    customer_journey_summary: JourneyNode | None = None
    refunds: list[RefundNode] | None = None


class LineNode(Node):
    """A line of an order."""

    quantity: Count
    current_quantity: Count | None = None
    title: str | None = None
    sku: str | None = None
    product: Ref | None = None
    variant: Ref | None = None
    original_unit_price_set: MoneyBag | None = None
    total_discount_set: MoneyBag | None = None


class CategoryNode(Node):
    """A product's place in Shopify's taxonomy."""

    full_name: str | None = None


class ProductNode(Node):
    """A product."""

    updated_at: datetime
    created_at: Time = UNSET
    title: str | None = None
    vendor: Text = UNSET
    product_type: Text = UNSET
    status: Text = UNSET
    tags: list[str] | None = None
    category: CategoryNode | None | UnsetType = UNSET


class BuyerNode(Node):
    """The customer of a checkout."""

    default_email_address: EmailNode | None = None


class CheckoutNode(Node):
    """An abandoned checkout."""

    created_at: datetime
    updated_at: datetime
    total_price_set: MoneyBag
    completed_at: Time = UNSET
    abandoned_checkout_url: Text = UNSET
    customer: BuyerNode | None = None


def amount(bag: MoneyBag | None) -> Decimal:
    """The amount in the store's currency; nothing when there is none."""
    return money(bag.shop_money.amount) if bag else NONE


def id_of(ref: Node | None, kind: str) -> int | None:
    """The number of a node that may not be there."""
    return gid(ref.id, kind) if ref else None


def order_data(node: OrderNode, lines: list[LineNode]) -> OrderData:
    """An order with its lines."""
    order_id, updated = gid(node.id, "Order"), aware(node.updated_at)
    reported, visit = node.current_total_price_set, node.customer_journey_summary
    landing = (visit.last_visit.landing_page or "") if visit and visit.last_visit else None
    codes, status = node.discount_codes, code(node.display_fulfillment_status)
    return OrderData(
        shopify_id=order_id,
        name=text(node.name) or None,
        customer_id=id_of(node.customer, "Customer"),
        email=code(node.email),
        amount=amount(node.total_price_set),
        reported_amount=amount(reported) if reported else None,
        currency=node.currency_code,
        financial_status=code(node.display_financial_status),
        fulfillment_status=None if status is None else FULFILLMENT.get(status, status),
        processed_at=time(node.processed_at),
        cancelled_at=time(node.cancelled_at),
        test=node.test,
        source=text(node.source_name),
        discount_codes=None if codes is None else tuple(codes),
        landing_site=path_of(landing) if landing else landing,
        created_at=time(node.created_at),
        updated_at=updated,
        triggered_at=updated,
        lines=tuple(map(line_data, lines)),
        refunds=tuple(refund_data(refund, order_id, updated) for refund in node.refunds or ()),
        app_id=id_of(node.app, "App"),
    )


def path_of(address: str) -> str:
    """An address as webhooks tell it, without the host: `/products/hat?utm_source=mail`."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def line_data(node: LineNode) -> LineData:
    """A line; the discount is that of the whole line, as in a webhook."""
    current = node.quantity if node.current_quantity is None else node.current_quantity
    return LineData(
        shopify_id=gid(node.id, "LineItem"),
        product_id=id_of(node.product, "Product"),
        variant_id=id_of(node.variant, "ProductVariant"),
        title=node.title or "",
        sku=node.sku or "",
        quantity=node.quantity,
        current_quantity=current,
        price=amount(node.original_unit_price_set),
        discount=amount(node.total_discount_set),
    )


def refund_data(node: RefundNode, order_id: int, otherwise: datetime) -> RefundData:
    """A refund, by what was paid back in all."""
    paid, at = amount(node.total_refunded_set), time(node.created_at) or otherwise
    return RefundData(gid(node.id, "Refund"), order_id, paid, at, node.note or "")


def product_data(node: ProductNode) -> ProductData:
    """A product."""
    updated = aware(node.updated_at)
    category_id, category = category_of(
        CategoryPayload(node.category.id, node.category.full_name)
        if isinstance(node.category, CategoryNode)
        else node.category
    )
    return ProductData(
        shopify_id=gid(node.id, "Product"),
        title=node.title or "",
        vendor=text(node.vendor),
        product_type=text(node.product_type),
        status=code(node.status),
        tags=None if node.tags is None else tuple(node.tags),
        created_at=time(node.created_at),
        updated_at=updated,
        triggered_at=updated,
        category_id=category_id,
        category=category,
    )


def checkout_data(node: CheckoutNode) -> CheckoutData:
    """An abandoned checkout."""
    updated = aware(node.updated_at)
    buyer = node.customer.default_email_address if node.customer else None
    return CheckoutData(
        shopify_id=gid(node.id, "AbandonedCheckout"),
        customer_id=id_of(node.customer, "Customer"),
        email=code(buyer.email_address) if buyer else None,
        amount=amount(node.total_price_set),
        currency=node.total_price_set.shop_money.currency_code,
        recovery_url=text(node.abandoned_checkout_url),
        completed_at=time(node.completed_at),
        created_at=aware(node.created_at),
        updated_at=updated,
        triggered_at=updated,
    )
