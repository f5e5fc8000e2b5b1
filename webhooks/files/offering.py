"""The buttons of exports and imports on the pages of customers, orders and segments."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from segments.models import Segment
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.filtering import midnight, read_day
from tenants.scoping.page_links import PageLink, add_page_link
from webhooks.files.contents import CONTENTS, rights_of
from webhooks.files.models import Export

SEGMENT_ID = re.compile("[1-9][0-9]{0,17}")  # as the list reads it
# What the filters of the admin's lists are called where a list is exported.
NAMES: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "q": "search",
        "email_consent": "email_consent",
        "country": "country",
        "tag": "tag",
        "last_order_at_from": "last_order_after",
        "last_order_at_to": "last_order_before",
    },
    "orders": {
        "q": "search",
        "customer": "customer",
        "financial_status": "financial_status",
        "fulfillment_status": "fulfillment_status",
        "processed_at_from": "processed_after",
        "processed_at_to": "processed_before",
    },
}


def offer() -> None:
    """Put the buttons onto the pages."""
    add_page_link("customers.Customer", of_customers)
    add_page_link("customers.Customer", to_import)
    add_page_link("orders.Order", of_orders)
    add_page_link("segments.Segment.page", of_segment)
    add_page_link("campaigns.Campaign.page", report_of)
    add_page_link("campaigns.Campaign.page", messages_of)


def of_orders(request: HttpRequest, row: Any) -> PageLink | None:
    """The page that exports the list, as it is narrowed; nothing where no export can be so."""
    if request.GET.get("date") == "odd" or not may_export(request, Export.Kind.ORDERS):
        return None
    return link("orders", filters_of(request, "orders"))


def of_customers(request: HttpRequest, row: Any) -> PageLink | None:
    """The page that exports the list, as it and the open tab of a segment narrow it."""
    if not may_export(request, Export.Kind.CUSTOMERS):
        return None
    query = filters_of(request, "customers")
    asked = request.GET.get("segment", "")
    # Who may not see segments has no tabs, and is shown everybody.
    seen = SEGMENT_ID.fullmatch(asked) and holds(request, Right.VIEW_SEGMENTS)
    if seen and Segment.objects.filter(pk=asked).exists():
        query["segment"] = asked
    return link("customers", query)


def may_export(request: HttpRequest, kind: str) -> bool:
    """Whether the user holds every right that an export of the list takes."""
    return all(holds(request, right) for right in rights_of(kind))


def to_import(request: HttpRequest, row: Any) -> PageLink | None:
    """The page that takes a file of customers."""
    if not holds(request, Right.EDIT_CUSTOMERS):
        return None
    return PageLink("Import", "upload", reverse("admin:webhooks_import_new"))


def of_segment(request: HttpRequest, segment: Any) -> PageLink | None:
    """The page that exports who is in the segment."""
    rights = rights_of(Export.Kind.CUSTOMERS, segment=True)
    if not all(holds(request, right) for right in rights):
        return None
    return link("customers", {"segment": str(segment.pk)}, "Export customers")


def report_of(request: HttpRequest, campaign: Any) -> PageLink | None:
    """The page that exports the campaign's numbers."""
    return of_campaign(request, campaign, Export.Kind.REPORT, "Export the report")


def messages_of(request: HttpRequest, campaign: Any) -> PageLink | None:
    """The page that exports what became of each person."""
    return of_campaign(request, campaign, Export.Kind.MESSAGES, "Export each person's outcome")


def of_campaign(request: HttpRequest, campaign: Any, kind: str, title: str) -> PageLink | None:
    """The page of an export about one campaign."""
    if not all(holds(request, right) for right in rights_of(kind)):
        return None
    return link(kind, {"campaign": str(campaign.pk)}, title)


def link(kind: str, query: Mapping[str, str], title: str = "Export") -> PageLink:
    """A button to the page of a new export."""
    address = reverse("admin:webhooks_export_new")
    return PageLink(title, "download", f"{address}?{urlencode({'kind': kind, **query})}")


def filters_of(request: HttpRequest, kind: str) -> dict[str, str]:
    """How the list is narrowed, in the words of exports; what those do not know stays away."""
    known = CONTENTS[kind].filters
    found = dict[str, str]()
    for own, name in NAMES[kind].items():
        typed = request.GET.get(own, "").replace("\0", "").strip()
        if typed and known is not None and name in known.base_filters:
            found[name] = moment_of(own, typed) if name.endswith(("_after", "_before")) else typed
    if "country" in found:
        found["country"] = found["country"].upper()
    return {name: value for name, value in found.items() if value}


def moment_of(own: str, typed: str) -> str:
    """The beginning of the day, or of the one after it, in the store's time zone."""
    day = read_day(typed)
    try:
        return midnight(day + timedelta(days=own.endswith("_to"))).isoformat() if day else ""
    except (ValueError, OverflowError):
        return ""
