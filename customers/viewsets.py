"""Customers over the API."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from customers.filters import CustomerFilter
from customers.models import Customer, CustomerTag
from customers.serializers import (
    CUSTOMER_COLUMNS,
    CustomerSerializer,
    customer_detail_serializer,
    show_parts,
)
from tenants.roles import Right
from tenants.scoping.rights import holds
from tenants.scoping.viewsets import TenantReadViewSet

TAGS = CustomerTag.objects.filter(customer=OuterRef("pk"), present=True)


class CustomerViewSet(TenantReadViewSet[Any]):
    """The store's customers, with their totals and tags."""

    queryset = Customer.objects.values(
        *CUSTOMER_COLUMNS, tags=ArraySubquery(TAGS.order_by("tag").values("tag"))
    )
    filterset_class = CustomerFilter
    rights = {"read": Right.VIEW_CUSTOMERS}
    orderings = {
        "id": "id",
        "last_order_at": "last_order_at",
        "total_spent": "total_spent",
        "updated_at": "updated_at",
        "synced_at": "synced_at",
    }
    ordering = "-last_order_at"
    personal = "customer"

    def get_serializer_class(self) -> type[CustomerSerializer]:
        return customer_detail_serializer() if self.action == "retrieve" else CustomerSerializer

    def represent(self, row: Any) -> dict[str, Any]:
        parts = show_parts(row["id"], lambda right: holds(self.request, right))
        return {**super().represent(row), **parts}
