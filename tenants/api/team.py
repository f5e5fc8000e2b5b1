"""The team of a store over the API: who is what, single rights, leaving, handing over."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from tenants import team
from tenants.api.shapes import UserSerializer
from tenants.audit import get_actor
from tenants.auth import IsPerson
from tenants.members import described_members, exceptions_of
from tenants.models import Membership
from tenants.roles import Right, Role, rights_with
from tenants.scoping.schema import X_STORE
from tenants.scoping.viewsets import ROW_ID, TenantViewSet
from tenants.scoping.visit import get_tenant
from xeno.lib.api.rows import IdField


def rights_field(**kwargs: Any) -> serializers.ListField:
    """A list of rights by their codenames."""
    return serializers.ListField(child=serializers.ChoiceField(choices=Right.choices), **kwargs)


class MemberFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By what they are."""

    role = filters.ChoiceFilter(choices=Role.choices)


class MemberSerializer(serializers.Serializer[Membership]):
    """A member of the store. `role`, `granted` and `taken` can be changed."""

    id = IdField(read_only=True)
    user = UserSerializer(read_only=True)
    role = serializers.ChoiceField(choices=Role.choices)
    rights = rights_field(read_only=True, help_text="What they hold, all in all")
    granted = rights_field(
        required=False, help_text="Held beside the role's; the list replaces the one before"
    )
    taken = rights_field(
        required=False, help_text="Not held although the role's; the list replaces the one before"
    )
    two_factor = serializers.BooleanField(read_only=True, help_text="Signs in with a second factor")
    last_sign_in_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True, help_text="When they joined the store")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        both = set(attrs.get("granted", ())) & set(attrs.get("taken", ()))
        if both:
            words = "A right is either granted or taken."
            raise ValidationError({"taken": [ErrorDetail(words, "granted_and_taken")]})
        return attrs

    def to_representation(self, instance: Membership) -> dict[str, Any]:
        exceptions = exceptions_of(instance)
        held = rights_with(Role(instance.role), exceptions)
        return {
            "id": str(instance.pk),
            "user": UserSerializer(instance.user).data,
            "role": instance.role,
            "rights": [right.value for right in Right if right in held],
            "granted": [right.value for right in Right if exceptions.get(right) is True],
            "taken": [right.value for right in Right if exceptions.get(right) is False],
            "two_factor": instance.two_factor,  # type: ignore[attr-defined]  # annotated
            "last_sign_in_at": instance.last_sign_in_at,  # type: ignore[attr-defined]
            "created_at": instance.created_at,
        }


class HeirSerializer(serializers.Serializer[Any]):
    """Who is to own the store."""

    member = IdField(help_text="The id of a member, as GET /team tells it")


class TeamViewSet(TenantViewSet[Membership]):
    """Who works in the store, and as what."""

    queryset = Membership.objects.all()
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    rights = dict.fromkeys(("read", "write", "transfer_ownership"), Right.MANAGE_TEAM)
    volatile = frozenset({"last_sign_in_at"})

    def get_queryset(self) -> QuerySet[Membership]:
        return described_members(self.tenant)

    def perform_update(self, serializer: BaseSerializer[Membership]) -> None:
        """Change the role, the single rights, or both."""
        asked = serializer.validated_data
        team.change_member(
            actor=get_actor(self.request),
            membership=serializer.instance,  # type: ignore[arg-type]  # an update has one
            role=Role(asked["role"]) if "role" in asked else None,
            granted=asked.get("granted"),
            taken=asked.get("taken"),
        )
        serializer.instance = self.find_row()

    def perform_destroy(self, instance: Membership) -> None:
        """Take the member out of the store."""
        team.remove(actor=get_actor(self.request), membership=instance)

    @extend_schema(request=HeirSerializer, responses={204: None})
    def transfer_ownership(self, request: Request) -> Response:
        """Make a member the owner in your place; you become an admin."""
        form = HeirSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        named = form.validated_data["member"]
        heir = self.get_queryset().filter(pk=named).first() if ROW_ID.fullmatch(named) else None
        if heir is None:
            words = "The store has no such member."
            raise ValidationError({"member": [ErrorDetail(words, "does_not_exist")]})
        team.transfer_ownership(actor=get_actor(request), membership=heir)
        return Response(status=204)


class LeaveViewSet(ViewSet):
    """Going out of a store; whoever is in may."""

    permission_classes: tuple[type[BasePermission], ...] = (IsPerson,)

    @extend_schema(request=None, responses={204: None}, parameters=[X_STORE])
    def leave_store(self, request: Request) -> Response:
        """Leave the store's team. The last owner cannot: hand the store over first."""
        team.leave(actor=get_actor(request), tenant=get_tenant(request))
        return Response(status=204)
