"""Who is and was in a segment, over the API; why somebody is; moving people of static ones."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import Customer
from segments import history, static
from segments.api.people import note_seen, show_customers
from segments.definitions import clock_of, read_query
from segments.explaining import ClauseVerdict, Verdict, explain
from segments.language import format_query
from segments.models import Segment, SegmentMember
from segments.serializers import (
    ChooseSerializer,
    DiffSerializer,
    ExplanationSerializer,
    GrowthSerializer,
    MembershipSerializer,
    MovedSerializer,
    SegmentCustomerSerializer,
)
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.viewsets import ROW_ID, OfTenant
from xeno.lib.api.filtering import MomentField, check_parameters, read_parameter
from xeno.lib.api.pagination import KeysetPagination

MONTH = timedelta(days=30)
MOST_DAYS = 400
MOMENT = "A day or a moment in ISO 8601; without an offset it is the store's own time."
PAGES = [
    OpenApiParameter("cursor", description="Taken from a link of the same list."),
    OpenApiParameter("page_size", OpenApiTypes.INT),
]


def moment_parameter(name: str, description: str) -> OpenApiParameter:
    """A moment in the query string."""
    return OpenApiParameter(name, OpenApiTypes.DATETIME, description=f"{description} {MOMENT}")


class OfSegment(OfTenant[Any]):
    """Views of what belongs to the segment that the path names."""

    queryset = SegmentMember.objects.all()

    @property
    def segment(self) -> Segment:
        """The segment; 404 unless it is one of the store's."""
        row_id = self.kwargs["pk"]
        found: Segment | None = None
        if ROW_ID.fullmatch(row_id):
            found = Segment.objects.filter(pk=int(row_id)).first()
        if found is None:
            raise Http404
        return found

    def customer(self, row_id: str) -> Customer:
        """The customer of our id; 404 unless they are one of the store's."""
        found: Customer | None = None
        if ROW_ID.fullmatch(row_id):
            found = Customer.objects.filter(pk=int(row_id)).first()
        if found is None:
            raise Http404
        return found


