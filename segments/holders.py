"""Apps above that name segments: asked before one is deleted, and told before its row goes."""

from typing import Protocol

from tenants.models import Tenant


class Holder(Protocol):
    """A module that knows of rows that point to segments."""

    def names_segment(self, segment_id: int) -> bool:
        """Whether something that is still to come needs the segment."""

    def forget_segment(self, *, tenant: Tenant, segment_id: int) -> None:
        """Let go of a segment that nobody sees any more, within the caller's transaction."""


HOLDERS: list[Holder] = []
