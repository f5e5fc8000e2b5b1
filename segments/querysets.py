"""Named reads of segments."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from tenants.scoping.owned import TenantManager, TenantQuerySet

STATE = (
    "members_count", "refreshed_at", "moved_at", "stale_since", "took_ms", "trouble",
    "follows_the_day",
)  # fmt: skip


class SegmentQuerySet(TenantQuerySet[Any]):
    """What one asks of a store's segments."""

    def dynamic(self) -> SegmentQuerySet:
        """Those whose members follow the data."""
        return self.filter(kind="dynamic")

    def static(self) -> SegmentQuerySet:
        """Those whose members are put in by hand."""
        return self.filter(kind="static")

    def with_state(self) -> SegmentQuerySet:
        """Each with how many are in it and how far that follows, as columns of its own."""
        told: SegmentQuerySet = self.annotate(**{name: F(f"states__{name}") for name in STATE})
        return told


class LivingManager(TenantManager[Any]):
    """Leaves out what was deleted and only waits for its rows to go."""

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(deleted_at=None)


SegmentManager = LivingManager.from_queryset(SegmentQuerySet)
