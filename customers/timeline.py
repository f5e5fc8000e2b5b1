"""What happened to a customer, newest first: apps above add their sources in AppConfig.ready().

Each source reads a bounded page of its own rows by an index; the pages are merged here, so that a
customer of ten years costs what a new one does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from customers.models import Customer
from tenants.roles import Right

PAGE = 50
Place = tuple[datetime, str]  # the moment and the key of an event


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `kind` is for programs, `text` for people.

    `key` tells events of one moment apart, and is stable.
    """

    at: datetime
    kind: str
    text: str
    key: str
    object_type: str = ""
    object_id: int | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the timeline."""
        return self.at, self.key


# A page of the customer's events up to, with, the moment (None: up to now), newest first.
Find = Callable[[Customer, datetime | None, int], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from, for those who hold the right; by its name one asks for them alone."""

    name: str
    right: Right
    find: Find
    title: str
    icon: str


Entry = tuple[Source, Event]
SOURCES: dict[str, Source] = {}


def add_timeline_source(source: Source) -> None:
    """Let its events stand in every customer's timeline; adding it twice shows them once."""
    SOURCES[source.name] = source


def sources_for(holds: Callable[[Right], bool]) -> list[Source]:
    """Those whose events one may see."""
    return [source for source in SOURCES.values() if holds(source.right)]


def entries(
    customer: Customer,
    *,
    holds: Callable[[Right], bool],
    before: Place | None = None,
    most: int = PAGE,
    kind: str = "",
) -> list[Entry]:
    """The customer's events before a place, newest first, of those sources that one may see.

    `kind` is the name of a source, for its events alone.
    """
    found = [
        (source, event)
        for source in sources_for(holds)
        if kind in ("", source.name)
        for event in page_of(source, customer, before, most)
    ]
    found.sort(key=lambda entry: entry[1].place, reverse=True)
    return found[:most]


def timeline(
    customer: Customer,
    *,
    holds: Callable[[Right], bool],
    before: Place | None = None,
    most: int = PAGE,
    kind: str = "",
) -> list[Event]:
    """The events of `entries`."""
    found = entries(customer, holds=holds, before=before, most=most, kind=kind)
    return [event for _, event in found]


def page_of(source: Source, customer: Customer, before: Place | None, most: int) -> list[Event]:
    """The source's own events before a place, as many as are wanted or as there are."""
    if before is None:
        return list(source.find(customer, None, most))
    asked = most + 1
    while True:
        events = source.find(customer, before[0], asked)
        left = [event for event in events if event.place < before]
        if len(left) >= most or len(events) < asked:
            return left[:most]
        asked *= 2  # more of them lie in the one moment than were asked for
