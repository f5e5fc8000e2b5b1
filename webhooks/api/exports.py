"""Exports over the API: order one, see how far it is, fetch the file."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from segments.models import Segment
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.rights import RightMissing, holds
from tenants.scoping.viewsets import ROW_ID, TenantReadViewSet
from webhooks.files import exporting
from webhooks.files.contents import rights_of
from webhooks.files.models import Export, State
from xeno.lib.api.rows import IdField, RowSerializer

MEDIA_TYPES = {
    Export.Format.CSV.value: "text/csv; charset=utf-8",
    Export.Format.XLSX.value: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By what is in them, and how they stand."""

    kind = filters.ChoiceFilter(choices=Export.Kind.choices)
    state = filters.ChoiceFilter(choices=State.choices)


class ExportSerializer(RowSerializer):
    """An export of one's own, and how far it is."""

    id = IdField()
    kind = serializers.ChoiceField(choices=Export.Kind.choices)
    format = serializers.ChoiceField(choices=Export.Format.choices)
    state = serializers.ChoiceField(choices=State.choices)
    filters = serializers.DictField(
        child=serializers.CharField(), help_text="As they were asked for; empty once it is removed"
    )
    segment = IdField(allow_null=True)
    campaign = IdField(allow_null=True)
    percent = serializers.IntegerField(min_value=0, max_value=100)
    rows = serializers.IntegerField(help_text="Written so far")
    total = serializers.IntegerField(allow_null=True, help_text="Null before it has begun")
    trouble = serializers.CharField(allow_null=True, help_text="What is the matter, as a code")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Then the file is removed")

    def shape(self, row: Export) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "kind": row.kind,
            "format": row.format,
            "state": row.state,
            "filters": row.filters,
            "segment": row.segment_id and str(row.segment_id),
            "campaign": row.campaign_id and str(row.campaign_id),
            "percent": row.percent,
            "rows": row.done,
            "total": row.total,
            "trouble": row.trouble or None,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
            "expires_at": row.expires_at,
        }


class NewExportSerializer(serializers.Serializer[Any]):
    """What to write into a file."""

    kind = serializers.ChoiceField(choices=Export.Kind.choices)
    format = serializers.ChoiceField(choices=Export.Format.choices, default=Export.Format.CSV)
    filters = serializers.DictField(
        child=serializers.CharField(max_length=200),
        default=dict,
        help_text="As the list of that kind takes them, such as `country` or `processed_after`",
    )
    segment = IdField(required=False, help_text="Of customers: those who are in it now")
    campaign = IdField(required=False, help_text="Of messages and report")


class ExportViewSet(TenantReadViewSet[Any]):
    """One's own exports: whoever ordered a file is the only one who sees it."""

    queryset = Export.objects.all()
    serializer_class = ExportSerializer
    filterset_class = ExportFilter
    rights = {
        "read": Right.EXPORT_DATA,
        "write": Right.EXPORT_DATA,
        "download_export": Right.EXPORT_DATA,
    }
    volatile = frozenset(
        {"state", "percent", "rows", "total", "trouble", "finished_at", "expires_at", "filters"}
    )
    orderings = {"id": "id"}
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Any]:
        actor = get_actor(self.request)
        return super().get_queryset().made_by(user=actor.user, key=actor.key)  # type: ignore[attr-defined,no-any-return]

    @extend_schema(request=NewExportSerializer, responses={201: ExportSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Order a file; it is made by a worker: read the export to follow.

        It takes the right to export and those to see what is in it.
        """
        form = NewExportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        told = form.validated_data
        for right in rights_of(told["kind"], segment="segment" in told):
            if not holds(request, right):
                raise RightMissing(right)
        export = exporting.start_export(
            actor=get_actor(request),
            tenant=self.tenant,
            kind=told["kind"],
            format=told["format"],
            filters=told["filters"],
            segment=named(Segment, told, "segment"),
            campaign=named(Campaign, told, "campaign"),
        )
        return self.answer(export, status=201)

    @extend_schema(
        responses={(200, media): OpenApiTypes.BINARY for media in sorted(MEDIA_TYPES.values())},
        filters=False,
    )
    def download_export(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file itself: 409 until it is ready, 404 when it was removed."""
        export = self.get_object()
        for right in rights_of(export.kind):
            if not holds(request, right):
                raise RightMissing(right)
        return file_response(exporting.open_file(actor=get_actor(request), export=export), export)


def named(model: Any, told: dict[str, Any], name: str) -> Any:
    """The row of the store that the body names, if it names one."""
    if name not in told:
        return None
    wanted = int(told[name]) if ROW_ID.fullmatch(told[name]) else 0
    row = model.objects.filter(pk=wanted).first()
    if row is None or getattr(row, "deleted_at", None):
        missing = ErrorDetail("There is no such row in this store.", "does_not_exist")
        raise ValidationError({name: [missing]})
    return row


def file_response(file: Any, export: Export) -> FileResponse:
    """The file as something to keep, which no cache does."""
    response = FileResponse(
        file,
        as_attachment=True,
        filename=export.file_name,
        content_type=MEDIA_TYPES[export.format],
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
