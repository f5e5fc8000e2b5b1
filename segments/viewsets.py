"""Segments over the API: making, changing, carrying over, and tagging who is in one."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from segments import actions
from segments.exchange.exporting import export_text
from segments.exchange.importing import import_text, told
from segments.filters import SegmentFilter, SegmentJobFilter
from segments.freshness import NEW, freshness_of
from segments.jobs.models import SegmentJob
from segments.jobs.starting import start_import, start_tagging
from segments.models import Segment
from segments.serializers import (
    ImportResultSerializer,
    ImportSerializer,
    NewSegmentSerializer,
    SegmentEditSerializer,
    SegmentJobSerializer,
    SegmentSerializer,
    TagSerializer,
    TextSerializer,
)
from segments.templates import TEMPLATES
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.viewsets import TenantReadViewSet, TenantViewSet
from xeno.lib.api.filtering import check_parameters


class SegmentViewSet(TenantViewSet[Any]):
    """Parts of the store's customers: by a query in Shopify's own language, or put in by hand."""

    queryset = Segment.objects.all()
    serializer_class = SegmentSerializer
    filterset_class = SegmentFilter
    rights = {
        "read": Right.VIEW_SEGMENTS,
        "write": Right.EDIT_SEGMENTS,
        "export_segments": Right.VIEW_SEGMENTS,
        "import_segments": Right.EDIT_SEGMENTS,
        "import_from_shopify": Right.EDIT_SEGMENTS,
        "tag_segment": Right.EDIT_CUSTOMERS,
    }
    further_rights = {"tag_segment": (Right.VIEW_SEGMENTS,)}
    volatile = frozenset({"members_count", "as_of", "pending", "refreshed_at", "trouble"})
    orderings = {"id": "id", "updated_at": "updated_at"}
    ordering = "-updated_at"

    # --- One, and many ------------------------------------------------------------------------
    def paginate_queryset(self, queryset: Any) -> list[Any]:
        return self.fresh(super().paginate_queryset(queryset) or [])

    def find_row(self) -> Any:
        return self.fresh([super().find_row()])[0]

    def fresh(self, rows: Sequence[Any]) -> list[Any]:
        """The segments, each with how many are in it and how far that follows."""
        found = freshness_of(tenant=self.tenant, segment_ids=[row.pk for row in rows])
        for row in rows:
            row.freshness = found.get(row.pk, NEW)
        return list(rows)

    @extend_schema(request=NewSegmentSerializer, responses={201: SegmentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a segment; a worker brings its members. 400 tells where its query is wrong."""
        form = NewSegmentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        segment = actions.create_segment(
            actor=get_actor(request), tenant=self.tenant, data=data_of(form.validated_data)
        )
        return self.answer(self.fresh([segment])[0], status=201)

    @extend_schema(request=SegmentEditSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change name, description or query; the old members stay until the refresh."""
        segment = self.get_object()
        form = SegmentEditSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actions.edit_segment(
            actor=get_actor(request),
            tenant=self.tenant,
            segment_id=segment.pk,
            **form.validated_data,
        )
        return self.answer(self.find_row())

    def perform_destroy(self, instance: Any) -> None:
        """Delete the segment with its history; refused while another's query names it."""
        actor = get_actor(self.request)
        actions.delete_segment(actor=actor, tenant=self.tenant, segment_id=instance.pk)

    # --- What takes a while -------------------------------------------------------------------
    @extend_schema(request=TagSerializer, responses={202: SegmentJobSerializer})
    def tag_segment(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add and remove tags of everybody who is in it now; Shopify is told.

        Up to 500 customers at once, more by a worker: read /segments/jobs/{id} to follow.
        """
        segment = self.get_object()
        form = TagSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        job = start_tagging(
            actor=get_actor(request), tenant=self.tenant, segment=segment, **form.validated_data
        )
        return Response(SegmentJobSerializer(job).data, status=202)

    @extend_schema(request=None, responses={202: SegmentJobSerializer})
    def import_from_shopify(self, request: Request) -> Response:
        """Fetch the segments that the store has in Shopify; a worker does it.

        What cannot be read is listed in the job's report, with the reason.
        """
        job = start_import(actor=get_actor(request), tenant=self.tenant)
        return Response(SegmentJobSerializer(job).data, status=202)

    # --- As text ------------------------------------------------------------------------------
    @extend_schema(responses=TextSerializer, filters=False)
    def export_segments(self, request: Request) -> Response:
        """Every dynamic segment of the store as one text, which `import` reads back."""
        check_parameters(request, set())
        return Response({"text": export_text(tenant=self.tenant)})

    @extend_schema(request=ImportSerializer, responses=ImportResultSerializer)
    def import_segments(self, request: Request) -> Response:
        """Make the segments of a text: each as a whole, or not at all, with its problems."""
        form = ImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        done = import_text(actor=get_actor(request), tenant=self.tenant, **form.validated_data)
        shown = [told(each) for each in done]
        return Response({"dry_run": form.validated_data["dry_run"], "segments": shown})


class SegmentJobViewSet(TenantReadViewSet[SegmentJob]):
    """Taggings and imports, newest first; they tell counts and names of segments, of nobody."""

    queryset = SegmentJob.objects.all()
    serializer_class = SegmentJobSerializer
    filterset_class = SegmentJobFilter
    rights = {"read": Right.VIEW_SEGMENTS}
    volatile = frozenset({"state", "done", "changed", "trouble", "report", "finished_at"})
    orderings = {"id": "id"}
    ordering = "-id"


def data_of(given: dict[str, Any]) -> actions.SegmentData:
    """The new segment; with a template, what was not given is the template's."""
    wanted = dict(given)
    if "template" in wanted:
        template = TEMPLATES.get(wanted["template"])
        if template is None:
            raise ValidationError(
                {"template": [ErrorDetail("There is no such template.", "does_not_exist")]}
            )
        own = {"name": template.name, "description": template.purpose, "query": template.query}
        wanted = own | wanted
    if "name" not in wanted:
        raise ValidationError({"name": [ErrorDetail("Give it a name.", "required")]})
    return actions.SegmentData(**wanted)
