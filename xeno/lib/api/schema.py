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


class ErrorSerializer(serializers.Serializer[Any]):
    """One mistake: a stable code, words for a person, and the field that it is about."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorResponseSerializer(serializers.Serializer[Any]):
    """Every answer of 400 and above."""

    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # DRF's own word


class ApiSchema(AutoSchema):
    """One shape of error everywhere; operations are named after their actions."""

    def get_operation_id(self) -> str:
        action: str = getattr(self.view, "action", None) or "list"
        return super().get_operation_id() if action in STANDARD_ACTIONS else action

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
