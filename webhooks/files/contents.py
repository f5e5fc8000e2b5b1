"""What is in an export of each kind: its columns, its rows by pages, and the rights that it takes.

Rows come by their ids in ascending order, so that a page begins where the last one ended.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet

from campaigns.api.reports import show_report
from campaigns.filters import MessageFilter
from campaigns.models import Campaign, Message
from campaigns.numbers.report import make_report
from campaigns.outcomes import KINDS, find_outcomes
from customers.filters import CustomerFilter
from customers.models import Customer
from customers.viewsets import TAGS
from orders.filters import OrderFilter
from orders.models import Order
from segments.history import members_as_of
from segments.models import Segment
from tenants.models import Tenant
from tenants.roles import Right
from webhooks.files.models import Export
from xeno.lib.money import format_money
from xeno.lib.sheets import Row

Rows = QuerySet[Any]


class Page(NamedTuple):
    """Some rows: our ids in ascending order, and what is written of each."""

    ids: list[int]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Content:
    """One kind of export. `personal` is by what name the audit trail calls who was in it."""

    model: Any
    headers: Sequence[str]
    rights: tuple[Right, ...]
    find: Callable[[Export], Rows]
    shape: Callable[[Tenant, Rows], Iterator[Row]]
    filters: type[FilterSet] | None = None
    personal: str = ""
    of_campaign: bool = False


def narrowed(rows: Rows, filters: type[FilterSet], export: Export) -> Rows:
    """The rows that the list's filters leave."""
    return filters(export.filters, rows).qs if export.filters else rows


def exact(amount: Decimal, currency: str) -> Decimal:
    """The amount with as many decimals as its currency has: a number, also for a spreadsheet."""
    return Decimal(format_money(amount, currency))


# --- Customers --------------------------------------------------------------------------------

CUSTOMER = (
    "id", "shopify_id", "email", "first_name", "last_name", "phone", "country", "region", "city",
    "language", "tags", "note", "email_consent", "sms_consent", "orders_count", "total_spent",
    "currency", "first_order_at", "last_order_at", "created_at",
)  # fmt: skip


def customers(export: Export) -> Rows:
    """Those of the list, or who was in the segment when the export was ordered."""
    rows: Rows = Customer.objects.all()
    if export.segment_id is not None:
        segment = Segment.objects.get(pk=export.segment_id)
        members = members_as_of(segment, export.created_at)
        rows = rows.filter(pk__in=members.values("customer_id"))
    return narrowed(rows, CustomerFilter, export)


def shape_customers(tenant: Tenant, rows: Rows) -> Iterator[Row]:
    """One line a customer; numbers of Shopify's as text, which no spreadsheet rounds."""
    names = [name for name in CUSTOMER if name not in ("tags", "currency")]
    for row in rows.values(*names, labels=TAGS):
        own = {
            "id": str(row["id"]),
            "shopify_id": str(row["shopify_id"]) if row["shopify_id"] > 0 else "",
            "tags": ", ".join(row["labels"]),
            "total_spent": exact(row["total_spent"], tenant.currency),
            "currency": tenant.currency,
        }
        yield [own.get(name, row.get(name)) for name in CUSTOMER]


# --- Orders -----------------------------------------------------------------------------------

ORDER = (
    "id", "shopify_id", "name", "customer", "email", "amount", "current_amount",
    "refunded_amount", "currency", "financial_status", "fulfillment_status", "processed_at",
    "cancelled_at", "test", "source", "discount_codes",
)  # fmt: skip
AMOUNTS = ("amount", "current_amount", "refunded_amount")


def orders(export: Export) -> Rows:
    """Those of the list."""
    return narrowed(Order.objects.all(), OrderFilter, export)


