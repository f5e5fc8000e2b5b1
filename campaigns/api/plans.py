"""The plan of a campaign over the API: who gets it, who does not, and why; and its check."""

from typing import Any

from django import forms
from django.core.signing import BadSignature, Signer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from campaigns import audience, planning
from campaigns.audience import PlannedPerson
from campaigns.content.checking import check_content
from campaigns.errors import CampaignNotInState
from campaigns.models import Campaign, Message
from customers.models import Customer
from segments.freshness import freshness_of
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.filtering import check_parameters, read_parameter
from xeno.lib.api.pagination import find_page_size
from xeno.lib.api.rows import IdField, RowSerializer

PLANNED = {"queued": "Gets it"} | {
    value: label for value, label in Message.Reason.choices if value not in ("cancelled", "erased")
}
BEFORE = (Campaign.State.DRAFT, Campaign.State.SCHEDULED, Campaign.State.PAUSED)
CURSOR = Signer(salt="cursor:campaign plan")


class PlannedPersonSerializer(RowSerializer):
    """What becomes of one person, and why."""

    customer = IdField()
    address = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=["queued", "skipped", "holdout"])
    reason = serializers.CharField(allow_null=True, help_text="Null for who gets it")
    free_from = serializers.DateTimeField(
        allow_null=True, help_text="Of who is capped or has paused: may be written to from then on"
    )
    variant = serializers.CharField(allow_null=True, help_text="Null: waits for the winner")
    not_before = serializers.DateTimeField(help_text="Local time and quiet hours considered")

    def shape(self, row: PlannedPerson) -> dict[str, Any]:
        return {
            "customer": str(row.customer_id),
            "address": row.address,
            "state": row.state,
            "reason": row.reason or None,
            "free_from": row.free_from,
            "variant": row.variant or None,
            "not_before": row.not_before,
        }


class PlannedSegmentSerializer(serializers.Serializer[Any]):
    """How far a segment's members follow what is written."""

    segment = IdField()
    as_of = serializers.DateTimeField(allow_null=True)
    pending = serializers.BooleanField()
    trouble = serializers.CharField(allow_null=True)


class PowerSerializer(serializers.Serializer[Any]):
    """What an A/B test of a size can show."""

    people = serializers.IntegerField(help_text="A variant")
    base = serializers.FloatField(help_text="The rate that is expected of A")
    smallest = serializers.FloatField(
        allow_null=True, help_text="The smallest rise over it that is found in 4 of 5 cases"
    )
    for_a_fifth = serializers.IntegerField(help_text="People a variant that find a rise by a fifth")


class PlanSerializer(serializers.Serializer[Any]):
    """A page of the plan; what is of the whole stands on the first."""

    counts = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="People by reason, `queued` for who gets it; null behind a cursor",
    )
    segments = PlannedSegmentSerializer(many=True)
    ordering_share = serializers.FloatField(
        allow_null=True, help_text="Of the audience, who ordered in the last 14 days"
    )
    smallest_lift = serializers.FloatField(
        allow_null=True, help_text="The smallest rise of it that the holdout can show"
    )
    test = PowerSerializer(allow_null=True)
    next = serializers.URLField(allow_null=True)
    results = PlannedPersonSerializer(many=True)


