"""The timeline on the customer's page in the admin."""

from collections.abc import Callable

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from customers.models import Customer
from customers.timeline import Event, timeline
from tenants.roles import Right
from tenants.scoping.display import Panel, link, moment

ROWS = 30


def timeline_panel(customer: Customer, *, holds: Callable[[Right], bool]) -> Panel:
    """The latest events that one may see, newest first."""
    events = timeline(customer, holds=holds, most=ROWS)
    return Panel(
        title="Timeline",
        headers=("When", "What"),
        rows=[(moment(event.at), told(event)) for event in events],
        right=Right.VIEW_CUSTOMERS,
        note=f"The latest {ROWS}." if len(events) == ROWS else "",
    )


def told(event: Event) -> SafeString | str:
    """What happened, as a link to what it is about where that has a page."""
    name = f"admin:{event.object_type.replace('.', '_')}_change"
    try:
        page = reverse(name, args=[event.object_id])
    except NoReverseMatch:
        return event.text
    return link(page, event.text)
