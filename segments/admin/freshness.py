"""How fresh a segment's count is, in words."""

from django.utils.timesince import timesince

from segments.freshness import Freshness
from segments.models import Segment
from tenants.scoping.display import moment

TROUBLES = {
    "segment_leads_to_itself": "Its query leads back to itself: edit it.",
    "segment_syntax": "Its query can no longer be read: edit it.",
}
STUCK = "It could not be refreshed; it is tried again."


def short_words(segment: Segment, fresh: Freshness | None) -> str:
    """For a row of the list."""
    if not segment.dynamic:
        return "by hand"
    if fresh is None or fresh.as_of is None:
        return "being counted"
    if fresh.trouble:
        return "does not follow"
    return f"as of {timesince(fresh.as_of, depth=1)} ago" if fresh.pending else "up to date"


def long_words(segment: Segment, fresh: Freshness) -> str:
    """For the segment's own page."""
    if not segment.dynamic:
        return "By hand: it changes when somebody is added or removed."
    if fresh.trouble:
        return TROUBLES.get(fresh.trouble, STUCK)
    if fresh.as_of is None:
        return "Its members are being found for the first time."
    refreshed = f"refreshed as a whole {moment(fresh.refreshed_at)}"
    if fresh.pending:
        return f"As of {moment(fresh.as_of)}; later changes wait. {refreshed.capitalize()}."
    return f"Up to date as of {moment(fresh.as_of)}, {refreshed}."
