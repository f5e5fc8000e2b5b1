"""The store's own settings over the API."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from tenants.audit import get_actor
from tenants.models import Tenant, check_timezone
from tenants.roles import Right
from tenants.scoping.choice import SECRETS
from tenants.scoping.rights import NO_SUCH_METHOD
from tenants.scoping.viewsets import TenantViewSet
from tenants.store_settings import change_store
from xeno.lib.api.rows import IdField


class StoreSettingsSerializer(serializers.Serializer[Tenant]):
    """The store. Its name, its time zone and `require_two_factor` can be changed."""

    id = IdField(read_only=True)
    shop_domain = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=255)
    currency = serializers.CharField(read_only=True)
    timezone = serializers.CharField(
        max_length=64,
        validators=[check_timezone],
        help_text="IANA name, such as Europe/London: the store's days begin and end by it",
    )
    require_two_factor = serializers.BooleanField(
        help_text="Whoever of the team has no second factor is asked to set one up first"
    )
    plan = serializers.CharField(read_only=True)
    installed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    uninstalled_at = serializers.DateTimeField(read_only=True, allow_null=True)
    history_complete = serializers.BooleanField(
        read_only=True, help_text="Whether every order of the store is held here"
    )
    created_at = serializers.DateTimeField(read_only=True)


@extend_schema_view(
    retrieve=extend_schema(operation_id="store_retrieve"),
    partial_update=extend_schema(operation_id="store_partial_update"),
)
class StoreViewSet(TenantViewSet[Tenant]):
    """The one store that the request is for."""

    queryset = Tenant.objects.defer(*SECRETS)
    serializer_class = StoreSettingsSerializer
    rights = dict.fromkeys(("read", "write"), Right.MANAGE_STORE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action not in NO_SUCH_METHOD:
            self.kwargs[self.lookup_field] = str(self.tenant.pk)

    def get_queryset(self) -> QuerySet[Tenant]:
        # Stores are no store's rows (no policy fences them): this is the fence.
        return super().get_queryset().filter(pk=self.tenant.pk)

    def perform_update(self, serializer: BaseSerializer[Tenant]) -> None:
        """Change what was sent."""
        change_store(actor=get_actor(self.request), tenant=self.tenant, **serializer.validated_data)
        serializer.instance = self.find_row()
