"""What of a campaign's words is the same for all, done once: links, preheader, text, pixel.

Where something of the message itself goes, a mark stays, and `Prepared.fill` puts it in.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from liquid import BoundTemplate

from campaigns.content.guards import asked_of
from campaigns.content.links import (
    address_of,
    hrefs_of,
    is_foreign,
    is_own,
    is_personal,
    is_web,
    mark,
)
from campaigns.content.liquid import read_template, render
from campaigns.content.masking import CLOSE, OPEN, mask, unmask
from campaigns.content.plain import to_text
from campaigns.content.reading import BOTH

BODY = re.compile(r"<body\b(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>", re.IGNORECASE)
BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
HIDDEN = (
    '<div style="display:none;max-height:0;max-width:0;opacity:0;overflow:hidden;'
    'mso-hide:all;font-size:1px;line-height:1px">'
)
# Mailboxes show what follows a short preheader: nothing, so often that it fills their line.
FILLING = ("&#847;&zwnj;&nbsp;" * 12 + "\n") * 5
PIXEL = '<img src="{}" width="1" height="1" alt="" style="border:0;width:1px;height:1px">'


@dataclass(frozen=True, slots=True)
class Words:
    """A message's words; as drafts still with the marks of links and pixel.

    `preheader` is in the HTML; it is told beside it only by a preview.
    """

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """What of a person's message is counted."""

    clicks: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the words; `constant` when Liquid has nothing to do in it."""

    template: BoundTemplate
    constant: str | None

    def write(self, fields: dict[str, Any]) -> str:
        """The part for a person."""
        return render(self.template, fields) if self.constant is None else self.constant


def read_part(text: str, *, html: bool) -> Part:
    """The part; raises TemplateNotValid."""
    return Part(read_template(text, html=html), None if "{{" in text or "{%" in text else text)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One variant, ready to be written for anybody."""

    nonce: str
    subject: Part
    preheader: Part
    html: Part
    text: Part
    by_hand: bool  # the text part
    urls: tuple[str, ...]  # the links that are the same for all, in order
    made: bool  # whether Liquid makes others
    wanted: frozenset[str]  # of what is read only when it is asked for
    marks: re.Pattern[str] = field(compare=False)

    def draft(self, fields: dict[str, Any]) -> Words:
        """The words for a person; LiquidError when a field is missing that is not guarded."""
        text = self.text.write(fields)
        return Words(
            subject=one_line(self.subject.write(fields)),
            preheader="",
            html=self.html.write(fields),
            text=text if self.by_hand else EMPTY_LINES.sub("\n\n", text).strip(),
        )

    def urls_in(self, drafted: Words) -> list[str]:
        """The addresses that Liquid made for this person and that clicks are counted of."""
        if not self.made:
            return []
        found = [
            address_of(each[2]) for each in self.marks.finditer(drafted.html) if each[1] == "D"
        ]
        return [url for url in found if is_web(url)]

    def fill(self, drafted: Words, fill: Callable[[str, str], str]) -> Words:
        """The marks filled in: `fill(kind, inner)` gives plain text, escaped here for the HTML."""
        return Words(
            subject=drafted.subject,
            preheader=drafted.preheader,
            html=self.marks.sub(lambda each: in_html(each[1], each[2], fill), drafted.html),
            text=self.marks.sub(lambda each: fill(each[1], each[2]), drafted.text),
        )


def in_html(kind: str, inner: str, fill: Callable[[str, str], str]) -> str:
    """What stands in the HTML for a mark."""
    if kind == "O":
        address = fill(kind, "")
        return PIXEL.format(escape(address)) if address else ""
    return escape(fill(kind, address_of(inner)))


# Where Liquid's own tags stood in lines of their own.
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def one_line(subject: str) -> str:
    """A subject as headers have it: no line breaks, no control characters."""
    return CONTROL.sub("", " ".join(subject.split()))


