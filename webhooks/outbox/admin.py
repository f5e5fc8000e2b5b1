"""The outbox in the admin: what was edited here, whether Shopify has it, and "replay"."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import link, moment
from tenants.scoping.filtering import ChoiceFilter
from tenants.scoping.next_steps import NextStep
from tenants.shopify.errors import words_of
from webhooks.admin_base import WorkAdmin
from webhooks.outbox.display import reason_of, tell_state
from webhooks.outbox.models import Edit, SenderLease
from webhooks.outbox.queueing import replay_edits

MOST_REPLAYED = 1_000


@admin.register(Edit)
class EditAdmin(WorkAdmin[Edit]):
    """With a replay of what Shopify refused; of the person only our id is shown."""

    empty_text = "What your team changes of customers appears here on its way to Shopify."
    next_step = NextStep(
        "See the customers", "admin:customers_customer_changelist", Right.VIEW_CUSTOMERS
    )
    list_display = ("what", "whose", "edited", "what_became", "attempts", "why")
    list_filter = (ChoiceFilter.of("state", Edit.State.choices),)
    actions = ["replay"]
    fields = (("what", "whose"), ("edited", "done"), ("what_became", "attempts"), "why")

    @admin.action(description="Replay", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Edit]) -> None:
        """Put the chosen parked edits back in line."""
        chosen = list(queryset.order_by().filter(state=Edit.State.PARKED)[:MOST_REPLAYED])
        again = replay_edits(tenant=get_store(request), edit_ids=[edit.pk for edit in chosen])
        for edit in chosen[:100]:
            self.audit(request, "replayed", edit)
        messages.success(
            request,
            f"{again:,} will be sent again." if again else "None of these was refused by Shopify.",
        )

    @admin.display(description="What")
    def what(self, edit: Edit) -> str:
        """The field that was edited."""
        return edit.get_field_display()

    @admin.display(description="Customer")
    def whose(self, edit: Edit) -> SafeString:
        """The customer's page."""
        url = reverse("admin:customers_customer_change", args=[edit.customer_id])
        return link(url, f"Customer {edit.customer_id}")

    @admin.display(description="Edited")
    def edited(self, edit: Edit) -> str:
        """When, in the store's time zone."""
        return moment(edit.edited_at)

    @admin.display(description="Settled")
    def done(self, edit: Edit) -> str:
        """When it was settled."""
        return moment(edit.done_at)

    def tell_state(self, row: Edit) -> tuple[str, str]:
        return tell_state(row)

    def explain(self, row: Any) -> str:
        """What keeps it from Shopify: its refusal, or what is the matter with the store."""
        trouble = row.trouble if row.state == Edit.State.PENDING else ""
        return reason_of(row) or (words_of(trouble) if trouble else "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edit]:
        lease = SenderLease.objects.filter(tenant=OuterRef("tenant"))
        trouble = Subquery(lease.values("trouble"))
        return super().get_queryset(request).defer("payload").annotate(trouble=trouble)
