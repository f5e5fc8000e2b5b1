"""HTML as a list of tags and texts, in linear time whatever it holds.

`html.parser` of Python 3.11 needs time that grows with the square of a text such as `<a <a <a …`:
minutes for one template. Here a tag ends before the next `<`, so nothing is read twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

INSIDE = r"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*"""
TAG = re.compile(rf"<(/?)([a-zA-Z][\w:-]*)({INSIDE})>")
DECLARATION = re.compile(r"<[!?][^<>]*>")
ATTRIBUTE = re.compile(r"""([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
# What is between these and their end is no text and has no tags.
OPAQUE = ("script", "style", "title", "textarea")
VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; `start` and `end` are the value's place in the whole, quotes left out."""

    value: str  # as written
    quoted: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A tag (with a name) or a text between tags."""

    text: str
    start: int
    name: str = ""
    closing: bool = False
    attributes: tuple[tuple[str, Attribute], ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of this name."""
        return next((found for key, found in self.attributes if key == name), None)

    def value(self, name: str) -> str | None:
        """Its value as browsers read it; None when there is no such attribute."""
        found = self.attribute(name)
        return None if found is None else unescape(found.value)


def tokens(html: str) -> Iterator[Token]:
    """Every tag and text; comments and declarations are left out."""
    at = place = 0
    while (place := html.find("<", place)) >= 0:
        found, end = read_at(html, place)
        if end == place:  # a `<` that begins nothing
            place += 1
            continue
        if at < place:
            yield Token(html[at:place], at)
        if found is not None:
            yield found
            if found.name in OPAQUE and not found.closing:
                close = re.compile(f"</{found.name}", re.IGNORECASE).search(html, end)
                inner = close.start() if close else len(html)
                yield Token(html[end:inner], end, name=f"#{found.name}")
                end = inner
        at = place = end
    if at < len(html):
        yield Token(html[at:], at)


def read_at(html: str, place: int) -> tuple[Token | None, int]:
    """The tag that begins here, and where it ends; the same place when nothing begins here."""
    if html.startswith("<!--", place):
        end = html.find("-->", place + 4)
        return None, len(html) if end < 0 else end + 3
    tag = TAG.match(html, place)
    if tag is not None:
        return token_of(tag), tag.end()
    declaration = DECLARATION.match(html, place)
    return None, declaration.end() if declaration else place


def token_of(tag: re.Match[str]) -> Token:
    """What a match of TAG tells."""
    attributes = tuple(
        (found[1].lower(), attribute_of(found, tag.start(3)))
        for found in ATTRIBUTE.finditer(tag[3])
    )
    return Token(tag[0], tag.start(), tag[2].lower(), bool(tag[1]), attributes)


def attribute_of(found: re.Match[str], offset: int) -> Attribute:
    """The value of one attribute and its place."""
    written = found[2] or ""
    quoted = written[:1] in ("'", '"')
    start, end = (
        (found.start(2), found.end(2)) if found[2] is not None else (found.end(), found.end())
    )
    inner = int(quoted)
    value = written[inner : len(written) - inner]
    return Attribute(value, quoted, offset + start + inner, offset + end - inner)


def line_at(text: str, place: int) -> int:
    """The line, from 1, of a place in the text."""
    return text.count("\n", 0, place) + 1
