"""A campaign's messages over the API: what became of each person; settling; CSV."""

from collections.abc import Iterable
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from campaigns import exporting, lifecycle
from campaigns.filters import MessageFilter
from campaigns.models import Campaign, Message
from campaigns.outcomes import KINDS, find_outcomes
from customers.models import Customer
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.viewsets import ROW_ID, OfTenant
from xeno.lib.api.filtering import check_parameters
from xeno.lib.api.rows import IdField, RowSerializer

COLUMNS = (
    "id", "customer", "address", "state", "reason", "free_from", "variant", "not_before",
    "attempts", "handed_at", "provider", "provider_id", "code",
)  # fmt: skip
EXPORTED = (
    "id", "customer", "address", "state", "reason", "variant", "attempts", "handed_at", "code",
)  # fmt: skip
CURSOR = Signer(salt="cursor:export of messages")


class MessageSerializer(RowSerializer):
    """What one person got, will get, or why not; and the first of each thing that a person, no
    machine, did with it."""

    id = IdField()
    customer = IdField(allow_null=True, help_text="Null: deleted or erased since")
    address = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=Message.State.choices)
    reason = serializers.CharField(allow_null=True, help_text="Why they were not written to")
    free_from = serializers.DateTimeField(allow_null=True)
    variant = serializers.CharField(allow_null=True)
    not_before = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    handed_at = serializers.DateTimeField(allow_null=True)
    provider = serializers.CharField(allow_null=True)
    provider_id = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True, help_text="Of a failure")
    outcomes = serializers.DictField(
        child=serializers.DateTimeField(),
        help_text="delivered, opened, clicked, bounced, soft_bounced, complained, unsubscribed",
    )

    def shape(self, row: Any) -> dict[str, Any]:
        return {
            "id": str(row["id"]),
            "customer": None if row["customer"] is None else str(row["customer"]),
            "address": row["address"],
            "state": row["state"],
            "reason": row["reason"] or None,
            "free_from": row["free_from"],
            "variant": row["variant"] or None,
            "not_before": row["not_before"],
            "attempts": row["attempts"],
            "handed_at": row["handed_at"],
            "provider": row["provider"] or None,
            "provider_id": row["provider_id"] or None,
            "code": row["code"] or None,
            "outcomes": row["outcomes"],
        }


class SettleSerializer(serializers.Serializer[Any]):
    """What became of an uncertain message."""

    outcome = serializers.ChoiceField(
        choices=["arrived", "send_again"],
        help_text="send_again: it did not arrive, and is queued; the person may get a second one",
    )


