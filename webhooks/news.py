"""What a batch of webhooks tells, gathered by kind, so that each kind is written at once."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from customers.data import (
    ConsentData,
    CustomerData,
    MergeData,
    StatisticsData,
    TagsData,
    TotalsData,
)
from customers.models import Tombstone
from orders.data import CheckoutData, OrderData, ProductData, RefundData
from webhooks.mapping import customers, orders, store
from webhooks.mapping.context import Envelope
from webhooks.mapping.customers import CustomerNews
from webhooks.mapping.privacy import KINDS, PrivacyData, map_privacy
from webhooks.mapping.store import StoreData

Kind = Tombstone.Kind


@dataclass(slots=True)
class News:
    """Everything that a batch tells; the order within a list does not matter."""

    customers: list[CustomerData] = field(default_factory=list)
    consents: list[ConsentData] = field(default_factory=list)
    tags: list[TagsData] = field(default_factory=list)
    totals: list[TotalsData] = field(default_factory=list)
    statistics: list[StatisticsData] = field(default_factory=list)
    orders: list[OrderData] = field(default_factory=list)
    refunds: list[RefundData] = field(default_factory=list)
    products: list[ProductData] = field(default_factory=list)
    checkouts: list[CheckoutData] = field(default_factory=list)
    deletions: dict[Kind, set[int]] = field(default_factory=lambda: defaultdict(set))
    merges: list[MergeData] = field(default_factory=list)
    stores: list[StoreData] = field(default_factory=list)
    uninstalls: list[datetime | None] = field(default_factory=list)
    scopes: list[tuple[datetime | None, tuple[str, ...]]] = field(default_factory=list)
    bulk_ended: bool = False
    privacy: list[PrivacyData] = field(default_factory=list)
    redacted: set[int] = field(default_factory=set)  # Shopify's ids of what was veiled

    def add_customers(self, news: CustomerNews) -> None:
        """Take over what a payload tells about customers."""
        self.customers += news.customers
        self.consents += news.consents
        self.tags += news.tags
        self.totals += news.totals
        self.statistics += news.statistics


# Gives Shopify's id of an order that must be held here first, or None.
Handler = Callable[[bytes, Envelope, News], int | None]


def hear_order(body: bytes, envelope: Envelope, news: News) -> None:
    order, customer = orders.map_order(body, envelope)
    news.orders.append(order)
    news.refunds += order.refunds
    news.add_customers(customer)


def hear_refund(body: bytes, envelope: Envelope, news: News) -> int:
    refund = orders.map_refund(body, envelope)
    news.refunds.append(refund)
    return refund.order_id


def hear_product(body: bytes, envelope: Envelope, news: News) -> None:
    news.products.append(store.map_product(body, envelope))


def hear_checkout(body: bytes, envelope: Envelope, news: News) -> None:
    checkout, customer = store.map_checkout(body, envelope)
    news.checkouts.append(checkout)
    news.add_customers(customer)


def hear_customers(mapping: Callable[[bytes, Envelope], CustomerNews]) -> Handler:
    """A handler of one of the topics that are about a customer."""

    def hear(body: bytes, envelope: Envelope, news: News) -> None:
        news.add_customers(mapping(body, envelope))

    return hear


def hear_deletion(kind: Kind) -> Handler:
    """A handler of one of the delete topics."""

    def hear(body: bytes, envelope: Envelope, news: News) -> None:
        news.deletions[kind].add(store.map_deletion(body, envelope))

    return hear


def hear_merge(body: bytes, envelope: Envelope, news: News) -> None:
    merge = customers.map_merge(body, envelope)
    if merge:
        news.merges.append(merge)


def hear_store(body: bytes, envelope: Envelope, news: News) -> None:
    news.stores.append(store.map_shop(body, envelope))


def hear_uninstall(body: bytes, envelope: Envelope, news: News) -> None:
    store.map_shop(body, envelope)
    news.uninstalls.append(envelope.triggered_at)


def hear_scopes(body: bytes, envelope: Envelope, news: News) -> None:
    news.scopes.append((envelope.triggered_at, store.map_scopes(body, envelope)))


def hear_bulk_end(body: bytes, envelope: Envelope, news: News) -> None:
    # Which operation, and its file, the sync asks Shopify itself: the body is no proof of it.
    news.bulk_ended = True


def hear_privacy(body: bytes, envelope: Envelope, news: News) -> None:
    news.privacy.append(map_privacy(body, envelope))


# What is not listed here is stored and marked "not handled".
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        (
            "orders/create",
            "orders/updated",
            "orders/paid",
            "orders/cancelled",
            "orders/fulfilled",
            "orders/partially_fulfilled",
            "orders/edited",
        ),
        hear_order,
    ),
    "orders/delete": hear_deletion(Kind.ORDER),
    "refunds/create": hear_refund,
    **dict.fromkeys(
        ("customers/create", "customers/update", "customers/enable", "customers/disable"),
        hear_customers(customers.map_customer),
    ),
    "customers/delete": hear_deletion(Kind.CUSTOMER),
    "customers/merge": hear_merge,
    **dict.fromkeys(
        ("customer.tags_added", "customer.tags_removed"), hear_customers(customers.map_tags)
    ),
    "customers_email_marketing_consent/update": hear_customers(customers.map_email_consent),
    "customers_marketing_consent/update": hear_customers(customers.map_sms_consent),
    "customers/purchasing_summary": hear_customers(customers.map_summary),
    **dict.fromkeys(("products/create", "products/update"), hear_product),
    "products/delete": hear_deletion(Kind.PRODUCT),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), hear_checkout),
    "checkouts/delete": hear_deletion(Kind.CHECKOUT),
    "shop/update": hear_store,
    "app/uninstalled": hear_uninstall,
    "app/scopes_update": hear_scopes,
    "bulk_operations/finish": hear_bulk_end,
    **dict.fromkeys(KINDS, hear_privacy),
}
