"""A store of plain facts written into the database, a statement a table, by the real models."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.db import models

from customers.models import Customer, CustomerAddress, CustomerCompany, CustomerTag
from orders.models import Checkout, CustomerScore, LineItem, Order, Product, ProductTag
from orders.totals import recompute_totals
from segments.models import Segment, SegmentMember
from tenants.models import Tenant
from tests.segments import facts
from xeno.lib.postgres.scope import tenant_scope

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
WORDS = {"updated_at": LONG_AGO, "triggered_at": LONG_AGO}
Ids = dict[int, int]  # ours, by Shopify's


def make_tenant(store: facts.Store) -> Tenant:
    """A bare store with its zone, its currency and how complete its history is."""
    return Tenant.objects.create(
        shop_domain=f"s{uuid4().hex}.myshopify.com",
        name="Oracle's",
        currency=store.currency,
        timezone=store.zone.key,
        history_complete_since=LONG_AGO if store.complete else None,
    )


def write_store(store: facts.Store, tenant: Tenant | None = None) -> Tenant:
    """The store's rows, with totals as the product computes them; its tenant."""
    tenant = tenant or make_tenant(store)
    with tenant_scope(tenant.pk):
        customers = write_customers(store.customers)
        write_orders(store.orders, customers)
        write_products(store.products)
        write_checkouts(store.checkouts, customers, store.currency)
        recompute_totals(tenant=tenant, customer_ids=customers.values())
        write_segments(store.segments, customers)
    return tenant


