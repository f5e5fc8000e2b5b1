"""What a check of content says."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (an error: it cannot be sent) or could be better (a warning).

    `part` is subject, preheader, html, text, sender or settings; `line` counts from 1 in it;
    `variant` is '' where all of them are meant.
    """

    code: str
    severity: Severity
    words: str
    part: str = "html"
    line: int | None = None
    variant: str = ""


def error(code: str, words: str, *, part: str = "html", line: int | None = None) -> Finding:
    """Something that keeps the message from being sent."""
    return Finding(code, "error", words, part, line)


def warning(code: str, words: str, *, part: str = "html", line: int | None = None) -> Finding:
    """Something to think about."""
    return Finding(code, "warning", words, part, line)
