"""Campaigns over the API: making and changing drafts, and each step after."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import actions, lifecycle
from campaigns.api.shapes import (
    CampaignEditSerializer,
    CampaignInListSerializer,
    CampaignSerializer,
    CancelledSerializer,
    CopySerializer,
    NewCampaignSerializer,
    ResumeSerializer,
    ScheduleSerializer,
)
from campaigns.errors import RowNotThere
from campaigns.filters import CampaignFilter
from campaigns.models import Campaign, Template
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.viewsets import TenantViewSet

BODIES = ("preheader", "html", "text", "variants")


class CampaignViewSet(TenantViewSet[Any]):
    """Messages to segments: drafts, what is on its way, what went out."""

    queryset = Campaign.objects.prefetch_related("audiences")
    filterset_class = CampaignFilter
    rights = {
        "read": Right.VIEW_CAMPAIGNS,
        "write": Right.EDIT_CAMPAIGNS,
        "copy_campaign": Right.EDIT_CAMPAIGNS,
        "approve_campaign": Right.APPROVE_CAMPAIGNS,
        "schedule_campaign": Right.SEND_CAMPAIGNS,
        "send_campaign": Right.SEND_CAMPAIGNS,
        "pause_campaign": Right.SEND_CAMPAIGNS,
        "resume_campaign": Right.SEND_CAMPAIGNS,
        "cancel_campaign": Right.SEND_CAMPAIGNS,
    }
    # An edit of the words is what an If-Match guards against, not how far the sending has come.
    volatile = frozenset(
        {"state", "pause_reason", "winner", "started_at", "frozen_at", "finished_at", "updated_at"}
    )
    orderings = {"id": "id"}
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset()
        return found.defer(*BODIES) if self.action == "list" else found

    def get_serializer_class(self) -> type[CampaignInListSerializer]:
        return CampaignInListSerializer if self.action == "list" else CampaignSerializer

    @extend_schema(request=NewCampaignSerializer, responses={201: CampaignSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a draft: the name is enough, the rest can follow; with `template` its words."""
        form = NewCampaignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        campaign = actions.create_campaign(
            actor=get_actor(request), tenant=self.tenant, changes=changes_of(form.validated_data)
        )
        return self.answer(campaign, status=201)

    @extend_schema(request=CampaignEditSerializer, responses=CampaignSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a draft. New words, variants or another sender void an approval."""
        campaign = self.get_object()
        form = CampaignEditSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actions.edit_campaign(
            actor=get_actor(request),
            tenant=self.tenant,
            campaign_id=campaign.pk,
            changes=form.validated_data,
        )
        return self.answer(self.find_row())

    def perform_destroy(self, instance: Any) -> None:
        """Delete a draft; what has left the draft stays."""
        actor = get_actor(self.request)
        actions.delete_campaign(actor=actor, tenant=self.tenant, campaign_id=instance.pk)

    @extend_schema(request=CopySerializer, responses={201: CampaignSerializer})
    def copy_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new draft that says the same to the same."""
        form = CopySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        campaign = actions.copy_campaign(**self.told(request), **form.validated_data)
        return self.answer(campaign, status=201)

    # --- Steps --------------------------------------------------------------------------------
    @extend_schema(request=None, responses=CampaignSerializer)
    def approve_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Approve these very words; nobody approves their own. With If-Match those you read."""
        campaign = self.get_object()
        lifecycle.approve_campaign(
            actor=get_actor(request),
            tenant=self.tenant,
            campaign_id=campaign.pk,
            content=campaign.content_hash,
        )
        return self.answer(self.find_row())

    @extend_schema(request=ScheduleSerializer, responses=CampaignSerializer)
    def schedule_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Have it go out at that time."""
        told = self.told(request)
        form = ScheduleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        lifecycle.schedule_campaign(**told, at=form.validated_data["at"])
        return self.answer(self.find_row())

    @extend_schema(request=None, responses=CampaignSerializer)
    def send_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Have it go out now; of several who ask one sends it, and the others are told (409)."""
        lifecycle.schedule_campaign(**self.told(request))
        return self.answer(self.find_row())

    @extend_schema(request=None, responses=CampaignSerializer)
    def pause_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let no further message leave; what is being handed over goes on."""
        lifecycle.pause_campaign(**self.told(request))
        return self.answer(self.find_row())

    @extend_schema(request=ResumeSerializer, responses=CampaignSerializer)
    def resume_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Go on; one that was paused because it is late needs `confirm`."""
        told = self.told(request)
        form = ResumeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        lifecycle.resume_campaign(**told, **form.validated_data)
        return self.answer(self.find_row())

    @extend_schema(request=None, responses=CancelledSerializer)
    def cancel_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End it for good; says how many messages had left, or were leaving, by then."""
        left = lifecycle.cancel_campaign(**self.told(request))
        return Response({"left": left})

    def told(self, request: Request) -> dict[str, Any]:
        """What every step is told: who acts, and on which campaign."""
        campaign = self.get_object()
        return {"actor": get_actor(request), "tenant": self.tenant, "campaign_id": campaign.pk}


def changes_of(given: dict[str, Any]) -> actions.CampaignChanges:
    """What a new draft says; with a template, what was not given is the template's."""
    wanted = dict(given)
    if "template" in wanted:
        template = Template.objects.filter(pk=wanted.pop("template")).first()
        if template is None:
            raise RowNotThere("There is no such template.", field="template")
        wanted = {part: getattr(template, part) for part in actions.PARTS} | wanted
    return cast("actions.CampaignChanges", wanted)