def insert(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> list[Any]:
    """The rows in one statement."""
    return model._default_manager.bulk_create([model(**row) for row in rows])


def write_customers(customers: Sequence[facts.Customer]) -> Ids:
    """The customers, their addresses, tags and companies."""
    made = insert(Customer, map(columns_of, customers))
    ids = {row.shopify_id: row.pk for row in made}
    insert(CustomerAddress, (row for who in customers for row in addresses_of(who, ids[who.id])))
    insert(CustomerTag, (row for who in customers for row in tags_of(who, ids[who.id])))
    insert(CustomerScore, (score_of(who, ids[who.id]) for who in customers if is_scored(who)))
    insert(
        CustomerCompany,
        (
            {"customer_id": ids[who.id], "company_id": each}
            for who in customers
            for each in who.companies
        ),
    )
    return ids


def columns_of(who: facts.Customer) -> dict[str, Any]:
    """The customer's own row; the codes of the default address stand there too."""
    home = who.addresses[0] if who.addresses else facts.Address()
    return {
        "shopify_id": who.id,
        "email": who.email,
        "language": who.language,
        "state": who.state,
        "email_consent": who.email_consent,
        "sms_consent": who.sms_consent,
        "created_at": who.created_at,
        "country": home.country,
        "region": home.region,
        "city": home.city,
        "remote_orders_count": who.remote_orders_count,
        "remote_total_spent": who.remote_total_spent,
        "remote_currency": who.remote_currency,
        "remote_rfm_group": who.remote_group,
        "remote_spend_tier": who.remote_tier,
        "subscriber_status": who.subscriber,
    }


def is_scored(who: facts.Customer) -> bool:
    """Whether anybody judged the customer."""
    return bool(who.scores or who.remote_group or who.our_group or who.remote_tier or who.our_tier)


def score_of(who: facts.Customer, customer: int) -> dict[str, Any]:
    """How the customer stands: Shopify's word where it told one, else ours."""
    recency, frequency, monetary = who.scores or (None, None, None)
    return {
        "customer_id": customer,
        "recency": recency,
        "frequency": frequency,
        "monetary": monetary,
        "rfm_group": who.remote_group or who.our_group or "PROSPECTS",
        "spend_tier": who.remote_tier or who.our_tier,
        "scored_on": LONG_AGO.date(),
    }


def addresses_of(who: facts.Customer, customer: int) -> Iterable[dict[str, Any]]:
    """The rows of the customer's addresses; coordinates in millionths of a degree."""
    for number, each in enumerate(who.addresses):
        yield {
            "customer_id": customer,
            "shopify_id": who.id * 10 + number,
            "country": each.country or "",
            "region": each.region or "",
            "city": each.city or "",
            "latitude": None if each.latitude is None else round(each.latitude * 1e6),
            "longitude": None if each.longitude is None else round(each.longitude * 1e6),
            "is_default": number == 0,
        }


def tags_of(who: facts.Customer, customer: int) -> Iterable[dict[str, Any]]:
    """A row for each tag, and for each that was taken away."""
    for tag in (*who.tags, *who.lost_tags):
        yield {
            "customer_id": customer,
            "tag": tag,
            "tag_key": tag.lower(),
            "present": tag in who.tags,
            "changed_at": LONG_AGO,
        }


def write_orders(orders: Sequence[facts.Order], customers: Ids) -> None:
    """The orders with their lines, which carry the customer, the day and whether it counts."""
    made = insert(Order, (order_row(order, customers) for order in orders))
    ids = {row.shopify_id: row.pk for row in made}
    insert(
        LineItem,
        (
            {
                "shopify_id": order.id * 10 + number,
                "order_id": ids[order.id],
                "customer_id": customers.get(order.customer or 0),
                "ordered_at": order.processed_at,
                "counted": order.counts,
                "product_shopify_id": line.product,
                "quantity": line.quantity,
                "current_quantity": 0,
                "price": 1,
            }
            for order in orders
            for number, line in enumerate(order.lines)
        ),
    )


def order_row(order: facts.Order, customers: Ids) -> dict[str, Any]:
    """The order's own row: more was paid than is left."""
    return {
        **WORDS,
        "shopify_id": order.id,
        "name": f"#{order.id}",
        "customer_id": customers.get(order.customer or 0),
        "amount": order.left + 7,
        "reported_amount": order.left + 3,
        "current_amount": order.left,
        "refunded_amount": 7,
        "currency": order.currency,
        "financial_status": order.status,
        "processed_at": order.processed_at,
        "cancelled_at": order.cancelled_at,
        "test": order.test,
        "app_id": order.app,
        "location_id": order.location,
        "created_at": LONG_AGO,
    }


def write_products(products: Sequence[facts.Product]) -> None:
    """The products with a row for each of their tags."""
    rows = (
        {
            **WORDS,
            "shopify_id": each.id,
            "tags": list(each.tags),
            "category_id": each.category,
            "category": each.category_name,
        }
        for each in products
    )
    ids = {row.shopify_id: row.pk for row in insert(Product, rows)}
    insert(
        ProductTag,
        (
            {"product_id": ids[each.id], "product_shopify_id": each.id, "tag": tag, "tag_key": key}
            for each in products
            for key, tag in {tag.lower(): tag for tag in each.tags}.items()
        ),
    )


def write_checkouts(checkouts: Sequence[facts.Checkout], customers: Ids, currency: str) -> None:
    """The checkouts, abandoned and completed."""
    insert(
        Checkout,
        (
            {
                **WORDS,
                "shopify_id": each.id,
                "customer_id": customers.get(each.customer or 0),
                "amount": 5,
                "currency": currency,
                "created_at": each.created_at,
                "completed_at": each.completed_at,
            }
            for each in checkouts
        ),
    )


def write_segments(segments: Sequence[facts.Segment], customers: Ids) -> None:
    """Static segments with their members of now, and one who has left each of them."""
    made = insert(Segment, ({"name": each.name, "kind": "static"} for each in segments))
    rows = []
    for segment, row in zip(segments, made, strict=True):
        for who, customer in customers.items():
            left = None if who in segment.members else LONG_AGO.replace(year=2002)
            rows.append(
                {"segment_id": row.pk, "customer_id": customer, "valid_from": LONG_AGO,
                 "valid_to": left}
            )  # fmt: skip
    insert(SegmentMember, rows)
