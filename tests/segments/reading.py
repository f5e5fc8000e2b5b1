"""The open store read back as plain facts, row by row, so that the oracle can be asked of it."""

from collections import defaultdict
from typing import Any

from django.db import models

from customers.models import Customer, CustomerAddress, CustomerCompany, CustomerTag
from orders.models import Checkout, CustomerScore, LineItem, Order, Product
from segments.language.parser import parse
from segments.models import Segment, SegmentMember
from tenants.models import Tenant
from tests.segments import facts


def read_store(tenant: Tenant) -> facts.Store:
    """All that the tables say of the store, whoever wrote it."""
    tenant.refresh_from_db()
    return facts.Store(
        zone=tenant.zone,
        currency=tenant.currency,
        complete=tenant.history_complete,
        customers=tuple(read_customers()),
        orders=tuple(read_orders()),
        products=tuple(
            facts.Product(row.shopify_id, tuple(row.tags or ()), row.category_id, row.category)
            for row in Product.objects.all()
        ),
        checkouts=tuple(
            facts.Checkout(row.shopify_id, owner(row), row.created_at, row.completed_at)
            for row in Checkout.objects.select_related("customer")
        ),
        segments=tuple(read_segments()),
    )


def owner(row: Any) -> int | None:
    """Shopify's id of the customer to whom the row belongs."""
    return row.customer and row.customer.shopify_id


def by_customer(model: type[models.Model], **only: Any) -> dict[int, list[Any]]:
    """The rows of each customer, by our id."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in model._default_manager.filter(**only).order_by("pk"):
        found[row.customer_id].append(row)
    return found


def read_customers() -> list[facts.Customer]:
    """The customers with all that hangs on them."""
    tags = by_customer(CustomerTag, present=True)
    addresses, companies = by_customer(CustomerAddress), by_customer(CustomerCompany)
    scores = {row.customer_id: row for row in CustomerScore.objects.all()}
    return [
        facts.Customer(
            row.shopify_id,
            email=row.email,
            language=row.language,
            state=row.state,
            email_consent=row.email_consent,
            sms_consent=row.sms_consent,
            created_at=row.created_at,
            tags=tuple(each.tag for each in tags[row.pk]),
            addresses=tuple(map(read_address, addresses[row.pk])),
            companies=tuple(each.company_id for each in companies[row.pk]),
            remote_orders_count=row.remote_orders_count,
            remote_total_spent=row.remote_total_spent,
            remote_currency=row.remote_currency,
            subscriber=row.subscriber_status,
            **read_scores(scores.get(row.pk)),
        )
        for row in Customer.objects.order_by("pk")
    ]


def read_address(row: CustomerAddress) -> facts.Address:
    """One address, in degrees."""
    latitude, longitude = (
        None if each is None else each / 1e6 for each in (row.latitude, row.longitude)
    )
    return facts.Address(row.country, row.region, row.city, latitude, longitude)


def read_scores(row: CustomerScore | None) -> dict[str, Any]:
    """Where the customer stands; the group and the tier are chosen already."""
    if row is None:
        return {}
    scores = (row.recency, row.frequency, row.monetary)
    return {
        "our_group": row.rfm_group,
        "our_tier": row.spend_tier,
        "scores": scores if all(scores) else None,
    }


def read_orders() -> list[facts.Order]:
    """The orders with their lines."""
    lines: dict[int, list[facts.Line]] = defaultdict(list)
    for line in LineItem.objects.all():
        lines[line.order_id].append(facts.Line(line.product_shopify_id, line.quantity))
    return [
        facts.Order(
            row.shopify_id,
            owner(row),
            row.processed_at,
            row.current_amount,
            row.currency,
            status=row.financial_status,
            test=row.test,
            cancelled_at=row.cancelled_at,
            app=row.app_id,
            location=row.location_id,
            lines=tuple(lines[row.pk]),
        )
        for row in Order.objects.select_related("customer")
    ]


def read_segments() -> list[facts.Segment]:
    """The segments: queries of the dynamic ones, members of the static ones."""
    members: dict[int, set[int]] = defaultdict(set)
    for row in SegmentMember.objects.filter(valid_to=None).select_related("customer"):
        members[row.segment_id].add(row.customer.shopify_id)
    return [
        facts.Segment(
            row.pk,
            row.name,
            query=parse(row.query) if row.query else None,
            members=frozenset(members[row.pk]),
        )
        for row in Segment.objects.all()
    ]
