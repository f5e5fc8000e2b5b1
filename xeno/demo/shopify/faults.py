"""What can be ordered to go wrong."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Faults:
    """Each number counts down: so many of the next answers are of that kind.

    `slow_seconds` delays every answer; `partial_bulk` ends the next bulk operations as FAILED
    with the given share of the lines; `still_bulk` is how often one is found no further.
    """

    throttled: int = 0
    too_many: int = 0
    broken: int = 0
    frozen: int = 0
    dropped: int = 0
    retry_after: str = ""
    slow_seconds: float = 0.0
    partial_bulk: int = 0
    partial_share: float = 0.5
    still_bulk: int = 0
    withheld: set[str] = field(default_factory=set)  # fields of customers, such as "note"
    seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> bool:
        """Whether the next answer is to go wrong in this way; uses one up."""
        with self._lock:
            left: int = getattr(self, name)
            if left <= 0:
                return False
            setattr(self, name, left - 1)
            self.seen[name] += 1
            return True
