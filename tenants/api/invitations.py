"""Invitations into a store's team over the API."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from tenants import invitations
from tenants.api.shapes import StoreSerializer, UserSerializer
from tenants.audit import get_actor
from tenants.auth import IsPerson
from tenants.models import Invitation
from tenants.roles import Right, Role
from tenants.scoping.viewsets import TenantViewSet
from xeno.lib.api.rows import IdField


class InvitationFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By what they are invited as."""

    role = filters.ChoiceFilter(choices=Role.choices)


class InvitationSerializer(serializers.Serializer[Invitation]):
    """An open invitation; past `expires_at` its link is worth nothing until it is sent again."""

    id = IdField(read_only=True)
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices)
    invited_by = UserSerializer(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class AcceptSerializer(serializers.Serializer[Any]):
    """What the mailed link carries."""

    token = serializers.CharField(max_length=500)


class InvitationViewSet(TenantViewSet[Invitation]):
    """Who is asked to join the store and has not come yet."""

    queryset = Invitation.objects.all()
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    rights = dict.fromkeys(("read", "write", "resend"), Right.MANAGE_TEAM)

    def get_queryset(self) -> QuerySet[Invitation]:
        # Invitations are shared between stores (no policy fences them): this is the fence.
        own = Invitation.objects.filter(tenant=self.tenant, accepted_at=None)
        return own.select_related("tenant", "invited_by")

    def perform_create(self, serializer: BaseSerializer[Invitation]) -> None:
        """Invite somebody by e-mail."""
        asked = serializer.validated_data
        serializer.instance = invitations.send(
            actor=get_actor(self.request),
            tenant=self.tenant,
            email=asked["email"],
            role=Role(asked["role"]),
        )

    def perform_destroy(self, instance: Invitation) -> None:
        """Withdraw it: the link ends."""
        invitations.withdraw(actor=get_actor(self.request), invitation=instance)

    @extend_schema(operation_id="resend_invitation", request=None, responses=InvitationSerializer)
    def resend(self, request: Request, pk: str) -> Response:
        """Mail a new link, good for another week; the one before ends."""
        sent = invitations.resend(actor=get_actor(request), invitation=self.get_object())
        return self.answer(sent)


class AcceptViewSet(ViewSet):
    """Coming into a store that invited one."""

    permission_classes: tuple[type[BasePermission], ...] = (IsPerson,)

    @extend_schema(request=AcceptSerializer, responses=StoreSerializer)
    def accept_invitation(self, request: Request) -> Response:
        """Join the store; your confirmed address must be the one that was invited."""
        form = AcceptSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        membership = invitations.accept(
            actor=get_actor(request), token=form.validated_data["token"]
        )
        return Response(StoreSerializer(membership).data)
