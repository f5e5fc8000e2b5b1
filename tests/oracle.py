"""What the database must hold after webhooks: plain Python from the rules, without the application.

It reads deliveries (topic, headers, body) and never looks at their order of arrival:
- a delivery counts once, however often its webhook id or its content comes;
- an order is its newest payload: largest updated_at, then Triggered-At; a full tie goes to the
  lower current_total_price (of two changes in one second, what took back more is the later);
- a customer is the newest snapshot inside an order: largest customer.updated_at, then Triggered-At;
  a full tie goes to the larger order id;
- an order counts unless it is test, cancelled, voided or expired; `orders_count` are the customer's
  counted orders, `total_spent` the sum of their current_total_price in the store's currency,
  `first_order_at` and `last_order_at` the earliest and latest processed_at of them;
- an order without a customer (a guest's) is kept and counted for nobody;
- an order's refunded amount is what its successful refund transactions gave back, each refund id
  once; a refund whose order never came is waiting, and not here.
"""

import csv
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol

Json = dict[str, Any]
NOT_COUNTED = frozenset({"voided", "expired"})
ORDER_TOPICS = frozenset({"orders/create", "orders/updated"})


class Webhook(Protocol):
    """What the oracle reads of a delivery; `bench.deliveries.Delivery` is one."""

    @property
    def topic(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class CustomerRow(NamedTuple):
    shopify_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    country_code: str | None
    orders_count: int
    total_spent: Decimal
    first_order_at: datetime | None
    last_order_at: datetime | None
    created_at: datetime
    updated_at: datetime


class OrderRow(NamedTuple):
    shopify_id: int
    name: str
    customer_id: int | None
    amount: Decimal
    current_amount: Decimal
    refunded_amount: Decimal
    currency: str
    financial_status: str
    fulfillment_status: str | None
    processed_at: datetime
    created_at: datetime
    updated_at: datetime
    counted: bool


class LineRow(NamedTuple):
    shopify_id: int
    order_id: int
    product_id: int
    sku: str
    title: str
    quantity: int
    current_quantity: int
    price: Decimal


class RefundRow(NamedTuple):
    shopify_id: int
    order_id: int
    amount: Decimal
    processed_at: datetime
    lines: tuple[tuple[int, int, Decimal], ...]
    """(order line id, quantity, subtotal), by line id."""


@dataclass(frozen=True)
class Expected:
    """The rows by Shopify id; `orders` are the store's, `customers[...]` carry the totals."""

    customers: dict[int, CustomerRow]
    orders: dict[int, OrderRow]
    lines: dict[int, LineRow]
    refunds: dict[int, RefundRow]

    @property
    def revenue(self) -> Decimal:
        """What the counted orders came to before refunds."""
        return sum((order.amount for order in self.orders.values() if order.counted), Decimal(0))

    @property
    def spent(self) -> Decimal:
        """What all customers' totals come to; guests are no customers."""
        return sum((customer.total_spent for customer in self.customers.values()), Decimal(0))

    @property
    def customers_with_orders(self) -> int:
        return sum(customer.orders_count > 0 for customer in self.customers.values())

    def digest(self) -> str:
        return digest(
            [
                self.customers.values(),
                self.orders.values(),
                self.lines.values(),
                self.refunds.values(),
            ]
        )


def digest(tables: Iterable[Iterable[tuple[Any, ...]]]) -> str:
    """SHA-256 over tables of plain rows, sorted by their first column; equal values hash equal.

    2.5 and 2.50 are one amount, 08:00Z and 09:00+01:00 one moment: rows of a database will do.
    """
    hashed = hashlib.sha256()
    for table in tables:
        for row in sorted(table, key=lambda row: row[0]):
            hashed.update(json.dumps(_plain(row)).encode() + b"\n")
        hashed.update(b"--\n")
    return hashed.hexdigest()


def expected(webhooks: Iterable[Webhook], *, currency: str = "GBP") -> Expected:
    """The rows after these deliveries, whatever their order and however often each of them came."""
    orders: dict[int, tuple[tuple[Any, ...], Json]] = {}
    people: dict[int, tuple[tuple[Any, ...], Json]] = {}
    refunds: dict[int, RefundRow] = {}
    for webhook in webhooks:
        payload = json.loads(webhook.body)
        if webhook.topic in ORDER_TOPICS:
            triggered = _moment(webhook.headers["X-Shopify-Triggered-At"])
            _keep_newest(orders, payload["id"], _order_age(payload, triggered), payload)
            if customer := payload.get("customer"):
                age = (_moment(customer["updated_at"]), triggered, payload["id"])
                _keep_newest(people, customer["id"], age, customer)
        elif webhook.topic == "refunds/create":
            refunds[payload["id"]] = _refund_row(payload)
        else:
            raise ValueError(f"the oracle has no rule for {webhook.topic}")
    return _expected(
        [order for _, order in orders.values()],
        [person for _, person in people.values()],
        refunds,
        currency,
    )


def clean_totals(path: Path) -> dict[int, tuple[int, Decimal]]:
    """The clean rule straight from the CSV, past every payload: customer → (orders, spent).

    An order's amount is the sum of its lines, rounded half-even to pence.
    """
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
            if row["CustomerID"] and row["InvoiceNo"][0] != "C" and quantity > 0 and price > 0:
                sums[int(row["CustomerID"]), row["InvoiceNo"]] += quantity * price
    totals: dict[int, tuple[int, Decimal]] = {}
    for (customer, _), amount in sums.items():
        count, spent = totals.get(customer, (0, Decimal(0)))
        totals[customer] = (count + 1, spent + amount.quantize(Decimal("0.01")))
    return totals


def _keep_newest(
    kept: dict[int, tuple[tuple[Any, ...], Json]],
    identity: int,
    age: tuple[Any, ...],
    payload: Json,
) -> None:
    if identity not in kept or age > kept[identity][0]:
        kept[identity] = (age, payload)


def _order_age(payload: Json, triggered: datetime) -> tuple[datetime, datetime, Decimal]:
    return (_moment(payload["updated_at"]), triggered, -Decimal(payload["current_total_price"]))


def _expected(
    orders: list[Json], people: list[Json], refunds: dict[int, RefundRow], currency: str
) -> Expected:
    known = {order["id"] for order in orders}
    applied = {key: refund for key, refund in refunds.items() if refund.order_id in known}
    refunded: dict[int, Decimal] = defaultdict(Decimal)
    for refund in applied.values():
        refunded[refund.order_id] += refund.amount
    rows = {order["id"]: _order_row(order, refunded[order["id"]]) for order in orders}
    bought: dict[int | None, list[OrderRow]] = defaultdict(list)
    for row in rows.values():
        if row.counted:
            bought[row.customer_id].append(row)
    return Expected(
        customers={
            person["id"]: _customer_row(person, bought[person["id"]], currency) for person in people
        },
        orders=rows,
        lines={
            line["id"]: _line_row(order["id"], line)
            for order in orders
            for line in order["line_items"]
        },
        refunds=applied,
    )


def _customer_row(customer: Json, orders: list[OrderRow], currency: str) -> CustomerRow:
    dates = [order.processed_at for order in orders]
    return CustomerRow(
        shopify_id=customer["id"],
        email=customer["email"],
        first_name=customer["first_name"],
        last_name=customer["last_name"],
        country_code=customer["default_address"]["country_code"],
        orders_count=len(orders),
        total_spent=sum(
            (order.current_amount for order in orders if order.currency == currency), Decimal(0)
        ),
        first_order_at=min(dates, default=None),
        last_order_at=max(dates, default=None),
        created_at=_moment(customer["created_at"]),
        updated_at=_moment(customer["updated_at"]),
    )


def _order_row(order: Json, refunded: Decimal) -> OrderRow:
    return OrderRow(
        shopify_id=order["id"],
        name=order["name"],
        customer_id=(order.get("customer") or {}).get("id"),
        amount=Decimal(order["total_price"]),
        current_amount=Decimal(order["current_total_price"]),
        refunded_amount=refunded,
        currency=order["currency"],
        financial_status=order["financial_status"],
        fulfillment_status=order["fulfillment_status"],
        processed_at=_moment(order["processed_at"]),
        created_at=_moment(order["created_at"]),
        updated_at=_moment(order["updated_at"]),
        counted=not (
            order["test"] or order["cancelled_at"] or order["financial_status"] in NOT_COUNTED
        ),
    )


def _line_row(order_id: int, line: Json) -> LineRow:
    return LineRow(
        shopify_id=line["id"],
        order_id=order_id,
        product_id=line["product_id"],
        sku=line["sku"],
        title=line["title"],
        quantity=line["quantity"],
        current_quantity=line["current_quantity"],
        price=Decimal(line["price"]),
    )


def _refund_row(refund: Json) -> RefundRow:
    given_back = [
        Decimal(transaction["amount"])
        for transaction in refund["transactions"]
        if transaction["kind"] == "refund" and transaction["status"] == "success"
    ]
    lines = [
        (line["line_item_id"], line["quantity"], Decimal(str(line["subtotal"])))
        for line in refund["refund_line_items"]
    ]
    return RefundRow(
        shopify_id=refund["id"],
        order_id=refund["order_id"],
        amount=sum(given_back, Decimal(0)),
        processed_at=_moment(refund["processed_at"]),
        lines=tuple(sorted(lines)),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
