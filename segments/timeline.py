"""That a customer joined or left a segment, in the timeline."""

from collections.abc import Sequence
from datetime import datetime

from customers.models import Customer
from customers.timeline import Event, Source
from segments.models import SegmentMember
from tenants.roles import Right


def find_moves(customer: Customer, until: datetime | None, most: int) -> Sequence[Event]:
    """The newest joinings and leavings; those of deleted segments are left out."""
    rows = SegmentMember.objects.filter(customer=customer, segment__deleted_at=None)
    rows = rows.select_related("segment")
    found = list[Event]()
    for column, verb in (("valid_from", "joined"), ("valid_to", "left")):
        moved = rows.filter(**{f"{column}__isnull": False})
        if until:
            moved = moved.filter(**{f"{column}__lte": until})
        found += [
            Event(
                at=getattr(row, column),
                kind=f"segment.{verb}",
                text=f"{verb.title()} the segment {row.segment.name}",
                key=f"segment.{verb}:{row.pk:020}",
                object_type="segments.segment",
                object_id=row.segment_id,
            )
            for row in moved.order_by(f"-{column}", "-pk")[:most]
        ]
    return sorted(found, key=lambda event: event.place, reverse=True)[:most]


MOVES = Source("segments", Right.VIEW_SEGMENTS, find_moves, "Segments", "filter_alt")
