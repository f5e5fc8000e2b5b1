"""What `/schema` says beyond what drf-spectacular finds by itself, and who may read it."""

from typing import Any, Literal

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

STANDARD_ACTIONS = ("list", "retrieve", "create", "update", "partial_update", "destroy")
# `default` stands for every other status: 405, 406, 411, 413, 415, 500, 503.
ERRORS = {"400": "The request is wrong; each error names its field.", "default": "Any other error."}
NOT_SIGNED_IN = {"401": "Not signed in, or the token is not valid any more."}


ERROR_TYPES = ["validation_error", "client_error", "server_error"]


class ErrorSerializer(serializers.Serializer[Any]):
    """One mistake: a stable code, words for a person, and the field that it is about."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)
    # Of what stands in a text, such as a segment query; no other error has them.
    line = serializers.IntegerField(required=False, help_text="In a text: its line, from 1")
    column = serializers.IntegerField(required=False, help_text="In a text: its column, from 0")
    length = serializers.IntegerField(required=False, help_text="In a text: how long it is")
    found = serializers.CharField(required=False, help_text="In a text: what stands there")
    expected = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What could stand there"
    )
    suggestion = serializers.CharField(required=False, help_text="What was probably meant")


class ErrorResponseSerializer(serializers.Serializer[Any]):
    """Every answer of 400 and above."""

    type = serializers.ChoiceField(choices=ERROR_TYPES)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # DRF's own word


class ApiSchema(AutoSchema):
    """One shape of error everywhere; operations are named after their actions."""

    def get_operation_id(self) -> str:
        action: str = getattr(self.view, "action", None) or "list"
        return super().get_operation_id() if action in STANDARD_ACTIONS else action

    def get_auth(self) -> list[dict[str, list[Any]]]:
        """Nothing where anybody may ask: for an empty requirement clients ask for a token."""
        ways: list[dict[str, list[Any]]] = super().get_auth()
        return ways if any(ways) else []

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_filter_parameters()  # type: ignore[no-untyped-call]
        for parameter in parameters:
            parameter["schema"].pop("nullable", None)  # the column may be null, its filter not
        return parameters

    def _get_serializer_field_meta(self, field: Any, direction: str) -> dict[str, Any]:
        meta: dict[str, Any] = super()._get_serializer_field_meta(field, direction)  # type: ignore[no-untyped-call]
        if direction == "request":
            meta.pop("default", None)  # generators take what has a default for always there
        return meta

    def get_errors(self) -> dict[str, str]:
        """Each status of an error, and when it comes."""
        return {**ERRORS, **(NOT_SIGNED_IN if any(self.get_auth()) else {})}

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction=direction)
        errors = self.get_errors()
        for status in sorted(errors.keys() - bodies.keys()):
            body = self._get_response_for_code(ErrorResponseSerializer, status)  # type: ignore[no-untyped-call]
            bodies[status] = {**body, "description": errors[status]}
        return bodies


class MayReadSchema(BasePermission):
    """Anybody while one develops; in production whoever has signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        public = settings.DEBUG or not settings.PRODUCTION
        return public or request.user.is_authenticated
