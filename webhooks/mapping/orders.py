"""Payloads about orders and refunds."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType

from customers.data import UNDATED, CustomerData
from orders.data import LineData, OrderData, RefundData
from webhooks.mapping.addresses import AddressPayload, shipped_to
from webhooks.mapping.context import Envelope
from webhooks.mapping.customers import CustomerNews, CustomerPayload, customer_news
from webhooks.mapping.decoding import (
    Count,
    Currency,
    Id,
    Text,
    Time,
    code,
    decode,
    money,
    text,
    time,
)

NONE = Decimal(0)


class LinePayload(Struct):
    """A line of an order."""

    id: Id
    quantity: Count
    price: Decimal
    product_id: Id | None = None
    variant_id: Id | None = None
    title: str | None = None
    sku: str | None = None
    current_quantity: Count | None = None
    total_discount: Decimal | None = None


class TransactionPayload(Struct):
    """Money that moved."""

    kind: str | None = None
    status: str | None = None
    amount: Decimal | None = None


class RefundedLinePayload(Struct):
    """A line that was given back; its amounts are JSON numbers."""

    subtotal: Decimal | None = None
    total_tax: Decimal | None = None


class RefundPayload(Struct):
    """A refund, by itself or within an order."""

    id: Id
    order_id: Id | None = None
    created_at: Time = UNSET
    processed_at: Time = UNSET
    note: str | None = None
    transactions: list[TransactionPayload] | None = None
    refund_line_items: list[RefundedLinePayload] | None = None


class DiscountPayload(Struct):
    """A discount code that was used."""

    code: str


class OrderPayload(Struct):
    """What we read of an order's 93 keys."""

    id: Id
    total_price: Decimal
    currency: Currency
    name: Text = UNSET
    email: Text = UNSET
    contact_email: Text = UNSET
    current_total_price: Decimal | None = None
    financial_status: Text = UNSET
    fulfillment_status: Text = UNSET
    created_at: Time = UNSET
    processed_at: Time = UNSET
    updated_at: Time = UNSET
    cancelled_at: Time = UNSET
    test: bool | None = None
    source_name: Text = UNSET
    landing_site: Text = UNSET
    app_id: Id | None = None
    location_id: Id | None = None
    shipping_address: AddressPayload | None = None
    order_status_url: Text = UNSET
    discount_codes: list[DiscountPayload] | None | UnsetType = UNSET
    customer: CustomerPayload | None = None
    customer_locale: Text = UNSET
    line_items: list[LinePayload] | None | UnsetType = UNSET
    refunds: list[RefundPayload] | None = None


def line_data(payload: LinePayload) -> LineData:
    """A line; without a current quantity, nothing of it was removed."""
    current = payload.quantity if payload.current_quantity is None else payload.current_quantity
    return LineData(
        shopify_id=payload.id,
        product_id=payload.product_id,
        variant_id=payload.variant_id,
        title=payload.title or "",
        sku=payload.sku or "",
        quantity=payload.quantity,
        current_quantity=current,
        price=money(payload.price),
        discount=money(payload.total_discount) if payload.total_discount else NONE,
    )


def refund_data(payload: RefundPayload, order_id: int, otherwise: datetime) -> RefundData:
    """A refund: what its successful transactions paid back, else what its lines were worth."""
    if payload.transactions:
        paid = (
            transaction.amount or NONE
            for transaction in payload.transactions
            if transaction.kind in (None, "refund") and transaction.status in (None, "success")
        )
    else:
        paid = (
            (line.subtotal or NONE) + (line.total_tax or NONE)
            for line in payload.refund_line_items or ()
        )
    at = time(payload.created_at) or time(payload.processed_at) or otherwise
    return RefundData(payload.id, order_id, money(sum(paid, NONE)), at, payload.note or "")


def order_data(payload: OrderPayload, envelope: Envelope) -> OrderData:
    """The order itself; what the payload does not tell is None."""
    created, processed = time(payload.created_at), time(payload.processed_at)
    triggered = envelope.triggered_at
    updated = time(payload.updated_at) or processed or created or triggered or UNDATED
    codes, lines = payload.discount_codes, payload.line_items
    reported = payload.current_total_price
    return OrderData(
        shopify_id=payload.id,
        name=text(payload.name) or None,
        customer_id=payload.customer.id if payload.customer else None,
        email=code(payload.email) or code(payload.contact_email),
        amount=money(payload.total_price),
        reported_amount=None if reported is None else money(reported),
        currency=payload.currency,
        financial_status=code(payload.financial_status),
        fulfillment_status=code(payload.fulfillment_status),
        processed_at=processed,
        cancelled_at=time(payload.cancelled_at),
        test=payload.test,
        source=text(payload.source_name),
        discount_codes=None if codes is UNSET else tuple(item.code for item in codes or ()),
        landing_site=text(payload.landing_site),
        created_at=created,
        updated_at=updated,
        triggered_at=triggered or updated,
        lines=None if lines is UNSET else tuple(map(line_data, lines or ())),
        refunds=tuple(refund_data(refund, payload.id, updated) for refund in payload.refunds or ()),
        app_id=payload.app_id,
        location_id=payload.location_id,
    )


def map_order(body: bytes, envelope: Envelope) -> tuple[OrderData, CustomerNews]:
    """An order of any topic but delete, and what it tells of its customer."""
    payload = decode(body, OrderPayload)
    envelope.check_same_shop(payload.order_status_url if payload.order_status_url else None)
    order = order_data(payload, envelope)
    if payload.customer is None:
        return order, CustomerNews()
    customer = payload.customer
    if is_bare(customer):
        return order, CustomerNews([CustomerData(customer.id)])
    if customer.locale is UNSET:  # since 2025 only the order tells it
        customer.locale = payload.customer_locale or UNSET
    news = customer_news(customer, envelope, told_at=order.updated_at, order_id=order.shopify_id)
    if place := shipped_to(payload.shipping_address):
        news.customers = [replace(told, shipped_to=place) for told in news.customers]
    return order, news


def is_bare(customer: CustomerPayload) -> bool:
    """Whether nothing but the id is told: no word that could be newer than another."""
    told = (customer.email, customer.first_name, customer.updated_at, customer.default_address)
    return all(value is UNSET for value in told)


class StandaloneRefund(RefundPayload, kw_only=True):
    """A refund that must name its order."""

    order_id: Id


def map_refund(body: bytes, envelope: Envelope) -> RefundData:
    """refunds/create; its order may come later."""
    payload = decode(body, StandaloneRefund)
    return refund_data(payload, payload.order_id, envelope.triggered_at or UNDATED)
