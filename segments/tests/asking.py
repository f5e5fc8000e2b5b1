"""Asking queries in tests: of Ana's store, on the first of March 2026 at ten."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from segments.compiling.compiler import matching
from segments.language import parse
from segments.language.clock import Clock

CLOCK = Clock(datetime(2026, 3, 1, 10, tzinfo=UTC), ZoneInfo("Europe/London"), "GBP")


def in_zone(name, now=CLOCK.now):
    """The same moment, or another one, where the store's clock shows something else."""
    return replace(CLOCK, zone=ZoneInfo(name), now=now)


def found(text, *, clock=CLOCK, among=None):
    """Our ids of those whom the query finds."""
    rows = matching(parse(text), clock=clock, among=among)
    return set(rows.values_list("pk", flat=True))


def finds(text, customer, *, clock=CLOCK):
    """Whether the query finds the customer; asked of all, and of the one alone."""
    everybody = customer.pk in found(text, clock=clock)
    alone = bool(found(text, clock=clock, among=[customer.pk]))
    assert everybody is alone, text
    return everybody


def at(text):
    """A moment of UTC: `2026-02-28T23:59`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
