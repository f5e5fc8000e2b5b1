"""One thing that was looked at, and how it is."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Level(Enum):
    """How it is; the value is what stands in front of the line."""

    WELL = "ok"
    NOTE = "--"
    WRONG = "!!"


@dataclass(frozen=True)
class Finding:
    """Never holds a secret. What is wrong says what to do."""

    subject: str
    said: str
    level: Level = Level.WELL
    remedy: str = ""


def wrong(subject: str, said: str, remedy: str) -> Finding:
    """Something that keeps the install from its work."""
    return Finding(subject, said, Level.WRONG, remedy)


def note(subject: str, said: str, remedy: str = "") -> Finding:
    """Something that is worth knowing and keeps nobody from anything."""
    return Finding(subject, said, Level.NOTE, remedy)


def ago(age: timedelta) -> str:
    """A length of time in its largest unit: `40 s`, `3 min`, `5 h`, `12 days`."""
    seconds = max(int(age.total_seconds()), 0)
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and unit != "days"):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
