"""API keys of a store over the API."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import keys
from tenants.api.shapes import UserSerializer
from tenants.audit import get_actor
from tenants.keys import KEY_RIGHTS
from tenants.models import ApiKey
from tenants.roles import Right
from tenants.scoping.viewsets import TenantViewSet
from xeno.lib.api.filtering import YesNoFilter
from xeno.lib.api.rows import IdField

KEY_RIGHT_CHOICES = [(right.value, right.label) for right in KEY_RIGHTS]


class ApiKeyFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """Those that were revoked, or not."""

    revoked = YesNoFilter("revoked_at", "isnull", exclude=True)


class ApiKeySerializer(serializers.Serializer[ApiKey]):
    """A key, without its text. A revoked one is kept, so that the audit trail can name it."""

    id = IdField(read_only=True)
    name = serializers.CharField(max_length=100)
    hint = serializers.CharField(read_only=True, help_text="Its last characters")
    rights = serializers.ListField(
        child=serializers.ChoiceField(choices=KEY_RIGHT_CHOICES),
        allow_empty=False,
        help_text="At most what you hold yourself",
    )
    made_by = UserSerializer(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    revoked_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_used_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="To the minute"
    )


class MadeKeySerializer(ApiKeySerializer):
    """A new key, with the text that is shown this once."""

    key = serializers.CharField(read_only=True, help_text="Send it as `Authorization: Bearer`")


class ApiKeyViewSet(TenantViewSet[Any]):
    """Keys for servers of the merchant's; a key sees this one store."""

    queryset = ApiKey.objects.select_related("made_by")
    serializer_class = ApiKeySerializer
    filterset_class = ApiKeyFilter
    rights = dict.fromkeys(("read", "write"), Right.MANAGE_TEAM)
    volatile = frozenset({"last_used_at"})
    orderings = {"id": "id"}
    ordering = "-id"

    @extend_schema(responses={201: MadeKeySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a key. Its text is in this answer and nowhere else."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = keys.make_key(actor=get_actor(request), tenant=self.tenant, **form.validated_data)
        return self.answer(made.key, status=201, key=made.raw)

    def perform_destroy(self, instance: ApiKey) -> None:
        """Revoke the key: it opens nothing any more."""
        keys.revoke_key(actor=get_actor(self.request), key=instance)
