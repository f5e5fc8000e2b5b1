"""A customer's timeline over the API: pages by place, of the sources that the caller may see."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from customers.models import Customer
from customers.timeline import SOURCES, Event, Place, timeline
from customers.timeline_cursor import NoCursor, cursor_after, read_cursor
from tenants.roles import Right
from tenants.scoping.rights import RightMissing, holds
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.filtering import check_parameters
from xeno.lib.api.pagination import find_page_size


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
            OpenApiParameter("kind", enum=list(SOURCES), description="Of one kind alone."),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses=TimelineSerializer,
    )
    def show_customer_timeline(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Orders, refunds, messages and what became of them, segments: each as rights allow."""
        customer = self.find_row()
        check_parameters(request, {"cursor", "kind", "page_size"})
        size = find_page_size(request)
        events = timeline(
            customer,
            holds=lambda right: holds(request, right),
            before=read_place(request, customer),
            most=size + 1,
            kind=read_kind(request),
        )
        self.note_reading("viewed", [customer], object_id=str(customer.pk))
        shown, more = events[:size], len(events) > size
        link = None
        if more:
            here = request.build_absolute_uri()
            link = replace_query_param(here, "cursor", cursor_after(customer, shown[-1]))
        page = {"next": link, "results": [show(event) for event in shown]}
        return Response(TimelineSerializer(page).data)


def show(event: Event) -> dict[str, Any]:
    """An event as the API tells it; ids are strings."""
    object_id = None if event.object_id is None else str(event.object_id)
    return {
        "at": event.at, "kind": event.kind, "text": event.text,
        "object_type": event.object_type, "object_id": object_id,
    }  # fmt: skip


def read_kind(request: Request) -> str:
    """The one kind that is asked for, '' for all; 400 for one that there is not."""
    kind = request.query_params.get("kind", "")
    if kind and kind not in SOURCES:
        raise ValidationError({"kind": [f"One of {', '.join(SOURCES)}."]}, "invalid_choice")
    if kind and not holds(request, SOURCES[kind].right):
        raise RightMissing(SOURCES[kind].right)
    return kind


def read_place(request: Request, customer: Customer) -> Place | None:
    """The place that one of our links named; 400 for any other text."""
    cursor = request.query_params.get("cursor")
    try:
        return None if cursor is None else read_cursor(customer, cursor)
    except NoCursor:
        raise ValidationError(
            {"cursor": ["Take the cursor from a link of the same timeline."]}, "invalid_cursor"
        ) from None
