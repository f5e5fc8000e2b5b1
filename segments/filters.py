"""How the API narrows lists of segments and their members."""

from django_filters import rest_framework as filters

from segments.jobs.models import SegmentJob
from segments.models import Segment
from xeno.lib.api.filtering import MomentFilter


class SegmentFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By how members come about, by the exact name, and for who keeps a copy."""

    kind = filters.ChoiceFilter(choices=Segment.Kind.choices)
    name = filters.CharFilter(label="The whole name, as it is written.")
    updated_after = MomentFilter("updated_at", "gte", label="Edited, from.")


class SegmentJobFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By what they do, and how they stand."""

    kind = filters.ChoiceFilter(choices=SegmentJob.Kind.choices)
    state = filters.ChoiceFilter(choices=SegmentJob.State.choices)
