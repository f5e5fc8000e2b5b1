"""Customers over the API."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.editing import edit_customer, hold_store
from customers.filters import CustomerFilter
from customers.models import Customer, CustomerTag
from customers.serializers import (
    CUSTOMER_COLUMNS,
    CustomerEditSerializer,
    CustomerSerializer,
    customer_detail_serializer,
    show_parts,
)
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.rights import holds
from tenants.scoping.viewsets import TenantReadViewSet

TAGS = ArraySubquery(
    CustomerTag.objects.filter(customer=OuterRef("pk"), present=True).order_by("tag").values("tag")
)


class CustomerViewSet(TenantReadViewSet[Any]):
    """The store's customers, with their totals and tags."""

    queryset = Customer.objects.values(*CUSTOMER_COLUMNS, tags=TAGS)
    filterset_class = CustomerFilter
    rights = {"read": Right.VIEW_CUSTOMERS, "write": Right.EDIT_CUSTOMERS}
    orderings = {
        "id": "id",
        "last_order_at": "last_order_at",
        "total_spent": "total_spent",
        "updated_at": "updated_at",
        "synced_at": "synced_at",
    }
    ordering = "-last_order_at"
    personal = "customer"

    def get_queryset(self) -> QuerySet[Any]:
        if self.action == "list":
            return super().get_queryset()
        whole: QuerySet[Any] = Customer.objects.values(*CUSTOMER_COLUMNS, "note", tags=TAGS)
        return whole

    def get_serializer_class(self) -> type[CustomerSerializer]:
        return CustomerSerializer if self.action == "list" else customer_detail_serializer()

    def represent(self, row: Any) -> dict[str, Any]:
        parts = show_parts(row["id"], lambda right: holds(self.request, right))
        return {**super().represent(row), **parts}

    @extend_schema(request=CustomerEditSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change tags, note or the consent to e-mail; Shopify is told by itself.

        204 without a body for an API key that may edit customers and not view them.
        """
        hold_store(tenant=self.tenant)  # before the row, which If-Match locks
        row = self.get_object()
        form = CustomerEditSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        edit_customer(
            actor=get_actor(request),
            tenant=self.tenant,
            customer_id=row["id"],
            **form.validated_data,
        )
        if not holds(request, Right.VIEW_CUSTOMERS):
            return Response(status=204)
        self.note_reading("viewed", [row], object_id=self.kwargs[self.lookup_field])
        return self.answer(self.find_row())
