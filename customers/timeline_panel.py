"""The timeline on the customer's page in the admin: tabs by kind, and pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from customers.consent_timeline import CONSENTS
from customers.models import Customer
from customers.timeline import Event, Source, entries, sources_for
from customers.timeline_cursor import NoCursor, cursor_after, read_cursor
from tenants.roles import Right
from tenants.scoping.display import moment

ROWS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """An event as it is shown."""

    icon: str
    kind: str
    text: str
    at: str
    url: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to the events of one kind, or of all."""

    name: str
    title: str
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the timeline; the queries of the links around it are empty where there is none."""

    lines: Sequence[Line]
    tabs: Sequence[Tab]
    newest: str
    older: str


def show_timeline(customer: Customer, *, asked: QueryDict, holds: Callable[[Right], bool]) -> Shown:
    """The events of `?kind=` before `?before=`, each left out of account where it means nothing."""
    sources = sources_for(holds)
    kind = asked.get("kind", "")
    kind = kind if kind in {source.name for source in sources} else ""
    try:
        before = read_cursor(customer, asked.get("before", ""))
    except NoCursor:
        before = None
    found = entries(customer, holds=holds, before=before, most=ROWS + 1, kind=kind)
    more = len(found) > ROWS
    return Shown(
        lines=[line_of(source, event) for source, event in found[:ROWS]],
        tabs=list(tabs_of(sources, kind, asked)),
        newest=query_of(asked, kind) if before else "",
        older=query_of(asked, kind, cursor_after(customer, found[ROWS - 1][1])) if more else "",
    )


def tabs_of(sources: Sequence[Source], chosen: str, asked: QueryDict) -> list[Tab]:
    """All, then each kind that one may see; consents, which are few, last."""
    ordered = sorted(sources, key=lambda source: source is CONSENTS)
    kinds = [("", "All"), *((source.name, source.title) for source in ordered)]
    return [Tab(name, title, query_of(asked, name), name == chosen) for name, title in kinds]


def query_of(asked: QueryDict, kind: str, before: str = "") -> str:
    """The page's own query with another kind and place."""
    query = asked.copy()
    for name, value in (("kind", kind), ("before", before)):
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


def line_of(source: Source, event: Event) -> Line:
    """The event with the page that it leads to."""
    return Line(source.icon, source.title, event.text, moment(event.at), url_of(event))


def url_of(event: Event) -> str:
    """The page of what it is about; empty where there is none."""
    if event.object_id is None:
        return ""
    try:
        return reverse(
            f"admin:{event.object_type.replace('.', '_')}_change", args=[event.object_id]
        )
    except NoReverseMatch:
        return ""
