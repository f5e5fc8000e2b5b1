"""The text part of a message, made from its HTML."""

import re
from html import unescape

from campaigns.content.markup import Token, tokens

BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3"  # noqa: SIM905
    " h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
APART = frozenset("blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul".split())  # noqa: SIM905
SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u034f\u200c]+")
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# What an entity spells is a text, and must not be read as Liquid.
SPELT = re.compile(r"\{(?=[{%])")


class PlainText:
    """Takes tags and texts one after the other, and gives lines."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self.links: list[tuple[str, int, int]] = []  # address, and where its words begin
        self.lists: list[int | None] = []  # the number of the last item; None: not numbered
        self.hidden: list[str] = []  # names of open tags, from the one that hides on

    def take(self, token: Token) -> None:
        """One token more."""
        if token.name.startswith("#"):
            return
        if self.hidden:
            self.take_hidden(token)
        elif not token.name:
            self.write(unescape(token.text))
        elif token.closing:
            self.close(token.name)
        else:
            self.open(token)

    def take_hidden(self, token: Token) -> None:
        """Count the tags until what hides is closed."""
        if token.name == self.hidden[0]:
            self.hidden = self.hidden[1:] if token.closing else [token.name, *self.hidden]

    def open(self, token: Token) -> None:
        """A tag that begins."""
        name = token.name
        if name in BLOCKS:
            self.end_line(apart=name in APART)
        if HIDDEN.search(token.value("style") or "") and name not in ("img", "br", "hr"):
            self.hidden = [name]
        elif name == "br":
            self.lines.append("")
        elif name == "hr":
            self.write("---")
            self.end_line(apart=True)
        elif name == "img":
            self.write(token.value("alt") or "")
        elif name in ("ul", "ol"):
            self.lists.append(0 if name == "ol" else None)
        elif name == "li":
            self.lines[-1] += self.item()
        elif name == "a":
            self.links.append((token.value("href") or "", len(self.lines), len(self.lines[-1])))

    def close(self, name: str) -> None:
        """A tag that ends."""
        if name == "a" and self.links:
            self.end_link()
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif name in ("td", "th"):
            self.write(" ")
        if name in BLOCKS:
            self.end_line(apart=name in APART)

    def item(self) -> str:
        """What stands before an item of a list."""
        indent = "  " * max(len(self.lists) - 1, 0)
        if not self.lists or self.lists[-1] is None:
            return f"{indent}- "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1]}. "

    def end_link(self) -> None:
        """The address behind its words, unless they are the same."""
        href, line, column = self.links.pop()
        href = SPACES.sub("", href)
        words = " ".join(["".join(self.lines[line - 1])[column:], *self.lines[line:]]).strip()
        if not href or href.startswith("#") or href.removeprefix("mailto:") == words:
            return
        self.write(f" ({href})" if words else href)

    def write(self, text: str) -> None:
        """A text on the present line; runs of spaces are one."""
        words = SPACES.sub(" ", text)
        if not self.lines[-1] or self.lines[-1].endswith(" "):
            words = words.removeprefix(" ")
        self.lines[-1] += words

    def end_line(self, *, apart: bool) -> None:
        """Go on a new line, with an empty one between where that is usual."""
        if self.lines[-1].strip():
            self.lines.append("")
        if apart and len(self.lines) > 1 and self.lines[-2].strip():
            self.lines.append("")

    def result(self) -> str:
        """The lines, at most one empty one between two."""
        text = "\n".join(line.rstrip() for line in self.lines)
        text = re.sub(r"\n{3,}", "\n\n", text).strip()
        return SPELT.sub("{% raw %}{{% endraw %}", text)


def to_text(html: str) -> str:
    """Headings, paragraphs, lists, links as `words (address)`, and images by their alt."""
    made = PlainText()
    for token in tokens(html):
        made.take(token)
    return made.result()
