"""How the API narrows a list of customers."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from customers.models import Consent
from xeno.lib.api.filtering import POLLING, AmountFilter, CodeFilter, CountFilter, MomentFilter

SEARCH = "The beginning of the e-mail address, first or last name; two words are both names."


class CustomerFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """`_after` includes its moment, `_before` does not."""

    search = filters.CharFilter(method="find", label=SEARCH)
    email = filters.CharFilter(method="find_email", label="The whole address, in any case.")
    tag = filters.CharFilter(method="find_tag", label="One tag, in any case.")
    country = CodeFilter(pattern="[A-Z]{2}", example="GB", label="ISO 3166-1, such as GB.")
    email_consent = filters.ChoiceFilter(choices=Consent.choices)
    sms_consent = filters.ChoiceFilter(choices=Consent.choices)
    total_spent_min = AmountFilter("total_spent", "gte", label="In the store's currency.")
    total_spent_max = AmountFilter("total_spent", "lte", label="In the store's currency.")
    orders_count_min = CountFilter("orders_count", "gte", label="At least so many orders.")
    orders_count_max = CountFilter("orders_count", "lte", label="At most so many orders.")
    last_order_after = MomentFilter("last_order_at", "gte", label="Last order, from.")
    last_order_before = MomentFilter("last_order_at", "lt", label="Last order, before.")
    created_after = MomentFilter("created_at", "gte", label="Created in Shopify, from.")
    created_before = MomentFilter("created_at", "lt", label="Created in Shopify, before.")
    updated_after = MomentFilter("updated_at", "gte", label="Updated in Shopify, from.")
    synced_after = MomentFilter("synced_at", "gte", label=f"Changed here, from. {POLLING}")

    def find(self, customers: Any, name: str, term: str) -> "QuerySet[Any]":
        return customers.search(term)  # type: ignore[no-any-return]

    def find_email(self, customers: Any, name: str, email: str) -> "QuerySet[Any]":
        return customers.filter(email_search=email.lower())  # type: ignore[no-any-return]

    def find_tag(self, customers: Any, name: str, tag: str) -> "QuerySet[Any]":
        return customers.tagged(tag)  # type: ignore[no-any-return]
