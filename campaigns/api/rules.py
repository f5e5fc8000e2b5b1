"""What all campaigns of a store go by, over the API: senders, topics, sending settings."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import rules
from campaigns.filters import SenderFilter, TopicFilter
from campaigns.models import Sender, SendingSettings, Topic
from campaigns.providers.accounts import CredentialsNotValid, check_shape
from campaigns.providers.choosing import PROVIDERS
from campaigns.settings import settings_of
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.versions import check_version
from tenants.scoping.viewsets import TenantReadViewSet, TenantViewSet
from xeno.lib.api.rows import IdField

MOST_A_MINUTE = 1_000_000
LONGEST_WINDOW = 30  # days


class SenderSerializer(serializers.Serializer[Any]):
    """A From of the store, with what was last seen of its domain's DNS records."""

    id = IdField(read_only=True)
    name = serializers.CharField(max_length=255, help_text="As recipients see it")
    email = serializers.EmailField(max_length=254)
    reply_to = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    per_minute = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST_A_MINUTE
    )
    dkim_selector = serializers.RegexField(
        r"\A[A-Za-z0-9_.-]+\Z", required=False, allow_blank=True, max_length=200
    )
    records = serializers.JSONField(
        read_only=True, help_text="What the DNS says: `spf`, `dkim`, `dmarc`, each with `ok`"
    )
    verified_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When all of its domain's records were seen"
    )
    checked_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the DNS was last asked"
    )
    created_at = serializers.DateTimeField(read_only=True)


class TopicSerializer(serializers.Serializer[Any]):
    """What campaigns are about, as people see it in the preference centre."""

    id = IdField(read_only=True)
    name = serializers.CharField(max_length=255)
    description = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    created_at = serializers.DateTimeField(read_only=True)


class RuleViewSet(TenantViewSet[Any]):
    """Rows that are made, changed and deleted by three actions."""

    noun: ClassVar[str]
    rights = {"read": Right.VIEW_CAMPAIGNS, "write": Right.EDIT_CAMPAIGNS}
    ordering = "-id"

    def act(self, verb: str, **told: Any) -> Any:
        """Call the noun's action."""
        action = getattr(rules, f"{verb}_{self.noun}")
        return action(actor=get_actor(self.request), tenant=self.tenant, **told)

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        serializer.instance = self.act("create", changes=serializer.validated_data)

    def perform_update(self, serializer: serializers.BaseSerializer[Any]) -> None:
        row = {f"{self.noun}_id": serializer.instance.pk}  # type: ignore[union-attr]
        self.act("edit", **row, changes=serializer.validated_data)
        serializer.instance = self.find_row()

    def perform_destroy(self, instance: Any) -> None:
        self.act("delete", **{f"{self.noun}_id": instance.pk})


class SenderViewSet(RuleViewSet):
    """Who sends: the From of campaigns. What recipients see of one is kept while campaigns that
    name it are on their way."""

    queryset = Sender.objects.all()
    serializer_class = SenderSerializer
    filterset_class = SenderFilter
    noun = "sender"
    volatile = frozenset({"verified_at", "checked_at", "records"})


class TopicViewSet(RuleViewSet):
    """What people can choose to hear of, or not."""

    queryset = Topic.objects.all()
    serializer_class = TopicSerializer
    filterset_class = TopicFilter
    noun = "topic"


def check_credentials(text: str) -> None:
    """Raise for what no provider can use; the words repeat nothing of it."""
    try:
        if text:
            check_shape(text)
    except CredentialsNotValid as mistake:
        raise serializers.ValidationError(str(mistake), "invalid") from None


class SendingSettingsSerializer(serializers.Serializer[Any]):
    """The store's rules for all campaigns. `credentials` are never shown."""

    postal_address = serializers.CharField(allow_blank=True, max_length=1_000)
    require_approval = serializers.BooleanField(
        help_text="Somebody else than who wrote it approves each campaign"
    )
    cap_messages = serializers.IntegerField(min_value=1, max_value=1_000)
    cap_hours = serializers.IntegerField(min_value=0, max_value=720)
    quiet_from = serializers.TimeField(allow_null=True, help_text="Of the local day")
    quiet_until = serializers.TimeField(allow_null=True)
    per_minute = serializers.IntegerField(allow_null=True, min_value=1, max_value=MOST_A_MINUTE)
    provider = serializers.ChoiceField(
        choices=[(name, name) for name in PROVIDERS], allow_blank=True, help_text="The install's"
    )
    credentials = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=2_000,
        validators=[check_credentials],
        help_text="Of smtp such as smtp+tls://user:password@host:587; of anymail JSON such as"
        ' {"provider": "postmark", "server_token": "…"}; empty takes them away',
    )
    has_credentials = serializers.SerializerMethodField()
    track_opens = serializers.BooleanField()
    track_clicks = serializers.BooleanField()
    click_days = serializers.IntegerField(min_value=1, max_value=LONGEST_WINDOW)
    open_days = serializers.IntegerField(min_value=1, max_value=LONGEST_WINDOW)

    def get_has_credentials(self, row: SendingSettings) -> bool:
        """Whether the store has its own way to the provider."""
        return bool(row.credentials)


@extend_schema_view(
    retrieve=extend_schema(operation_id="sending_settings_retrieve"),
    partial_update=extend_schema(operation_id="sending_settings_partial_update"),
)
class SendingSettingsViewSet(TenantReadViewSet[Any]):
    """The one row of the store's rules; a store that set none has the defaults."""

    queryset = SendingSettings.objects.all()
    serializer_class = SendingSettingsSerializer
    # Whoever writes campaigns must not be who says that nobody has to approve them.
    rights = {"read": Right.VIEW_CAMPAIGNS, "write": Right.MANAGE_STORE}

    def find_row(self) -> SendingSettings:
        return settings_of(self.tenant)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.find_row())

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the rules; campaigns on their way follow from their next claim on."""
        form = self.get_serializer(self.held(), data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        rules.edit_settings(
            actor=get_actor(request), tenant=self.tenant, changes=form.validated_data
        )
        return self.answer(self.find_row())

    def held(self) -> SendingSettings:
        """The rules, as the client saw them when it says If-Match."""
        row = self.find_row()
        wanted = self.request.headers.get("If-Match")
        if wanted is not None:
            list(SendingSettings.objects.select_for_update().values_list("pk"))
            row = self.find_row()
            check_version(wanted, self.edited_part(self.represent(row)))
        return row