def shape_orders(tenant: Tenant, rows: Rows) -> Iterator[Row]:
    """One line an order."""
    for row in rows.values(*ORDER):
        own: dict[str, Any] = {name: exact(row[name], row["currency"]) for name in AMOUNTS}
        own |= {name: row[name] and str(row[name]) for name in ("id", "shopify_id", "customer")}
        own["discount_codes"] = ", ".join(map(str, row["discount_codes"] or ()))
        yield [own.get(name, row[name]) for name in ORDER]


# --- Campaigns --------------------------------------------------------------------------------

MESSAGE = (
    "id", "customer", "address", "state", "reason", "variant", "attempts", "handed_at", "code",
)  # fmt: skip


def messages(export: Export) -> Rows:
    """Those of the campaign that the filters leave."""
    found = Message.objects.filter(campaign_id=export.campaign_id)
    return narrowed(found, MessageFilter, export)


def shape_messages(tenant: Tenant, rows: Rows) -> Iterator[Row]:
    """One line a message, with the first of each thing that came back of it."""
    found = list(rows.values(*MESSAGE))
    outcomes = find_outcomes(tenant_id=tenant.pk, message_ids=[row["id"] for row in found])
    for row in found:
        own = {name: row[name] and str(row[name]) for name in ("id", "customer")}
        told = outcomes[row["id"]]
        yield [
            *(own.get(name, row[name]) for name in MESSAGE),
            *(told.get(kind) for kind in KINDS),
        ]


def campaign_of(export: Export) -> Rows:
    """The campaign that the report is about, as the one row of the walk."""
    return Campaign.objects.filter(pk=export.campaign_id)


def shape_report(tenant: Tenant, rows: Rows) -> Iterator[Row]:
    """Each number of the report by its place in it, such as `funnel.sent`."""
    for campaign in rows:
        told = show_report(make_report(tenant=tenant, campaign=campaign), tenant.currency)
        yield from leaves(told, "")


def leaves(told: Any, name: str) -> Iterator[Row]:
    """The values of nested mappings and lists, each with the way to it; lists count from 1."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            yield from leaves(value, f"{name}.{key}" if name else str(key))
    elif isinstance(told, list):
        for place, value in enumerate(told, 1):
            yield from leaves(value, f"{name}.{place}")
    else:
        yield name, told


CONTENTS: Mapping[str, Content] = {
    Export.Kind.CUSTOMERS: Content(
        Customer,
        CUSTOMER,
        (Right.VIEW_CUSTOMERS,),
        customers,
        shape_customers,
        CustomerFilter,
        personal="customer",
    ),
    Export.Kind.ORDERS: Content(
        Order,
        ORDER,
        # An order names who bought.
        (Right.VIEW_ORDERS, Right.VIEW_CUSTOMERS),
        orders,
        shape_orders,
        OrderFilter,
        personal="order",
    ),
    Export.Kind.MESSAGES: Content(
        Message,
        (*MESSAGE, *(f"{kind}_at" for kind in KINDS)),
        (Right.VIEW_CAMPAIGNS, Right.VIEW_CUSTOMERS),
        messages,
        shape_messages,
        MessageFilter,
        personal="message",
        of_campaign=True,
    ),
    Export.Kind.REPORT: Content(
        Campaign,
        ("figure", "value"),
        (Right.VIEW_CAMPAIGNS,),
        campaign_of,
        shape_report,
        of_campaign=True,
    ),
}


def rights_of(kind: str, *, segment: bool = False) -> tuple[Right, ...]:
    """Every right that an export of the kind takes."""
    seen = (Right.VIEW_SEGMENTS,) if segment else ()
    return (Right.EXPORT_DATA, *CONTENTS[kind].rights, *seen)


def read_page(tenant: Tenant, export: Export, most: int) -> Page:
    """The next rows of the export."""
    content = CONTENTS[export.kind]
    after = content.find(export).order_by("pk").filter(pk__gt=export.mark)
    ids = list(after.values_list("pk", flat=True)[:most])
    if not ids:
        return Page([], [])
    rows = content.model.objects.filter(pk__in=ids).order_by("pk")
    return Page(ids, list(content.shape(tenant, rows)))
