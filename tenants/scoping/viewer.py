"""In whose time zone the admin tells moments: the person's who looks, where they chose one.

Days and numbers stay the store's, whoever looks at them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

_zone: ContextVar[ZoneInfo | None] = ContextVar("viewers_zone", default=None)


@contextmanager
def seen_in(name: str) -> Iterator[None]:
    """Tell moments in the zone of this name; of an empty one, in the store's."""
    held = _zone.set(ZoneInfo(name) if name else None)
    try:
        yield
    finally:
        _zone.reset(held)


def find_viewers_zone() -> ZoneInfo | None:
    """The zone of the person who looks; None when they chose none."""
    return _zone.get()
