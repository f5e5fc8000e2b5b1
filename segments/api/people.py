"""Customers within answers about segments: shown as everywhere, and written down as read."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request

from customers.models import Customer
from customers.serializers import CUSTOMER_COLUMNS, CustomerSerializer
from customers.viewsets import TAGS
from tenants.audit import get_actor, save_reading


def show_customers(request: Request, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These customers, in this order, as /customers lists them; who is gone is left out."""
    rows = Customer.objects.values(*CUSTOMER_COLUMNS, tags=TAGS).filter(pk__any_of=ids)
    found = {row["id"]: row for row in rows} if ids else {}
    seen = [pk for pk in ids if pk in found]
    shown = CustomerSerializer(
        [found[pk] for pk in seen], many=True, context={"request": request}
    ).data
    note_seen(request, seen)
    return list(shown)


def note_seen(request: Request, ids: Sequence[int], object_id: str = "") -> None:
    """Note that the caller saw these customers; with an id, the one of them."""
    save_reading(
        actor=get_actor(request),
        action="customer.viewed" if object_id else "customer.listed",
        object_type=Customer._meta.label_lower,
        object_id=object_id,
        seen=ids,
    )