class FindingSerializer(RowSerializer):
    """One thing that is wrong with the words, or could be better."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])
    detail = serializers.CharField()
    part = serializers.CharField(help_text="subject, preheader, html, text, sender or settings")
    line = serializers.IntegerField(allow_null=True)
    variant = serializers.CharField(allow_null=True)

    def shape(self, row: Any) -> dict[str, Any]:
        return {
            "code": row.code,
            "severity": row.severity,
            "detail": row.words,
            "part": row.part,
            "line": row.line,
            "variant": row.variant or None,
        }


class PlanViewSet(OfTenant[Any]):
    """What would become of a campaign if it went out now."""

    queryset = Campaign.objects.all()
    rights = {"show_campaign_plan": Right.VIEW_CAMPAIGNS, "check_campaign": Right.VIEW_CAMPAIGNS}
    further_rights = {"show_campaign_plan": (Right.VIEW_CUSTOMERS,)}
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("reason", enum=list(PLANNED), description="`queued`: who gets it."),
            OpenApiParameter("cursor", description="Taken from a link of the same list."),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses=PlanSerializer,
    )
    def show_campaign_plan(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everybody in the audience with what becomes of them and why, as if it went out now.

        When it goes out and nothing has changed since, that is what happens to each. Of a
        campaign that has begun, read its messages instead (409).
        """
        campaign = self.get_object()
        if campaign.frozen_at or campaign.state not in BEFORE:
            raise CampaignNotInState(campaign.get_state_display().lower(), "planned")
        check_parameters(request, {"reason", "cursor", "page_size"})
        chosen = forms.ChoiceField(choices=list(PLANNED.items()))
        reason = read_parameter(request, "reason", chosen)
        size = find_page_size(request)
        after = read_cursor(request)
        rows = audience.list_people(
            tenant=self.tenant,
            campaign=campaign,
            after=after,
            most=size + 1,
            reason="" if reason == "queued" else reason,
        )
        page = rows[:size]
        self.note_people(page)
        whole = WHOLE_ELSEWHERE if after else self.whole(campaign)
        following = page[-1].customer_id if len(rows) > size else None
        shown = PlannedPersonSerializer(page, many=True).data
        return Response({**whole, "next": next_link(request, following), "results": shown})

    def whole(self, campaign: Campaign) -> dict[str, Any]:
        """What is of the whole audience."""
        counts = audience.summarize(tenant=self.tenant, campaign=campaign)
        prospect = planning.foresee(
            tenant=self.tenant,
            campaign=campaign,
            sendable=counts.get("queued", 0),
            held=counts.get("holdout", 0),
        )
        test = prospect.test
        return {
            "counts": counts,
            "segments": self.segments(campaign),
            "ordering_share": prospect.ordering,
            "smallest_lift": prospect.smallest_lift,
            "test": test
            and {
                "people": test.people,
                "base": prospect.base,
                "smallest": test.smallest,
                "for_a_fifth": test.for_a_fifth,
            },
        }

    def segments(self, campaign: Campaign) -> list[dict[str, Any]]:
        """How fresh each segment of the audience is."""
        ids = sorted(campaign.audiences.values_list("segment_id", flat=True))
        fresh = freshness_of(tenant=self.tenant, segment_ids=ids)
        return [
            {
                "segment": str(pk),
                "as_of": fresh[pk].as_of,
                "pending": fresh[pk].pending,
                "trouble": fresh[pk].trouble or None,
            }
            for pk in ids
            if pk in fresh
        ]

    def note_people(self, people: list[PlannedPerson]) -> None:
        """Note that the caller saw these people."""
        save_reading(
            actor=get_actor(self.request),
            action="customer.listed",
            object_type=Customer._meta.label_lower,
            seen=[person.customer_id for person in people],
        )

    @extend_schema(responses=FindingSerializer(many=True), filters=False)
    def check_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is wrong with the words, errors first; empty: nothing is."""
        campaign = self.get_object()
        check_parameters(request, set())
        findings = check_content(campaign, tenant=self.tenant)
        return Response(FindingSerializer(findings, many=True).data)


WHOLE_ELSEWHERE: dict[str, Any] = {
    "counts": None, "segments": [], "ordering_share": None, "smallest_lift": None, "test": None,
}  # fmt: skip


def read_cursor(request: Request) -> int:
    """Behind whom the page begins; 400 for what is no cursor of a plan."""
    text = request.query_params.get("cursor")
    if text is None:
        return 0
    try:
        return int(CURSOR.unsign_object(text))
    except (BadSignature, ValueError, TypeError):
        words = "Take the cursor from a link of the same list."
        raise ValidationError({"cursor": [ErrorDetail(words, "invalid_cursor")]}) from None


def next_link(request: Request, following: int | None) -> str | None:
    """The address of the page behind this one."""
    if following is None:
        return None
    cursor = CURSOR.sign_object(following)
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))
