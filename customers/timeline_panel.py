"""The timeline on the customer's page in the admin."""

from collections.abc import Callable

from customers.models import Customer
from customers.timeline import timeline
from tenants.roles import Right
from tenants.scoping.display import Panel, moment

ROWS = 30


def timeline_panel(customer: Customer, *, holds: Callable[[Right], bool]) -> Panel:
    """The latest events that one may see, newest first."""
    events = timeline(customer, holds=holds, most=ROWS)
    return Panel(
        title="Timeline",
        headers=("When", "What"),
        rows=[(moment(event.at), event.text) for event in events],
        right=Right.VIEW_CUSTOMERS,
        note=f"The latest {ROWS}." if len(events) == ROWS else "",
    )
