"""Segments as one text, to keep beside code or carry to another store; read back as written.

    # Segments of Hart & Thread. Lines that begin with # are comments.

    [VIP]
    # Many orders and much money
        number_of_orders >= 5 AND amount_spent > 1000

A name stands in brackets at the beginning of a line; comments right under it are the description;
the query follows, and may take several lines. What is written here has its queries indented by
four spaces, which are no part of them, so that a line of a query is never taken for a name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

INDENT = "    "
MOST_SEGMENTS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment of a text; `line` is where its name stands, from 1."""

    name: str
    query: str
    description: str = ""
    line: int = 0


def write_segments(entries: Iterable[Entry], *, comments: Sequence[str] = ()) -> Iterator[str]:
    """The text of these segments, piece by piece; `comments` stand at its top."""
    yield "".join(f"# {line}\n" for line in comments)
    for entry in entries:
        yield f"\n[{entry.name}]\n"
        yield "".join(f"# {line}\n" for line in entry.description.splitlines() if line.strip())
        yield "".join(f"{INDENT}{line}\n" for line in entry.query.split("\n"))


def read_segments(text: str) -> list[Entry]:
    """The segments of a text, in its order; what stands before the first name is left out.

    Nothing is judged here: an entry may have an empty query, or one that cannot be read.
    """
    found: list[Draft] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        if name := name_of(line):
            found.append(Draft(name, number))
        elif found:
            found[-1].add(line)
    return [draft.entry for draft in found]


def name_of(line: str) -> str:
    """The name that the line gives; '' for any other line."""
    ended = line.rstrip()
    return ended[1:-1].strip() if ended.startswith("[") and ended.endswith("]") else ""


class Draft:
    """A segment as far as its lines have been read."""

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        self.remarks: list[str] = []
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        """Take one more line."""
        if line.startswith("#"):
            if not self.lines:
                self.remarks.append(line[1:].strip())
        elif line.strip() or self.lines:
            self.lines.append(line.removeprefix(INDENT))

    @property
    def entry(self) -> Entry:
        """The segment; empty lines behind a query are no part of it."""
        query = "\n".join(self.lines).rstrip()
        return Entry(self.name, query, "\n".join(self.remarks), self.line)
