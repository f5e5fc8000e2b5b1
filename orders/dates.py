"""Dates of orders that cannot be true: a payload may carry any."""

from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

# Before any web shop; an order of before its store's own begin may well be an import.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks differ by minutes; a day ahead is no clock.
AHEAD = timedelta(days=1)


def odd() -> Q:
    """The condition of orders whose date cannot be true."""
    return Q(processed_at__lt=EARLIEST) | Q(processed_at__gt=latest())


def latest() -> datetime:
    """The last moment at which an order that is known by now can have been placed."""
    return timezone.now() + AHEAD


def is_odd(at: datetime) -> bool:
    """Whether no order can have been placed then."""
    return not EARLIEST <= at <= latest()
