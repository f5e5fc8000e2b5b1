"""Imports of customers over the API: bring a file, see what would become of it, start, follow."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.viewsets import ROW_ID, TenantReadViewSet
from webhooks.files import importing
from webhooks.files.mapping import CODES, FIELDS, check_mapping
from webhooks.files.models import Import, ImportRefusal, Stage
from xeno.lib.api.rows import IdField, RowSerializer


class ImportFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By how they stand."""

    state = filters.ChoiceFilter(choices=Stage.choices)


class ImportSerializer(RowSerializer):
    """A file of customers, and how far it is."""

    id = IdField()
    file_name = serializers.CharField()
    encoding = serializers.CharField(help_text="As it was read: utf-8, cp1252, xlsx")
    state = serializers.ChoiceField(choices=Stage.choices)
    headers = serializers.ListField(child=serializers.CharField(allow_blank=True))
    mapping = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        help_text="A field for each header, empty to leave it out; guessed until it is started",
    )
    percent = serializers.IntegerField(min_value=0, max_value=100)
    total = serializers.IntegerField(help_text="Rows of the file")
    done = serializers.IntegerField()
    made = serializers.IntegerField(help_text="Customers who were not here")
    changed = serializers.IntegerField(help_text="Customers of whom something was filled in")
    unsubscribed = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Rows that could not be taken")
    trouble = serializers.CharField(allow_null=True, help_text="What is the matter, as a code")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def shape(self, row: Import) -> dict[str, Any]:
        told = {name: getattr(row, name) for name in self._declared_fields}
        return {**told, "id": str(row.pk), "trouble": row.trouble or None}


class UploadSerializer(serializers.Serializer[Any]):
    """A file of customers: CSV or XLSX, with its headers in the first line."""

    file = serializers.FileField()


class MappingSerializer(serializers.Serializer[Any]):
    """What each column means."""

    mapping = serializers.ListField(
        child=serializers.ChoiceField(choices=list(FIELDS), allow_blank=True), max_length=200
    )


class WouldBeSerializer(RowSerializer):
    """What would become of one row."""

    line = serializers.IntegerField()
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True))
    outcome = serializers.ChoiceField(choices=["new", "known", "refused"])
    column = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)

    def shape(self, row: importing.WouldBe) -> dict[str, Any]:
        return {
            **row._asdict(),
            "column": row.column or None,
            "code": row.code or None,
            "detail": CODES.get(row.code),
        }


class PreviewedSerializer(serializers.Serializer[Any]):
    """What would become of the first rows of a file."""

    rows = WouldBeSerializer(many=True)


class RefusalSerializer(RowSerializer):
    """A row that was not taken, by its line; nothing that was in it."""

    id = IdField()
    line = serializers.IntegerField()
    column = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()

    def shape(self, row: ImportRefusal) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "line": row.line,
            "column": row.column or None,
            "code": row.code,
            "detail": CODES.get(row.code, row.code),
        }


class ImportViewSet(TenantReadViewSet[Any]):
    """The store's imports. A consent is never given by one, only taken back."""

    queryset = Import.objects.all()
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    rights = {
        "read": Right.EDIT_CUSTOMERS,
        "write": Right.EDIT_CUSTOMERS,
        "preview_import": Right.EDIT_CUSTOMERS,
        "start_import": Right.EDIT_CUSTOMERS,
    }
    # It tells who of the file is a customer already.
    further_rights = {"preview_import": (Right.VIEW_CUSTOMERS,)}
    volatile = frozenset(
        {"state", "mapping", "percent", "done", "made", "changed", "unsubscribed", "refused",
         "trouble", "finished_at"}
    )  # fmt: skip
    orderings = {"id": "id"}
    ordering = "-id"

    def get_parsers(self) -> list[Any]:
        own = getattr(self, "action_map", {}) or {}
        return [MultiPartParser()] if own.get("post") == "create" else super().get_parsers()

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: ImportSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bring a file. It is read whole, and nothing is written until it is started."""
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        row = importing.upload(
            actor=get_actor(request), tenant=self.tenant, file=file, name=file.name
        )
        return self.answer(row, status=201)

    @extend_schema(request=MappingSerializer, responses=PreviewedSerializer)
    def preview_import(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What would become of the first rows with these meanings; nothing is written."""
        row = self.get_object()
        mapping = self.read_mapping(request)
        check_mapping(row.headers, mapping)
        shown = importing.preview(tenant=self.tenant, row=row, mapping=mapping)
        return Response({"rows": [WouldBeSerializer().shape(each) for each in shown]})

    @extend_schema(request=MappingSerializer, responses=ImportSerializer)
    def start_import(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Import it with these meanings; a worker does: read the import to follow."""
        row = importing.start(
            actor=get_actor(request),
            tenant=self.tenant,
            row=self.get_object(),
            mapping=self.read_mapping(request),
        )
        return self.answer(row)

    def read_mapping(self, request: Request) -> list[str]:
        """The meanings that the body gives."""
        form = MappingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return list(form.validated_data["mapping"])


class ImportErrorViewSet(TenantReadViewSet[Any]):
    """The rows of an import that were not taken, in the order of their lines."""

    queryset = ImportRefusal.objects.all()
    serializer_class = RefusalSerializer
    filter_backends = ()
    rights = {"list_import_errors": Right.EDIT_CUSTOMERS}
    orderings = {"line": "line"}
    ordering = "line"

    def get_queryset(self) -> QuerySet[Any]:
        wanted = self.kwargs["pk"]
        if not ROW_ID.fullmatch(wanted) or not Import.objects.filter(pk=int(wanted)).exists():
            raise Http404
        return super().get_queryset().filter(upload=int(wanted))

    @extend_schema(responses=RefusalSerializer(many=True))
    def list_import_errors(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Which lines were not taken, and why; nothing of the rows themselves is kept."""
        return self.list(request, *args, **kwargs)
