"""Writing what a bulk operation tells, by the same path as what webhooks tell."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Protocol, TypeVar

import msgspec
import structlog
from django.db import transaction

from customers.data import CustomerData
from tenants.models import Tenant
from webhooks import leases, statistics
from webhooks.applying import apply_news
from webhooks.backfill.models import SyncPart
from webhooks.backfill.partitions import Group
from webhooks.mapping import bulk, bulk_customers
from webhooks.mapping.decoding import Unreadable, decode
from webhooks.news import News
from xeno.lib.upsert import run

log = structlog.get_logger(__name__)

BATCH = 500
LOCK_SECONDS = 30  # for a batch of webhooks to end
T = TypeVar("T")

# Tells one root with its children into the news; raises Unreadable.
Reader = Callable[[Group, datetime, News], None]


class Writer(Protocol):
    """Writes one batch within a transaction, as the store's one applier."""

    def __call__(self, *, tenant: Tenant, kind: str, news: News, read_at: datetime) -> object: ...


def write(*, tenant: Tenant, kind: str, news: News, read_at: datetime) -> None:
    """As webhooks are written."""
    apply_news(tenant=tenant, news=news)


def hear_customer(group: Group, read_at: datetime, news: News) -> None:
    """A customer with addresses, consents, tags and Shopify's own figures."""
    addresses = [decode(line, bulk_customers.AddressNode) for line in group.children]
    node = decode(root_of(group), bulk_customers.CustomerNode)
    news.add_customers(bulk_customers.customer_news(node, addresses, read_at))


def hear_order(group: Group, read_at: datetime, news: News) -> None:
    """An order with its lines and refunds."""
    lines = [decode(line, bulk.LineNode) for line in group.children]
    order = bulk.order_data(decode(root_of(group), bulk.OrderNode), lines)
    news.orders.append(order)
    news.refunds += order.refunds
    add_buyer(news, order.customer_id)


def hear_product(group: Group, read_at: datetime, news: News) -> None:
    """A product."""
    news.products.append(bulk.product_data(decode(root_of(group), bulk.ProductNode)))


def hear_checkout(group: Group, read_at: datetime, news: News) -> None:
    """An abandoned checkout."""
    checkout = bulk.checkout_data(decode(root_of(group), bulk.CheckoutNode))
    news.checkouts.append(checkout)
    add_buyer(news, checkout.customer_id)


def add_buyer(news: News, customer_id: int | None) -> None:
    """That there is such a customer: what is said of them came with the customers, or will."""
    if customer_id:
        news.customers.append(CustomerData(customer_id))


READERS: dict[str, Reader] = {
    SyncPart.Kind.CUSTOMERS: hear_customer,
    SyncPart.Kind.ORDERS: hear_order,
    SyncPart.Kind.PRODUCTS: hear_product,
    SyncPart.Kind.CHECKOUTS: hear_checkout,
}


def root_of(group: Group) -> bytes:
    """The root's line; Unreadable for children whose parent never came."""
    if group.root is None:
        raise Unreadable("Its parent is not in the file.")
    return group.root


def apply_groups(
    *,
    tenant: Tenant,
    kind: str,
    groups: Iterable[Group],
    read_at: datetime,
    before: int = 0,
    write: Writer = write,
) -> tuple[int, int]:
    """Write all of them, batch by batch; gives how many were written and how many unreadable.

    `before` is how many of the kind were applied already.
    A batch that is written twice, because a worker died before it said so, changes nothing.
    """
    written = unreadable = 0
    for batch in batches(iter(groups), BATCH):
        news, bad = hear(kind, batch, read_at)
        with transaction.atomic():
            # The store's lease, for as long as the transaction: webhooks wait for one batch.
            run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", [])
            leases.hold_for_transaction(tenant=tenant)
            tenant.refresh_from_db()
            write(tenant=tenant, kind=kind, news=news, read_at=read_at)
        # Per kind: when the orders begin, the planner knows of none, however many customers.
        seen = before + written
        if statistics.has_outgrown(before=seen, after=seen + len(batch)):
            statistics.analyze()
        written, unreadable = written + len(batch) - bad, unreadable + bad
    return written, unreadable


def hear(kind: str, groups: list[Group], read_at: datetime) -> tuple[News, int]:
    """What the groups tell, and how many of them could not be read."""
    news, bad, reader = News(), 0, READERS[kind]
    for group in groups:
        try:
            reader(group, read_at, news)
        except (Unreadable, msgspec.ValidationError) as error:
            bad += 1
            log.warning("bulk_line_unreadable", kind=kind, code=getattr(error, "code", "shape"))
    return news, bad


def batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    """The items, so many at a time."""
    while batch := list(islice(items, size)):
        yield batch


def describe(part: SyncPart) -> dict[str, Any]:
    """How far a part is, for a page, the API and the command line."""
    return {
        "kind": part.kind,
        "state": part.state,
        "applied": part.applied,
        "total": part.total,
        "unreadable": part.unreadable,
    }
