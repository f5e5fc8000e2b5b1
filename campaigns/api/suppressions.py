"""Addresses that get nothing more, over the API: read, added, imported, and let go again."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import suppressing
from campaigns.filters import SuppressionFilter
from campaigns.models import Suppression
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.viewsets import TenantViewSet
from xeno.lib.api.rows import IdField, RowSerializer

LONGEST_NOTE = 5_000


class SuppressionSerializer(RowSerializer):
    """An address that gets nothing more, whoever has it."""

    id = IdField()
    channel = serializers.CharField()
    address = serializers.CharField()
    reason = serializers.ChoiceField(choices=Suppression.Reason.choices)
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()

    def shape(self, row: Suppression) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "channel": row.channel,
            "address": row.address,
            "reason": row.reason,
            "note": row.note,
            "created_at": row.created_at,
        }


class NewSuppressionSerializer(serializers.Serializer[Any]):
    """An address to be written to no more."""

    address = serializers.CharField(max_length=suppressing.LONGEST)
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)


class SuppressionImportSerializer(serializers.Serializer[Any]):
    """Addresses of another system's list."""

    addresses = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False),
        max_length=suppressing.MOST,
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)


class SuppressedSerializer(serializers.Serializer[Any]):
    """What became of an import."""

    added = serializers.IntegerField(help_text="That were not suppressed before")
    refused = serializers.ListField(
        child=serializers.IntegerField(), help_text="Places, from 0, of what is no address"
    )


class SuppressionViewSet(TenantViewSet[Any]):
    """Who must not be written to: bounced, complained, unsubscribed, by hand, imported."""

    queryset = Suppression.objects.all()
    serializer_class = SuppressionSerializer
    filterset_class = SuppressionFilter
    rights = {
        "read": Right.VIEW_CAMPAIGNS,
        "write": Right.EDIT_CAMPAIGNS,
        "import_suppressions": Right.EDIT_CAMPAIGNS,
    }
    further_rights = {"read": (Right.VIEW_CUSTOMERS,)}
    ordering = "-id"
    personal = "suppression"

    @extend_schema(request=NewSuppressionSerializer, responses={201: SuppressionSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Suppress one address; one that is there stays as it is."""
        form = NewSuppressionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = suppressing.add_suppression(
            actor=get_actor(request), tenant=self.tenant, **form.validated_data
        )
        return self.answer(row, status=201)

    def perform_destroy(self, instance: Any) -> None:
        """Let the address be written to again, as far as its consent goes."""
        actor = get_actor(self.request)
        suppressing.remove_suppression(actor=actor, tenant=self.tenant, suppression_id=instance.pk)

    @extend_schema(request=SuppressionImportSerializer, responses=SuppressedSerializer)
    def import_suppressions(self, request: Request) -> Response:
        """Suppress up to 10,000 addresses; what is no address keeps no other out."""
        form = SuppressionImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        added, refused = suppressing.import_suppressions(
            actor=get_actor(request), tenant=self.tenant, **form.validated_data
        )
        return Response({"added": added, "refused": refused})
