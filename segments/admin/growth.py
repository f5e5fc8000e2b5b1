"""How a segment grew in a week, for a row of the list: bounded reads, however large it is."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from segments.models import Segment, SegmentMember
from tenants.scoping.display import NOTHING

WEEK = timedelta(days=7)
MOST = 10_000  # moves that are counted; of more it is said that there are more


def capped(rows: QuerySet[SegmentMember]) -> int:
    """How many rows there are, up to one more than are counted."""
    return rows.order_by().values("pk")[: MOST + 1].count()


def growth_label(segment: Segment) -> SafeString | str:
    """An arrow with the difference of joined and left; what is new has none yet."""
    since = timezone.now() - WEEK
    if segment.created_at > since:
        return NOTHING
    rows = SegmentMember.objects.filter(segment=segment)
    joined = capped(rows.filter(valid_from__gt=since))
    left = capped(rows.filter(valid_to__gt=since))
    if max(joined, left) > MOST:
        return "much"
    if joined == left:
        return "±0"
    kind, arrow = ("up", "▲") if joined > left else ("down", "▼")
    return format_html(
        '<span class="xeno-{}" title="{} joined, {} left">{} {}</span>',
        kind, f"{joined:,}", f"{left:,}", arrow, f"{abs(joined - left):,}",
    )  # fmt: skip
