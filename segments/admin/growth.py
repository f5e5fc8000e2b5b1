"""How segments grew, for the rows of a list: one bounded read a page, however large they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from segments.definitions import clock_of
from segments.history import days
from segments.models import Segment
from tenants.models import Tenant
from tenants.scoping.display import NOTHING
from xeno.lib.upsert import array, run

WEEK = timedelta(days=7)
DAYS = 30
MOST = 10_000  # moves of either kind that are read; of more it is said that there are more
WIDTH, HEIGHT = 90, 24

# The newest moves of each segment by its own index, added up by the store's days.
MOVES = """
    SELECT wanted.id, (moves.at AT TIME ZONE %(zone)s)::date,
        sum(moves.joined)::bigint, sum(moves.gone)::bigint,
        sum(moves.joined) FILTER (WHERE moves.at > %(week)s)::bigint,
        sum(moves.gone) FILTER (WHERE moves.at > %(week)s)::bigint
    FROM unnest(%(ids)s::bigint[]) AS wanted(id)
    CROSS JOIN LATERAL (
        (
            SELECT valid_from AS at, 1 AS joined, 0 AS gone FROM segments_segmentmember
            WHERE tenant_id = %(tenant)s AND segment_id = wanted.id AND valid_from >= %(start)s
            ORDER BY valid_from DESC LIMIT %(most)s
        )
        UNION ALL
        (
            SELECT valid_to, 0, 1 FROM segments_segmentmember
            WHERE tenant_id = %(tenant)s AND segment_id = wanted.id AND valid_to >= %(start)s
            ORDER BY valid_to DESC LIMIT %(most)s
        )
    ) AS moves
    GROUP BY 1, 2
"""


@dataclass(slots=True)
class Growth:
    """Who joined and left within a week, and the net moves of each day for the line."""

    line: Sequence[date]
    net: dict[date, int]
    joined: int = 0
    left: int = 0
    all_joined: int = 0
    all_left: int = 0

    @property
    def whole(self) -> bool:
        """Whether every move of the days was read."""
        return max(self.all_joined, self.all_left) <= MOST


def growth_of(*, tenant: Tenant, segment_ids: Sequence[int]) -> Mapping[int, Growth]:
    """Each segment's growth by its id."""
    clock = clock_of(tenant=tenant, now=timezone.now())
    first = clock.today - timedelta(days=DAYS - 1)
    found = {pk: Growth(list(days(first, clock.today)), {}) for pk in segment_ids}
    params = {
        "tenant": tenant.pk, "ids": array(list(segment_ids)), "zone": tenant.timezone,
        "start": clock.start_of(first), "week": clock.now - WEEK, "most": MOST + 1,
    }  # fmt: skip
    for pk, day, joined, left, newly_joined, newly_left in run(MOVES, params):
        growth = found[pk]
        growth.net[day] = joined - left
        growth.all_joined += joined
        growth.all_left += left
        growth.joined += newly_joined or 0
        growth.left += newly_left or 0
    return found


def growth_label(segment: Segment, growth: Growth, members: int) -> SafeString | str:
    """An arrow with the difference of a week and the line of the days; what is new has none yet."""
    if segment.created_at > timezone.now() - WEEK:
        return NOTHING
    line = sparkline(growth, members) if growth.whole else ""
    return format_html('<span class="xeno-growth">{}{}</span>', line, arrow(growth))


def arrow(growth: Growth) -> SafeString | str:
    """The difference of joined and left within a week."""
    joined, left = growth.joined, growth.left
    if max(joined, left) > MOST:
        return "much"
    if joined == left:
        return "±0"
    kind, sign = ("up", "▲") if joined > left else ("down", "▼")
    return format_html(
        '<span class="xeno-{}" title="{} joined, {} left">{} {}</span>',
        kind, f"{joined:,}", f"{left:,}", sign, f"{abs(joined - left):,}",
    )  # fmt: skip


def sparkline(growth: Growth, members: int) -> SafeString:
    """The members at the end of each day, as a line between the fewest and the most."""
    counts = [members]
    for day in reversed(growth.line[1:]):
        counts.append(counts[-1] - growth.net.get(day, 0))
    counts.reverse()
    low, span = min(counts), max(counts) - min(counts)
    step = WIDTH / (len(counts) - 1)
    points = " ".join(
        f"{number * step:.1f},{height(count - low, span):.1f}"
        for number, count in enumerate(counts)
    )
    return format_html(
        '<svg class="xeno-spark" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<polyline points="{}"/></svg>',
        WIDTH, HEIGHT, f"In {DAYS} days from {counts[0]:,} to {counts[-1]:,} members", points,
    )  # fmt: skip


def height(above: int, span: int) -> float:
    """How far down a count is drawn; a line without moves lies in the middle."""
    room = HEIGHT - 4
    return 2 + (room * (1 - above / span) if span else room / 2)
