"""Failpoints of a forked process: where it kills itself with -9, and in which part of its work."""

import mmap
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass
class Dying:
    """What happens in the forked process; `passes` of the point go well before it dies there.

    It says in a byte of shared memory what it was doing, so that a kill counts where it landed.
    """

    points: ClassVar[Mapping[str, str]]  # where it may be, and the part of the work it belongs to

    place: mmap.mmap
    die_at: str = ""
    passes: int = 0

    def reach(self, point: str) -> None:
        """Die here, if it is the place and the time for it."""
        if point == self.die_at:
            self.passes -= 1
            if self.passes < 0:
                self.place[0] = parts_of(self.points).index(self.points[point])
                os.kill(os.getpid(), signal.SIGKILL)


def parts_of(points: Mapping[str, str]) -> list[str]:
    """The parts of the work, as the byte counts them; 0 is none."""
    return ["idle", *dict.fromkeys(points.values())]
