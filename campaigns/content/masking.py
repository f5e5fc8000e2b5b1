"""Liquid taken out of a text while its HTML is looked at, and put back.

Each `{{ … }}` and `{% … %}` becomes a mark of private characters, with the line breaks that it
had, so that positions keep their lines.
"""

import re
from collections.abc import Iterator

OPEN, CLOSE = "\ue000", "\ue001"
MASK = re.compile(rf"{OPEN}([0-9]+)\s*{CLOSE}")
START = re.compile(r"\{[{%]")
ENDS = {"{{": "}}", "{%": "%}"}


def mask(text: str) -> tuple[str, list[str]]:
    """The text with a mark for each piece of Liquid, and the pieces."""
    kept: list[str] = []
    pieces: list[str] = []
    for is_liquid, piece in split(text.replace(OPEN, "").replace(CLOSE, "")):
        if is_liquid:
            kept.append(f"{OPEN}{len(pieces)}{line_breaks(piece)}{CLOSE}")
            pieces.append(piece)
        else:
            kept.append(piece)
    return "".join(kept), pieces


def unmask(text: str, pieces: list[str]) -> str:
    """The text with its Liquid again."""
    return MASK.sub(lambda found: pieces[int(found[1])], text)


def split(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it is Liquid."""
    at = 0
    while start := START.search(text, at):
        end = text.find(ENDS[start[0]], start.end())
        if end < 0:
            break
        yield False, text[at : start.start()]
        yield True, text[start.start() : end + 2]
        at = end + 2
    yield False, text[at:]


def line_breaks(piece: str) -> str:
    """As many of them as the piece has."""
    return "\n" * piece.count("\n")
