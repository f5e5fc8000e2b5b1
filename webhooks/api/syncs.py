"""Syncs over the API: how far each is, what it found, and two orders."""

from typing import Any

from django.db.models import Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.viewsets import TenantReadViewSet
from tenants.shopify.errors import words_of
from webhooks.backfill.models import Sync, SyncPart
from webhooks.reconciliation.models import LedgerLine
from webhooks.reconciliation.ordering import cancel_order, order_sync
from xeno.lib.api.rows import IdField, RowSerializer


class SyncFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By what they are for, and how they ended."""

    kind = filters.ChoiceFilter(choices=Sync.Kind.choices)
    state = filters.ChoiceFilter(choices=Sync.State.choices)


class SyncPartSerializer(RowSerializer):
    """One kind of object within a sync, in the order in which they are worked."""

    kind = serializers.ChoiceField(choices=SyncPart.Kind.choices)
    state = serializers.ChoiceField(choices=SyncPart.State.choices)
    total = serializers.IntegerField(
        allow_null=True, help_text="As Shopify counts them; null before it has"
    )
    applied = serializers.IntegerField()
    unreadable = serializers.IntegerField(help_text="Left out, because they made no sense")


class LedgerSerializer(RowSerializer):
    """What a reconciliation found of one kind; all of it is mended but `unmended`."""

    kind = serializers.ChoiceField(choices=SyncPart.Kind.choices)
    missing = serializers.IntegerField(help_text="Not held here")
    late = serializers.IntegerField(help_text="Held here, but older")
    different = serializers.IntegerField(help_text="As old, and not equal")
    extra = serializers.IntegerField(help_text="Gone in Shopify")
    unmended = serializers.IntegerField(help_text="Still off afterwards")
    here = serializers.IntegerField(allow_null=True, help_text="How many are held, if counted")
    there = serializers.IntegerField(allow_null=True, help_text="How many Shopify counts")


class TroubleSerializer(serializers.Serializer[Any]):
    """What stands in the way."""

    code = serializers.CharField(help_text="For programs")
    detail = serializers.CharField(help_text="For people")


class SyncSerializer(RowSerializer):
    """A run over what Shopify tells of the store."""

    id = IdField()
    kind = serializers.ChoiceField(choices=Sync.Kind.choices)
    since = serializers.DateTimeField(
        allow_null=True, help_text="Only what changed after it; null for everything"
    )
    state = serializers.ChoiceField(choices=Sync.State.choices)
    percent = serializers.IntegerField(min_value=0, max_value=100, help_text="It never goes back")
    trouble = TroubleSerializer(
        allow_null=True, help_text="Why it failed; of a running one, what it waits for"
    )
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    parts = SyncPartSerializer(many=True)
    ledger = LedgerSerializer(many=True, help_text="Of a reconciliation")

    def shape(self, row: Sync) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "kind": row.kind,
            "since": row.since,
            "state": row.state,
            "percent": row.percent,
            "trouble": show_trouble(row.trouble),
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "parts": [show(part, SyncPartSerializer) for part in row.parts.all()],
            "ledger": [show(line, LedgerSerializer) for line in row.ledger.all()],
        }


def show_trouble(code: str) -> dict[str, str] | None:
    """The trouble in words beside its code."""
    return {"code": code, "detail": words_of(code)} if code else None


def show(row: SyncPart | LedgerLine, shape: type[RowSerializer]) -> dict[str, Any]:
    """The columns of a row that the shape names: they are called alike."""
    return {name: getattr(row, name) for name in shape._declared_fields}


class StartSyncSerializer(serializers.Serializer[Any]):
    """What to begin."""

    kind = serializers.ChoiceField(
        choices=Sync.Kind.choices,
        default=Sync.Kind.HISTORY,
        help_text="history fetches everything; reconciliation compares what changed, and mends",
    )
    whole = serializers.BooleanField(
        default=False, help_text="Of a reconciliation: compare everything"
    )


class SyncViewSet(TenantReadViewSet[Any]):
    """Syncs of the store's data with Shopify, newest first; they tell counts, of nobody."""

    queryset = Sync.objects.prefetch_related(
        Prefetch("parts", SyncPart.objects.order_by("pk")),
        Prefetch("ledger", LedgerLine.objects.order_by("pk")),
    )
    serializer_class = SyncSerializer
    filterset_class = SyncFilter
    # Whoever sees customers may know whether all of them are here yet.
    rights = {
        "read": Right.VIEW_CUSTOMERS,
        "write": Right.MANAGE_STORE,
        "cancel_sync": Right.MANAGE_STORE,
    }
    volatile = frozenset({"state", "percent", "trouble", "finished_at", "parts", "ledger"})
    orderings = {"id": "id"}
    ordering = "-id"

    @extend_schema(request=StartSyncSerializer, responses={201: SyncSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin a sync; 409 while one runs. A worker brings it on: read it to follow."""
        form = StartSyncSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        sync = order_sync(actor=get_actor(request), tenant=self.tenant, **form.validated_data)
        return self.answer(self.get_queryset().get(pk=sync.pk), status=201)

    @extend_schema(request=None, responses=SyncSerializer)
    def cancel_sync(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End a running sync; what it brought stays."""
        cancel_order(actor=get_actor(request), tenant=self.tenant, sync=self.get_object())
        return self.answer(self.find_row())
