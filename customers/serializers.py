"""Customers as the API shows them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from rest_framework import serializers

from customers.editing import LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, SETTABLE
from customers.models import Consent, Customer, TotalsSource
from customers.parts import CUSTOMER_PARTS
from tenants.roles import Right
from tenants.scoping.visit import get_tenant
from xeno.lib.api.rows import IdField, MoneyText, RowSerializer
from xeno.lib.money import format_money


class CustomerSerializer(RowSerializer):
    """A customer. Text that is null was never told by Shopify; empty text is none."""

    id = IdField()
    shopify_id = IdField(allow_null=True, help_text="Null: imported, unknown to Shopify")
    email = serializers.CharField(allow_null=True)
    first_name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    total_spent = MoneyText(help_text="In the store's currency")
    orders_count = serializers.IntegerField()
    currency = serializers.CharField(help_text="The store's")
    tags = serializers.ListField(child=serializers.CharField())
    email_consent = serializers.ChoiceField(choices=Consent.choices, allow_null=True)
    sms_consent = serializers.ChoiceField(choices=Consent.choices, allow_null=True)
    country = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)
    city = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True)
    first_order_at = serializers.DateTimeField(allow_null=True)
    last_order_at = serializers.DateTimeField(allow_null=True)
    orders_count_source = serializers.ChoiceField(choices=TotalsSource.choices)
    total_spent_source = serializers.ChoiceField(choices=TotalsSource.choices)
    created_at = serializers.DateTimeField(allow_null=True, help_text="In Shopify")
    updated_at = serializers.DateTimeField(allow_null=True, help_text="In Shopify")
    synced_at = serializers.DateTimeField(help_text="When we last changed this customer")

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        currency = get_tenant(self.context["request"]).currency
        return {
            **IN_ORDER,
            # An empty text says that Shopify told us there is none; a client needs no third case.
            **{name: None if value == "" else value for name, value in row.items()},
            "id": str(row["id"]),
            "shopify_id": str(row["shopify_id"]) if row["shopify_id"] > 0 else None,
            "total_spent": format_money(row["total_spent"], currency),
            "currency": currency,
        }


class CustomerDetailSerializer(CustomerSerializer):
    """A customer by themselves: with the note, which a list of hundreds leaves out."""

    note = serializers.CharField(allow_null=True)


class CustomerEditSerializer(serializers.Serializer[Any]):
    """What of a customer can be changed; Shopify is told by itself."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TAG),
        max_length=MOST_TAGS,
        required=False,
        help_text="The whole list: what is not in it is taken off",
    )
    note = serializers.CharField(
        allow_null=True, allow_blank=True, max_length=LONGEST_NOTE, required=False
    )
    email_consent = serializers.ChoiceField(
        choices=[(choice.value, choice.label) for choice in SETTABLE], required=False
    )
    consent_reason = serializers.CharField(
        allow_blank=True,
        max_length=500,
        required=False,
        help_text="How and when they agreed: without it nobody is subscribed",
    )

    def validate_note(self, note: str | None) -> str:
        return note or ""


CUSTOMER_COLUMNS = [
    name for name in CustomerSerializer._declared_fields if name not in ("currency", "tags")
]
# Laid first, because Django puts annotations such as the tags behind all columns.
IN_ORDER = dict.fromkeys(CustomerSerializer._declared_fields)


@cache
def customer_detail_serializer() -> type[CustomerSerializer]:
    """The customer's serializer with every part: all were added when the apps were ready."""
    fields = {part.name: part.field for part in CUSTOMER_PARTS.values()}
    return type("CustomerDetailSerializer", (CustomerDetailSerializer,), fields)


def show_parts(customer_id: int, holds: Callable[[Right], bool]) -> dict[str, Any]:
    """Each part of the customer, or null where `holds(right)` says no."""
    customer = Customer(pk=customer_id)
    return {
        part.name: part.read(customer) if holds(part.right) else None
        for part in CUSTOMER_PARTS.values()
    }