def prepare(
    words: Mapping[str, str],
    *,
    nonce: str,
    tracking: Tracking,
    shared: Mapping[str, Mapping[str, str]] | None = None,
) -> Prepared:
    """Read the four parts of one variant; raises TemplateNotValid.

    `shared` are fields that are the same for all: they are written into the template.
    """
    read_template(words["html"], html=True)
    content = {
        name: with_shared(text, shared or {}, html=name == "html") for name, text in words.items()
    }
    masked, pieces = mask(content["html"])
    masked, urls, made = marked(masked, pieces, nonce=nonce, clicks=tracking.clicks)
    text = content["text"] or unmask(to_text(masked), pieces)
    html = with_preheader(unmask(masked, pieces), content["preheader"])
    if tracking.opens:
        html = with_pixel(html, mark(nonce, "O", ""))
    parts = {
        "subject": read_part(content["subject"], html=False),
        "preheader": read_part(content["preheader"], html=False),
        "html": read_part(html, html=True),
        "text": read_part(text, html=False),
    }
    return Prepared(
        nonce=nonce,
        by_hand=bool(content["text"]),
        urls=tuple(urls),
        made=made,
        wanted=frozenset(name for each in parts.values() for name in wanted_by(each.template)),
        marks=re.compile(f"{OPEN}x{nonce}([LDPO])([^{CLOSE}]*){CLOSE}"),
        **parts,
    )


FIELD = re.compile(r"\{\{\s*([a-z_]+)\.([a-z_]+)\s*\}\}")


def with_shared(text: str, shared: Mapping[str, Mapping[str, str]], *, html: bool) -> str:
    """The text with these fields written in, where Liquid would show them and do nothing else.

    A value with a brace might be read as Liquid, and a template may call its own things so:
    then they stay fields.
    """
    masked, pieces = mask(text)
    liquid = " ".join(piece for piece in pieces if piece.startswith("{%"))
    if "raw" in liquid or "comment" in liquid or any(f" {root}" in liquid for root in shared):
        return text
    for number, piece in enumerate(pieces):
        found = FIELD.fullmatch(piece)
        value = shared.get(found[1], {}).get(found[2]) if found else None
        if value is not None and not {"{", "}", OPEN, CLOSE} & set(value):
            pieces[number] = escape(value) if html else value
    return unmask(masked, pieces)


def marked(
    masked: str, pieces: list[str], *, nonce: str, clicks: bool
) -> tuple[str, list[str], bool]:
    """The HTML with a mark for each link that is filled in later; the constant addresses; and
    whether there are others. L: by number; D: made by Liquid; P: the same, and never counted."""
    urls: list[str] = []
    kept, at, made = [], 0, False
    for href in hrefs_of(masked):
        address = address_of(href.value)
        if href.is_constant:
            if is_foreign(address):
                new = "#"
            elif not clicks or not is_web(address):
                continue
            elif address not in urls:
                urls.append(address)
                new = mark(nonce, "L", str(len(urls) - 1))
            else:
                new = mark(nonce, "L", str(urls.index(address)))
        elif is_own(href.value, pieces):
            continue
        else:
            counted = clicks and not is_personal(href.value, pieces)
            made |= counted
            new = mark(nonce, "D" if counted else "P", href.value)
        kept += [masked[at : href.start], new]
        at = href.end
    return "".join([*kept, masked[at:]]), urls, made


def with_preheader(html: str, preheader: str) -> str:
    """The preheader hidden at the beginning of the body."""
    if not preheader:
        return html
    body = BODY.search(html)
    at = body.end() if body else 0
    words, pieces = mask(preheader)  # a text: only its Liquid stays as it is
    hidden = unmask(escape(words), pieces)
    return f"{html[:at]}{HIDDEN}{hidden}{FILLING}</div>{html[at:]}"


def with_pixel(html: str, pixel: str) -> str:
    """The mark of the pixel at the end of the body."""
    ends = list(BODY_END.finditer(html))
    at = ends[-1].start() if ends else len(html)
    return html[:at] + pixel + html[at:]


def wanted_by(template: BoundTemplate) -> list[str]:
    """Which of BOTH the template asks for, or may."""
    names = [asked.name for asked in asked_of(template)]
    return [root for root in BOTH if any(may_ask(name, root) for name in names)]


def may_ask(name: str, root: str) -> bool:
    """Whether a field is the root, leads into it, or is one that leads to it."""
    inside = name == root or name.startswith((f"{root}.", f"{root}["))
    return inside or root.startswith(f"{name}.") or "[" in name
