"""How the API narrows lists of orders and products."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from xeno.lib.api.filtering import (
    POLLING,
    AmountFilter,
    CodeFilter,
    IdFilter,
    MomentFilter,
    YesNoFilter,
)

STATUS = "[a-z_]+"  # Shopify may add a status; each is written like this


class OrderFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """`_after` includes its moment, `_before` does not."""

    search = filters.CharFilter(
        method="find", label="The beginning of the number; # may be left out."
    )
    customer = IdFilter("customer_id", label="Our id of a customer.")
    financial_status = CodeFilter(pattern=STATUS, example="paid", label="Such as paid.")
    fulfillment_status = CodeFilter(pattern=STATUS, example="fulfilled", label="Such as fulfilled.")
    currency = CodeFilter(pattern="[A-Z]{3}", example="GBP", label="ISO 4217, such as GBP.")
    test = YesNoFilter(label="Test orders, or the others.")
    cancelled = YesNoFilter(method="find_cancelled", label="Cancelled orders, or the others.")
    amount_min = AmountFilter("amount", "gte", label="In the order's currency.")
    amount_max = AmountFilter("amount", "lte", label="In the order's currency.")
    processed_after = MomentFilter("processed_at", "gte", label="Placed, from.")
    processed_before = MomentFilter("processed_at", "lt", label="Placed, before.")
    updated_after = MomentFilter("updated_at", "gte", label="Updated in Shopify, from.")
    synced_after = MomentFilter("synced_at", "gte", label=f"Changed here, from. {POLLING}")

    def find(self, orders: Any, name: str, term: str) -> "QuerySet[Any]":
        return orders.search(term)  # type: ignore[no-any-return]

    def find_cancelled(self, orders: Any, name: str, yes: bool) -> "QuerySet[Any]":
        return orders.filter(cancelled_at__isnull=not yes)  # type: ignore[no-any-return]


class ProductFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """`_after` includes its moment."""

    search = filters.CharFilter("title_search", "prefix", label="The beginning of the title.")
    vendor = filters.CharFilter(label="Exactly this vendor.")
    product_type = filters.CharFilter(label="Exactly this type.")
    status = CodeFilter(pattern=STATUS, example="active", label="Such as active.")
    updated_after = MomentFilter("updated_at", "gte", label="Updated in Shopify, from.")
    synced_after = MomentFilter("synced_at", "gte", label=f"Changed here, from. {POLLING}")