class MembersViewSet(OfSegment):
    """Who is, who was, who came and went; in pages by customer."""

    rights = {
        "list_segment_customers": Right.VIEW_SEGMENTS,
        "compare_segment": Right.VIEW_SEGMENTS,
        "add_segment_members": Right.EDIT_SEGMENTS,
        "remove_segment_members": Right.EDIT_SEGMENTS,
        "remove_segment_member": Right.EDIT_SEGMENTS,
    }
    further_rights = {
        "list_segment_customers": (Right.VIEW_CUSTOMERS,),
        "compare_segment": (Right.VIEW_CUSTOMERS,),
    }
    orderings = {"customer": "customer"}
    ordering = "customer"
    filter_backends = ()

    @extend_schema(
        parameters=[moment_parameter("as_of", "Who was in it then; now, unless you say.")],
        responses=SegmentCustomerSerializer(many=True),
    )
    def list_segment_customers(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The customers in the segment, now or at a moment of the past, as they are today."""
        segment = self.segment
        check_parameters(request, {"as_of", *KeysetPagination.parameters})
        at = read_parameter(request, "as_of", MomentField())
        members = history.members_as_of(segment, at) if at else history.members(segment)
        rows = self.page_of(members)
        joined = {str(row["customer"]): row["valid_from"] for row in rows}
        shown = show_customers(request, [row["customer"] for row in rows])
        return self.get_paginated_response(
            [{**each, "joined_at": joined[each["id"]]} for each in shown]
        )

    @extend_schema(
        parameters=[
            moment_parameter("from", "30 days before `to`, unless you say."),
            moment_parameter("to", "Now, unless you say."),
            OpenApiParameter("side", enum=["joined", "left"], description="Which of them to list."),
            *PAGES,
        ],
        responses=DiffSerializer,
    )
    def compare_segment(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who joined and who left between two moments, by how it was at each of them."""
        segment = self.segment
        check_parameters(request, {"from", "to", "side", *KeysetPagination.parameters})
        after = read_parameter(request, "to", MomentField(), timezone.now())
        before = read_parameter(request, "from", MomentField(), after - MONTH)
        check_order("from", before, after)
        sides = [("joined", "joined"), ("left", "left")]
        side = read_parameter(request, "side", forms.ChoiceField(choices=sides), "joined")
        found = history.diff(segment, before, after)
        rows = self.page_of(getattr(found, side))
        note_seen(request, [row["customer"] for row in rows])
        page = self.get_paginated_response(MembershipSerializer(rows, many=True).data)
        page.data |= {
            "from": before,
            "to": after,
            "joined": found.joined.count(),
            "left": found.left.count(),
        }
        return page

    def page_of(self, members: Any) -> list[Any]:
        """One page of membership rows, by customer."""
        rows = members.values("id", "customer", "valid_from", "valid_to")
        return self.paginate_queryset(rows) or []

    # --- Static segments ----------------------------------------------------------------------
    @extend_schema(request=ChooseSerializer, responses=MovedSerializer)
    def add_segment_members(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put customers into a static segment: these, or all of another, or whom a query finds."""
        return self.move(request, static.add_members, static.add_matching)

    @extend_schema(request=ChooseSerializer, responses=MovedSerializer)
    def remove_segment_members(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take customers out of a static segment, chosen in the same ways."""
        return self.move(request, static.remove_members, static.remove_matching)

    def move(self, request: Request, by_ids: Any, by_query: Any) -> Response:
        """Move whom the body chooses, and say how many it was news for."""
        segment = self.segment
        form = ChooseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        chosen: Mapping[str, Any] = form.validated_data
        told = {"actor": get_actor(request), "tenant": self.tenant, "segment_id": segment.pk}
        if "customers" in chosen:
            moved = by_ids(**told, customer_ids=[int(pk) for pk in chosen["customers"]])
        elif "segment" in chosen:
            moved = by_query(**told, other_id=self.other(chosen["segment"]).pk)
        else:
            moved = by_query(**told, query=chosen["query"])
        return Response({"moved": moved})

    def other(self, row_id: str) -> Segment:
        """The other segment that a body names."""
        found: Segment | None = Segment.objects.filter(pk=int(row_id)).first()
        if found is None:
            words = "There is no such segment."
            raise ValidationError({"segment": [ErrorDetail(words, "does_not_exist")]})
        return found

    @extend_schema(responses={204: None})
    def remove_segment_member(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take one customer out of a static segment."""
        segment, customer = self.segment, self.customer(kwargs["customer"])
        static.remove_members(
            actor=get_actor(request),
            tenant=self.tenant,
            segment_id=segment.pk,
            customer_ids=[customer.pk],
        )
        return Response(status=204)


class SegmentInsightViewSet(OfSegment):
    """How a segment grew, and why somebody is in it."""

    rights = dict.fromkeys(("show_segment_growth", "explain_membership"), Right.VIEW_SEGMENTS)
    further_rights = {"explain_membership": (Right.VIEW_CUSTOMERS,)}
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("first", OpenApiTypes.DATE, description="30 days ago, unless you say"),
            OpenApiParameter("last", OpenApiTypes.DATE, description="Today, unless you say"),
        ],
        responses=GrowthSerializer(many=True),
    )
    def show_segment_growth(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many joined, left and were in it, for each of the store's days."""
        segment = self.segment
        check_parameters(request, {"first", "last"})
        today = clock_of(tenant=self.tenant).today
        last: date = read_parameter(request, "last", forms.DateField(), today)
        first: date = read_parameter(request, "first", forms.DateField(), last - MONTH)
        check_order("first", first, last)
        if (last - first).days > MOST_DAYS:
            words = f"Ask for at most {MOST_DAYS} days at once."
            raise ValidationError({"first": [ErrorDetail(words, "invalid")]})
        days = history.counts_by_day(
            tenant=self.tenant, segment=segment, first=first, last=min(last, today)
        )
        shown = GrowthSerializer._declared_fields
        return Response([{name: getattr(day, name) for name in shown} for day in days])

    @extend_schema(
        parameters=[OpenApiParameter("customer", required=True, description="Our id of them")],
        responses=ExplanationSerializer,
    )
    def explain_membership(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Clause by clause why a customer is found or not, and when that changes by itself."""
        segment = self.segment
        check_parameters(request, {"customer"})
        if "customer" not in request.query_params:
            raise ValidationError({"customer": [ErrorDetail("Name a customer.", "required")]})
        customer = self.customer(request.query_params["customer"])
        member = history.members(segment).filter(customer=customer).exists()
        told: dict[str, Any] = {
            "segment": str(segment.pk),
            "customer": str(customer.pk),
            "member": member,
            "holds": member,
            "verdict": None,
            "changes_on": None,
        }
        if segment.dynamic:
            why = explain(
                read_query(segment.query),
                customer=customer,
                clock=clock_of(tenant=self.tenant),
                path=(segment.pk,),
            )
            told |= {"holds": why.holds, "verdict": show_verdict(why.verdict)}
            told["changes_on"] = why.changes_on
        note_seen(request, [customer.pk], object_id=str(customer.pk))
        return Response(told)


def check_order(name: str, first: Any, last: Any) -> None:
    """Raise unless the first comes before the last."""
    if first > last:
        words = "The beginning comes after the end."
        raise ValidationError({name: [ErrorDetail(words, "invalid")]})


def show_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict with those of its parts."""
    if isinstance(verdict, ClauseVerdict):
        clause = format_query(verdict.clause)
        facts = dict(verdict.facts)
        return {
            "clause": clause, "joined": None, "holds": verdict.holds, "facts": facts, "parts": [],
        }  # fmt: skip
    parts = [show_verdict(part) for part in verdict.parts]
    return {
        "clause": None, "joined": verdict.joined, "holds": verdict.holds, "facts": {},
        "parts": parts,
    }  # fmt: skip