class WhateverIsAccepted(BaseContentNegotiation):
    """An export is CSV and its errors are JSON, whatever the client says that it accepts."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class MessageViewSet(OfTenant[Any]):
    """The messages of the campaign that the path names."""

    queryset = Message.objects.all()
    filterset_class = MessageFilter
    rights = {
        "list_campaign_messages": Right.VIEW_CAMPAIGNS,
        "settle_message": Right.SEND_CAMPAIGNS,
    }
    further_rights = {"list_campaign_messages": (Right.VIEW_CUSTOMERS,)}
    orderings = {"customer": "customer"}
    ordering = "customer"

    def get_queryset(self) -> QuerySet[Any]:
        return of_campaign(super().get_queryset(), self.kwargs["pk"])

    @extend_schema(responses=MessageSerializer(many=True))
    def list_campaign_messages(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everybody who was planned, with what became of them."""
        found = self.filter_queryset(self.get_queryset())
        rows = self.paginate_queryset(found.values(*COLUMNS)) or []
        shown = with_outcomes(self.tenant.pk, rows)
        note_people(request, rows, "listed")
        return self.get_paginated_response(MessageSerializer(shown, many=True).data)

    @extend_schema(request=SettleSerializer, responses={204: None}, filters=False)
    def settle_message(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what became of an uncertain message: it arrived, or it is to be sent again."""
        messages = self.get_queryset()
        row_id = kwargs["message"]
        if not ROW_ID.fullmatch(row_id) or not messages.filter(pk=int(row_id)).exists():
            raise Http404
        form = SettleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        lifecycle.settle_by_hand(
            actor=get_actor(request),
            tenant=self.tenant,
            message_id=int(row_id),
            arrived=form.validated_data["outcome"] == "arrived",
        )
        return Response(status=204)


class MessageExportViewSet(OfTenant[Any]):
    """The messages of a campaign as CSV."""

    queryset = Message.objects.all()
    filterset_class = MessageFilter
    rights = {"export_campaign_messages": Right.EXPORT_DATA}
    further_rights = {
        "export_campaign_messages": (Right.VIEW_CAMPAIGNS, Right.VIEW_CUSTOMERS),
    }
    pagination_class = None
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        parameters=[OpenApiParameter("cursor", description="From the `Link` of the page before.")],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def export_campaign_messages(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Up to 10,000 rows of CSV; the pages, one after the other, make one file.

        `Link: <…>; rel="next"` leads to the next page, its cursor is in `X-Next-Cursor`; the
        last page has neither. A value that a spreadsheet would run begins with an apostrophe.
        """
        check_parameters(request, {"cursor", *MessageFilter.base_filters})
        after = read_cursor(request)
        found = MessageFilter(request.query_params, of_campaign(self.queryset, kwargs["pk"]))
        if not found.is_valid():
            raise ValidationError(
                {
                    name: [ErrorDetail(each, "invalid_choice") for each in words]
                    for name, words in found.errors.items()
                }
            )
        most = exporting.MOST_ROWS
        rows = list(found.qs.filter(pk__gt=after).order_by("pk").values(*COLUMNS)[: most + 1])
        page = rows[:most]
        note_people(request, page, "exported")
        response = HttpResponse(
            exporting.to_csv(lines(self.tenant.pk, page), () if after else HEADERS),
            content_type="text/csv; charset=utf-8",
        )
        response.headers["Content-Disposition"] = 'attachment; filename="messages.csv"'
        if len(rows) > most:
            cursor = CURSOR.sign_object(page[-1]["id"])
            url = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
            response.headers["Link"] = f'<{url}>; rel="next"'
            response.headers["X-Next-Cursor"] = cursor
        return response


HEADERS = (*EXPORTED, *(f"{kind}_at" for kind in KINDS))


def of_campaign(messages: "QuerySet[Any]", row_id: str) -> "QuerySet[Any]":
    """Those of the campaign; 404 unless it is one of the store's."""
    if not ROW_ID.fullmatch(row_id) or not Campaign.objects.filter(pk=int(row_id)).exists():
        raise Http404
    return messages.filter(campaign=int(row_id))


def with_outcomes(tenant_id: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each with what was done with it."""
    found = find_outcomes(tenant_id=tenant_id, message_ids=[row["id"] for row in rows])
    return [{**row, "outcomes": found[row["id"]]} for row in rows]


def lines(tenant_id: int, rows: list[dict[str, Any]]) -> Iterable[list[Any]]:
    """The rows as lines under `HEADERS`."""
    for row in with_outcomes(tenant_id, rows):
        yield [row[name] for name in EXPORTED] + [row["outcomes"].get(kind) for kind in KINDS]


def note_people(request: Request, rows: list[dict[str, Any]], verb: str) -> None:
    """Note that the caller saw, or took away, what became of these people."""
    save_reading(
        actor=get_actor(request),
        action=f"customer.{verb}",
        object_type=Customer._meta.label_lower,
        seen=[row["customer"] for row in rows if row["customer"] is not None],
    )


def read_cursor(request: Request) -> int:
    """Behind which message the page begins; 400 for what is no cursor of an export."""
    text = request.query_params.get("cursor")
    if text is None:
        return 0
    try:
        return int(CURSOR.unsign_object(text))
    except (BadSignature, ValueError, TypeError):
        words = "Take the cursor from the page before."
        raise ValidationError({"cursor": [ErrorDetail(words, "invalid_cursor")]}) from None
