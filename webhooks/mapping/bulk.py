"""Lines of a bulk operation: the Admin API's nodes, a JSON object each.

A key that the query left out (UNSET) is not told; null is told, and means that there is none.
Nodes do not say when they were read: `read_at` is when the operation began, so that a webhook
of a moment between the two is believed, and Shopify's next word settles it.
"""

from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit, urlunsplit

from msgspec import UNSET, Struct, UnsetType

from customers.data import UNDATED, ConsentData, CustomerData, TagsData, TotalsData
from customers.models import Consent
from orders.data import CheckoutData, LineData, OrderData, ProductData, RefundData
from webhooks.mapping.customers import AddressPayload, AmountPayload, CustomerNews, place
from webhooks.mapping.decoding import (
    Count,
    Digits,
    Text,
    Time,
    aware,
    code,
    gid,
    money,
    text,
    time,
)

SOURCE = "backfill"
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


class SmsConsentNode(Struct, rename="camel"):
    """The consent of a phone number."""

    state: str | None = None
    opt_in_level: str | None = None
    updated_at: datetime | None = None


class PhoneNode(Struct, rename="camel"):
    """A customer's phone number with its consent."""

    phone_number: str | None = None
    sms_marketing_consent: SmsConsentNode | None = None


class AddressNode(Struct, rename="camel"):
    """Where a customer lives, as codes."""

    city: str | None = None
    province_code: str | None = None
    country_code_v2: str | None = None


class CustomerNode(Node):
    """A customer."""

    updated_at: datetime
    created_at: Time = UNSET
    first_name: Text = UNSET
    last_name: Text = UNSET
    state: Text = UNSET
    locale: Text = UNSET
    note: Text = UNSET
    tags: list[str] | None = None
    number_of_orders: Count | Digits | None = None
    amount_spent: AmountPayload | None = None
    default_email_address: EmailNode | None | UnsetType = UNSET
    default_phone_number: PhoneNode | None | UnsetType = UNSET
    default_address: AddressNode | None | UnsetType = UNSET


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


class ProductNode(Node):
    """A product."""

    updated_at: datetime
    created_at: Time = UNSET
    title: str | None = None
    vendor: Text = UNSET
    product_type: Text = UNSET
    status: Text = UNSET
    tags: list[str] | None = None


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


def customer_news(node: CustomerNode, read_at: datetime) -> CustomerNews:
    """All that a customer's node tells."""
    customer_id = gid(node.id, "Customer")
    news = CustomerNews([customer_data(node, customer_id)])
    for channel, state, level, changed in consents_of(node):
        if state in Consent.values:
            at = aware(changed) if changed else UNDATED
            news.consents.append(ConsentData(customer_id, channel, state, level, SOURCE, at))
    if node.tags is not None:
        tags = tuple(dict.fromkeys(tag.strip() for tag in node.tags if tag.strip()))
        news.tags.append(TagsData(customer_id, tags, read_at, whole=True))
    if node.number_of_orders is not None and node.amount_spent:
        spent = node.amount_spent
        orders = min(max(int(node.number_of_orders), 0), 2**31 - 1)
        news.totals.append(
            TotalsData(customer_id, orders, money(spent.amount), spent.currency_code, read_at)
        )
    return news


def customer_data(node: CustomerNode, customer_id: int) -> CustomerData:
    """The customer's own fields."""
    email, phone, address = (
        node.default_email_address,
        node.default_phone_number,
        node.default_address,
    )
    country, region, city = place(
        AddressPayload(address.city, address.country_code_v2, address.province_code)
        if isinstance(address, AddressNode)
        else address
    )
    updated = aware(node.updated_at)
    return CustomerData(
        shopify_id=customer_id,
        updated_at=updated,
        triggered_at=updated,
        email=None if email is UNSET else code(email.email_address if email else None),
        phone=None if phone is UNSET else text(phone.phone_number if phone else None),
        first_name=text(node.first_name),
        last_name=text(node.last_name),
        state=code(node.state),
        language=text(node.locale),
        note=text(node.note),
        country=country,
        region=region,
        city=city,
        created_at=time(node.created_at),
    )


def consents_of(node: CustomerNode) -> list[tuple[str, str, str | None, datetime | None]]:
    """Channel, state, level and time of each consent that is told."""
    told = []
    if isinstance(node.default_email_address, EmailNode):
        email = node.default_email_address
        level = code(email.marketing_opt_in_level)
        told.append(
            ("email", (email.marketing_state or "").lower(), level, email.marketing_updated_at)
        )
    if isinstance(node.default_phone_number, PhoneNode):
        sms = node.default_phone_number.sms_marketing_consent
        if sms:
            told.append(("sms", (sms.state or "").lower(), code(sms.opt_in_level), sms.updated_at))
    return told


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
