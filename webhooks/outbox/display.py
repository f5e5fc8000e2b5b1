"""How an edit on its way to Shopify is shown."""

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
# A label of one word; the reason beside it says the rest.
STATE_WORDS = {Edit.State.OVERTAKEN: "Overtaken", Edit.State.PARKED: "Refused"}
LATER = "A later change in Shopify stands."


def tell_state(edit: Edit) -> tuple[str, str]:
    """What became of it in words, and its colour."""
    state = Edit.State(edit.state)
    return STATE_WORDS.get(state, state.label), STATE_KINDS[state]


def reason_of(edit: Edit) -> str:
    """Why Shopify does not have it; empty when it has, or will."""
    return LATER if edit.state == Edit.State.OVERTAKEN else edit.reason


def edits_panel(tenant: Tenant, customer: Customer) -> Panel:
    """What was edited here of a customer, and whether Shopify has it."""
    rows = [
        (
            edit.get_field_display(),
            moment(edit.edited_at),
            label(*tell_state(edit)),
            reason_of(edit) or NOTHING,
        )
        for edit in Edit.objects.filter(customer=customer).order_by("-edited_at")
    ]
    return Panel(
        title="Edited here",
        headers=("What", "When", "In Shopify", "Why"),
        rows=rows,
        right=Right.VIEW_CUSTOMERS,
        note="" if rows else "Nothing was edited here.",
    )
