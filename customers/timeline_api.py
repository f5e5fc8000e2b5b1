"""A customer's timeline over the API: pages by place, of the sources that the caller may see."""

from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from customers.models import Customer
from customers.timeline import Event, timeline
from tenants.roles import Right
from tenants.scoping.rights import holds
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.filtering import check_parameters
from xeno.lib.api.pagination import find_page_size

Place = tuple[datetime, str]


class EventSerializer(serializers.Serializer[Event]):
    """One thing that happened to a customer."""

    at = serializers.DateTimeField()
    kind = serializers.CharField(help_text="Such as order.placed; new kinds may come")
    text = serializers.CharField(help_text="For people")
    object_type = serializers.CharField(help_text="Such as orders.order; empty for none")
    object_id = serializers.CharField(allow_null=True, help_text="Our id of that object")


class TimelineSerializer(serializers.Serializer[Any]):
    """A page of a timeline, newest first."""

    next = serializers.URLField(allow_null=True)
    results = EventSerializer(many=True)


class TimelineViewSet(OfTenant[Customer]):
    """What happened to one customer."""

    queryset = Customer.objects.only("pk", "shopify_id")
    serializer_class = TimelineSerializer
    rights = {"show_customer_timeline": Right.VIEW_CUSTOMERS}
    personal = "customer"
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("cursor", description="Taken from a link of the same timeline."),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses=TimelineSerializer,
    )
    def show_customer_timeline(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Orders, refunds, messages and what became of them, segments: each as rights allow."""
        customer = self.find_row()
        check_parameters(request, {"cursor", "page_size"})
        size = find_page_size(request)
        events = timeline(
            customer,
            holds=lambda right: holds(request, right),
            before=read_cursor(request.query_params.get("cursor"), customer),
            most=size + 1,
        )
        self.note_reading("viewed", [customer], object_id=str(customer.pk))
        shown, more = events[:size], len(events) > size
        link = next_link(request, customer, shown[-1]) if more else None
        page = {"next": link, "results": [show(event) for event in shown]}
        return Response(TimelineSerializer(page).data)


def show(event: Event) -> dict[str, Any]:
    """An event as the API tells it; ids are strings."""
    object_id = None if event.object_id is None else str(event.object_id)
    return {
        "at": event.at, "kind": event.kind, "text": event.text,
        "object_type": event.object_type, "object_id": object_id,
    }  # fmt: skip


def signer(customer: Customer) -> Signer:
    """Signs for one customer's timeline, so that a cursor fits no other."""
    return Signer(salt=f"timeline:{customer.pk}")


def next_link(request: Request, customer: Customer, last: Event) -> str:
    """This request's own address, from the last event on."""
    cursor = signer(customer).sign_object([last.at.isoformat(), last.key])
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def read_cursor(cursor: str | None, customer: Customer) -> Place | None:
    """The place that one of our links named; 400 for any other text."""
    if cursor is None:
        return None
    try:
        at, key = signer(customer).unsign_object(cursor)
        return datetime.fromisoformat(at), str(key)
    except (BadSignature, ValueError):
        raise ValidationError(
            {"cursor": ["Take the cursor from a link of the same timeline."]}, "invalid_cursor"
        ) from None
