"""The inbox in the admin: what came, what became of it, and "replay"."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import BinaryField, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from tenants.scoping.admin import get_store
from tenants.scoping.display import moment
from tenants.scoping.filtering import ChoiceFilter, DayRangeFilter, WordFilter
from tenants.scoping.next_steps import SEE_CONNECTION
from webhooks.actions import replay_deliveries
from webhooks.admin_base import WorkAdmin
from webhooks.files.admin import ExportAdmin as ExportAdmin  # registers itself
from webhooks.files.admin import ImportAdmin as ImportAdmin  # as does this
from webhooks.models import Delivery, State
from webhooks.outbox.admin import EditAdmin as EditAdmin  # as does this
from webhooks.payload import MOST_BYTES, readable
from webhooks.privacy.admin import PrivacyAdmin as PrivacyAdmin  # and this
from webhooks.reconciliation.admin import SyncAdmin as SyncAdmin  # and this

STATE_KINDS = {
    State.PENDING: "info",
    State.APPLIED: "success",
    State.WAITING: "warning",
    State.PARKED: "danger",
}
MOST_REPLAYED = 10_000


class TopicFilter(WordFilter):
    """By topic, exactly as Shopify names it."""

    title = "topic (such as orders/create)"
    parameter_name = "topic"

    def find(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        return queryset.filter(topic=word.lower())


@admin.register(Delivery)
class DeliveryAdmin(WorkAdmin[Delivery]):
    """With a replay of what was set aside.

    A body holds more of a customer than any role's pages show.
    """

    state_kinds = STATE_KINDS
    personal = "delivery"
    empty_text = "Webhooks appear here as soon as Shopify sends the first one."
    next_step = SEE_CONNECTION
    list_display = ("topic", "what_became", "received", "attempts", "why")
    list_filter = (
        ChoiceFilter.of("state", State.choices),
        TopicFilter,
        ("received_at", DayRangeFilter.of("day of arrival")),
    )
    actions = ["replay"]
    labels = {"webhook_id": "Webhook id", "event_id": "Event id", "api_version": "API version"}
    change_form_outer_before_template = "admin/replay.html"
    fieldsets = (
        (None, {"fields": (("topic", "what_became"), ("attempts", "waits_for"), "why")}),
        (
            "Headers",
            {
                "fields": (
                    ("webhook_id", "event_id"), ("triggered_at", "api_version"),
                    ("received", "done_at"),
                )
            },
        ),
        ("Payload", {"fields": ("size", "hash", "payload")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        # A body may have megabytes: a list reads none of it, a page its beginning.
        return super().get_queryset(request).defer("body")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Delivery | None:
        delivery = super().get_object(request, object_id, from_field)
        if delivery is not None:
            head = Substr("body", Value(1), Value(MOST_BYTES), output_field=BinaryField())
            length = Func("body", function="octet_length", output_field=IntegerField())
            row = Delivery.objects.filter(pk=delivery.pk).values_list(head, length).get()
            delivery.body_head, delivery.body_length = bytes(row[0]), row[1]  # type: ignore[attr-defined]
        return delivery

    @admin.action(description="Replay", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Put the chosen deliveries back in line."""
        ids = queryset.order_by().values_list("pk", flat=True)
        chosen: Sequence[int] = list(ids[:MOST_REPLAYED])
        again = replay_deliveries(tenant=get_store(request), delivery_ids=chosen)
        for delivery in queryset.filter(pk__in=chosen)[:100]:
            self.audit(request, "replayed", delivery)
        messages.success(
            request,
            f"{again:,} of {len(chosen):,} chosen deliveries will be applied again."
            if again
            else "The chosen deliveries wait to be applied already.",
        )

    def explain(self, row: Delivery) -> str:
        said = ": ".join(part for part in (row.code, row.reason) if part)
        return str(Truncator(said).chars(160))

    @admin.display(description="Size")
    def size(self, delivery: Any) -> str:
        """How large the body is, and how much of it is shown."""
        if delivery.body_length <= MOST_BYTES:
            return filesizeformat(delivery.body_length)
        whole, shown = filesizeformat(delivery.body_length), filesizeformat(MOST_BYTES)
        return f"{whole}, of which the first {shown} are shown"

    @admin.display(description="SHA-256")
    def hash(self, delivery: Delivery) -> SafeString:
        """The hash of the body, in hexadecimal digits."""
        return format_html('<code class="xeno-code">{}</code>', bytes(delivery.body_hash).hex())

    @admin.display(description="Body")
    def payload(self, delivery: Any) -> SafeString:
        """The body, indented when it is JSON; never run, whatever it holds."""
        if not delivery.body_length:
            return format_html("{}", "It was dropped: only the row is kept.")
        whole = delivery.body_length <= MOST_BYTES
        return format_html(
            '<pre class="xeno-payload" tabindex="0">{}</pre>',
            readable(delivery.body_head, whole=whole),
        )

    @admin.display(description="Received")
    def received(self, delivery: Delivery) -> str:
        """When it came, in the store's time zone."""
        return moment(delivery.received_at)
