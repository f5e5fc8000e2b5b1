"""The pages of segments for staff."""

from segments.admin.listing import SegmentAdmin

__all__ = ["SegmentAdmin"]
