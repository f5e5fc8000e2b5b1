"""Orders and products over the API."""

from typing import Any

from django.db.models import Prefetch

from orders.filters import OrderFilter, ProductFilter
from orders.models import LineItem, Order, Product, Refund
from orders.serializers import PRODUCT_COLUMNS, OrderSerializer, ProductSerializer
from tenants.roles import Right
from tenants.scoping.viewsets import TenantReadViewSet

# Lists of their own: a prefetched manager would build a query for each order.
LINES: Prefetch[Any, Any, Any] = Prefetch(
    "line_items", LineItem.objects.order_by("shopify_id"), to_attr="shown_lines"
)
REFUNDS: Prefetch[Any, Any, Any] = Prefetch(
    "refunds", Refund.objects.order_by("refunded_at", "id"), to_attr="shown_refunds"
)


class OrderViewSet(TenantReadViewSet[Order]):
    """The store's orders, with their lines and refunds."""

    queryset = Order.objects.prefetch_related(LINES, REFUNDS)
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    rights = {"read": Right.VIEW_ORDERS}
    orderings = {
        "id": "id",
        "processed_at": "processed_at",
        "amount": "amount",
        "updated_at": "updated_at",
        "synced_at": "synced_at",
    }
    ordering = "-processed_at"
    personal = "order"


class ProductViewSet(TenantReadViewSet[Any]):
    """What the store sells."""

    queryset = Product.objects.values(*PRODUCT_COLUMNS)
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    rights = {"read": Right.VIEW_ORDERS}
    orderings = {
        "id": "id",
        "title": "title_search",
        "updated_at": "updated_at",
        "synced_at": "synced_at",
    }
    ordering = "title"
