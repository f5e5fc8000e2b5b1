"""The saved segments as tabs above the list of customers."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from segments.models import Segment, SegmentMember
from tenants.roles import Right
from tenants.scoping.tabs import TabFilter

MOST_TABS = 8
LONGEST_ID = 18  # digits: any such number is a bigint


class SegmentTabs(TabFilter):
    """Those edited last; choosing one shows who is in it now, by its open rows."""

    title = "segment"
    parameter_name = "segment"
    right = Right.VIEW_SEGMENTS
    every = "All customers"
    more = "admin:segments_segment_changelist"

    def read(self) -> Sequence[tuple[str, str]]:
        rows = Segment.objects.values_list("pk", "name")
        found = rows.order_by("-updated_at", "-pk")[:MOST_TABS]
        asked = self.asked()
        if asked is not None:
            # The chosen one however long ago it was edited, in the same statement.
            found = found.union(rows.filter(pk=asked).order_by())
        return sorted(((str(pk), name) for pk, name in found), key=lambda row: row[1].casefold())

    def asked(self) -> int | None:
        """The id in the address; None where it cannot be one."""
        value = self.value() or ""
        whole = value.isascii() and value.isdecimal() and len(value) <= LONGEST_ID
        return int(value) if whole else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # What is no segment of this store filters nothing, as if it had not been given.
        if self.value() not in dict(self.lookup_choices):
            return queryset
        inside = SegmentMember.objects.filter(
            segment_id=self.asked(), customer=OuterRef("pk"), valid_to=None
        )
        return queryset.filter(Exists(inside))
