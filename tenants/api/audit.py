"""The audit trail over the API: who did what in the store, and who read what of its people."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from tenants.api.shapes import UserSerializer
from tenants.models import ApiKey, AuditEntry
from tenants.roles import Right
from tenants.scoping.viewsets import TenantReadViewSet
from xeno.lib.api.filtering import POLLING, CodeFilter, IdFilter, MomentFilter
from xeno.lib.api.rows import IdField

OBJECT = r"[a-z]+\.[a-z]+(:[1-9][0-9]{0,18})?"


class AuditFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """`_after` includes its moment, `_before` does not."""

    actor = IdFilter("actor_id", label="The user who acted, by id.")
    key = IdFilter("key_id", label="The API key that acted, by id.")
    action = CodeFilter(pattern=r"[a-z_]+\.[a-z_]+", example="customer.viewed")
    object = CodeFilter(
        pattern=OBJECT,
        example="customers.customer:12",
        method="find_object",
        label="A kind of object, or one of them by its id: customers.customer:12.",
    )
    happened_after = MomentFilter("happened_at", "gte", label=POLLING)
    happened_before = MomentFilter("happened_at", "lt")

    def find_object(
        self, queryset: "QuerySet[AuditEntry]", name: str, value: str
    ) -> "QuerySet[AuditEntry]":
        """Entries on a kind of object, or on one."""
        kind, _, object_id = value.partition(":")
        found = queryset.filter(object_type=kind)
        return found.filter(object_id=object_id) if object_id else found


class AuditKeySerializer(serializers.Serializer[ApiKey]):
    """The API key that acted."""

    id = IdField()
    name = serializers.CharField()
    hint = serializers.CharField(help_text="Its last characters")


class AuditEntrySerializer(serializers.Serializer[AuditEntry]):
    """Who did what, when and from where. Ids and names of fields, never values."""

    id = IdField()
    happened_at = serializers.DateTimeField()
    actor = UserSerializer(allow_null=True, help_text="Null for an API key and for Xeno itself")
    key = AuditKeySerializer(allow_null=True)
    action = serializers.CharField(help_text="Such as customer.viewed")
    object_type = serializers.CharField(help_text="Such as customers.customer")
    object_id = serializers.CharField(help_text="Empty for a list", allow_blank=True)
    fields = serializers.ListField(  # type: ignore[assignment]  # its own word for other things
        child=serializers.CharField(), help_text="Names of the fields that changed"
    )
    seen = serializers.ListField(child=IdField(), help_text="Ids of the rows that were read")
    address = serializers.IPAddressField(allow_null=True)


class AuditViewSet(TenantReadViewSet[AuditEntry]):
    """Who did what in the store, newest first; nobody can change a line of it."""

    queryset = AuditEntry.objects.select_related("actor", "key")
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    rights = {"read": Right.MANAGE_TEAM}
    orderings = {"id": "id"}
    ordering = "-id"
