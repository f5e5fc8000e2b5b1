"""How an edit on its way to Shopify is shown."""

from django.utils.safestring import SafeString

from customers.models import Customer
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Panel, label, moment
from webhooks.outbox.models import Edit

STATE_KINDS = {
    Edit.State.PENDING: "info",
    Edit.State.SENT: "success",
    Edit.State.OVERTAKEN: "warning",
    Edit.State.PARKED: "danger",
}


def state_of(edit: Edit) -> SafeString:
    """What became of it, as a label."""
    return label(edit.get_state_display(), STATE_KINDS[Edit.State(edit.state)])


def edits_panel(tenant: Tenant, customer: Customer) -> Panel:
    """What was edited here of a customer, and whether Shopify has it."""
    edits = Edit.objects.filter(customer=customer).order_by("-edited_at")
    return Panel(
        title="Edited here",
        headers=("What", "When", "State", "Why"),
        rows=[
            (
                edit.get_field_display(),
                moment(edit.edited_at),
                state_of(edit),
                edit.reason or NOTHING,
            )
            for edit in edits
        ],
        right=Right.VIEW_CUSTOMERS,
    )
