"""Orders and products as the API shows them."""

from typing import Any

from rest_framework import serializers

from orders.models import LineItem, Order, Refund
from xeno.lib.api.rows import IdField, MoneyText, RowSerializer
from xeno.lib.money import format_money


class LineItemSerializer(RowSerializer):
    """What was bought in an order."""

    id = IdField()
    shopify_id = IdField()
    product_shopify_id = IdField(allow_null=True)
    variant_shopify_id = IdField(allow_null=True)
    title = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    current_quantity = serializers.IntegerField(help_text="After edits and refunds")
    price = MoneyText(help_text="Of one")
    discount = MoneyText(help_text="Of the whole line")


class RefundSerializer(RowSerializer):
    """Money that went back."""

    id = IdField()
    shopify_id = IdField()
    amount = MoneyText()
    refunded_at = serializers.DateTimeField()
    note = serializers.CharField()


class OrderSummarySerializer(RowSerializer):
    """An order without its lines and refunds."""

    id = IdField()
    shopify_id = IdField()
    name = serializers.CharField(help_text="As printed, such as #1001")
    customer = IdField(allow_null=True, help_text="Null for a guest")
    amount = MoneyText(help_text="The total when it was placed")
    current_amount = MoneyText(help_text="What is left of it after edits and refunds")
    refunded_amount = MoneyText()
    currency = serializers.CharField()
    financial_status = serializers.CharField(allow_null=True)
    fulfillment_status = serializers.CharField(allow_null=True)
    processed_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)
    test = serializers.BooleanField()
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # DRF's own word
    discount_codes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField(help_text="In Shopify")
    updated_at = serializers.DateTimeField(help_text="In Shopify")
    synced_at = serializers.DateTimeField(help_text="When we last changed this order")

    def shape(self, row: Order) -> dict[str, Any]:
        return show_order(row)


class OrderSerializer(OrderSummarySerializer):
    """An order with its lines and refunds, which the viewset has fetched for the whole page."""

    line_items = LineItemSerializer(many=True)
    refunds = RefundSerializer(many=True)

    def shape(self, row: Any) -> dict[str, Any]:
        return {
            **show_order(row),
            "line_items": [show_line(line, row.currency) for line in row.shown_lines],
            "refunds": [show_refund(refund, row.currency) for refund in row.shown_refunds],
        }


class ProductSerializer(RowSerializer):
    """Something that the store sells."""

    id = IdField()
    shopify_id = IdField()
    title = serializers.CharField()
    vendor = serializers.CharField(allow_null=True)
    product_type = serializers.CharField(allow_null=True)
    status = serializers.CharField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField(allow_null=True, help_text="In Shopify")
    updated_at = serializers.DateTimeField(help_text="In Shopify")
    synced_at = serializers.DateTimeField(help_text="When we last changed this product")

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        ids = {"id": str(row["id"]), "shopify_id": str(row["shopify_id"])}
        shown = {**row, **ids, "tags": row["tags"] or []}
        del shown["title_search"]  # read for the ordering by title
        return shown


PRODUCT_COLUMNS = [*ProductSerializer._declared_fields, "title_search"]


def show_order(order: Order) -> dict[str, Any]:
    """An order without its lines and refunds."""
    return {
        "id": str(order.pk),
        "shopify_id": str(order.shopify_id),
        "name": order.name,
        "customer": show_id(order.customer_id),
        "amount": format_money(order.amount, order.currency),
        "current_amount": format_money(order.current_amount, order.currency),
        "refunded_amount": format_money(order.refunded_amount, order.currency),
        "currency": order.currency,
        "financial_status": order.financial_status or None,
        "fulfillment_status": order.fulfillment_status or None,
        "processed_at": order.processed_at,
        "cancelled_at": order.cancelled_at,
        "test": order.test,
        "source": order.source or None,
        "discount_codes": order.discount_codes or [],
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "synced_at": order.synced_at,
    }


def show_line(line: LineItem, currency: str) -> dict[str, Any]:
    """A line of an order."""
    return {
        "id": str(line.pk),
        "shopify_id": str(line.shopify_id),
        "product_shopify_id": show_id(line.product_shopify_id),
        "variant_shopify_id": show_id(line.variant_shopify_id),
        "title": line.title,
        "sku": line.sku,
        "quantity": line.quantity,
        "current_quantity": line.current_quantity,
        "price": format_money(line.price, currency),
        "discount": format_money(line.discount, currency),
    }


def show_refund(refund: Refund, currency: str) -> dict[str, Any]:
    """Money that went back for an order."""
    return {
        "id": str(refund.pk),
        "shopify_id": str(refund.shopify_id),
        "amount": format_money(refund.amount, currency),
        "refunded_at": refund.refunded_at,
        "note": refund.note,
    }


def show_id(number: int | None) -> str | None:
    """A number that names something, or null."""
    return None if number is None else str(number)
