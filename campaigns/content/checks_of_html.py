"""What is wrong with HTML that goes into a mail."""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from campaigns.content.findings import Finding, error, warning
from campaigns.content.links import (
    address_of,
    hrefs_of,
    is_foreign,
    scheme_of,
)
from campaigns.content.markup import Attribute, Token, line_at, tokens
from campaigns.content.masking import MASK, OPEN, mask, unmask
from campaigns.content.nesting import check_nesting

# What mailboxes take out, or never run.
NOT_IN_MAIL = frozenset("script iframe object embed form input button video audio".split())  # noqa: SIM905
ADDRESSES = ("href", "src", "background", "action", "poster", "srcset", "formaction")
URL_FIELD = re.compile(
    r"\{\{-?\s*(?:unsubscribe_url|preferences_url|store\.url)\s*(?:\|[^|}]*)*-?\}\}"
)
MOST = 20  # findings of one kind


def check_html(html: str) -> Iterator[Finding]:
    """Links, pictures, tags, and the places where a person's words must not stand."""
    masked, pieces = mask(html)
    found = list(tokens(masked))
    yield from islice(check_links(masked, pieces), MOST)
    yield from islice(check_tags(masked, found), MOST)
    yield from islice(check_places(masked, pieces, found), MOST)
    if "{%" not in html:  # else what is rendered is looked at
        yield from islice(check_nesting(masked), MOST)


def check_links(masked: str, pieces: list[str]) -> Iterator[Finding]:
    """Each link must lead somewhere in the web, or to a mailbox or telephone."""
    for href in hrefs_of(masked):
        line = line_at(masked, href.start)
        address = address_of(href.value)
        if href.is_constant:
            words = trouble_of(address)
            if words:
                yield error("broken_link", words, line=line)
        elif not leads_to_the_web(address, pieces):
            shown = unmask(address, pieces)
            words = f"“{shown}” must begin with https:// or with a field that is an address."
            yield error("broken_link", words, line=line)


def trouble_of(address: str) -> str:
    """What is wrong with an address that is the same for all; '' if nothing is."""
    if not address or address == "#":
        return "A link leads nowhere."
    if is_foreign(address):
        return f"“{address[:50]}”: no mail leads to {scheme_of(address)}:."
    if not scheme_of(address):
        known = address.startswith("#")
        return "" if known else f"“{address[:50]}” is no whole address: begin with https://."
    if scheme_of(address) not in ("http", "https"):
        return ""
    try:
        host, port = urlsplit(address).hostname or "", urlsplit(address).port
    except ValueError:
        host, port = "", None
    bad = not host or " " in address or ".." in host or host.startswith(".") or port == 0
    return f"“{address[:50]}” is no address of the web." if bad else ""


def leads_to_the_web(address: str, pieces: list[str]) -> bool:
    """Whether an address with Liquid in it begins with a host of the author's or a field."""
    mark = MASK.match(address)
    if mark:
        return bool(URL_FIELD.fullmatch(pieces[int(mark[1])]))
    before = address.partition(OPEN)[0]
    scheme = scheme_of(before)
    if scheme in ("http", "https"):
        return bool(re.match(r"https?://[^/?#\s]", before, re.IGNORECASE))
    return scheme in ("mailto", "tel", "sms")


def check_tags(masked: str, found: list[Token]) -> Iterator[Finding]:
    """Pictures without words, links without an address, and what mailboxes take out."""
    for token in found:
        if token.closing:
            continue
        if token.name in NOT_IN_MAIL:
            words = f"Mailboxes take <{token.name}> out."
            yield warning("not_in_mail", words, line=line_at(masked, token.start))
        elif token.name == "img":
            yield from check_picture(token, masked)
        elif token.name == "a" and not is_target(token):
            line = line_at(masked, token.start)
            yield error("broken_link", "A link without an address.", line=line)


def is_target(token: Token) -> bool:
    """Whether an <a> has an address, or is itself where another leads."""
    return bool({"href", "name", "id"} & {name for name, _ in token.attributes})


def check_picture(token: Token, masked: str) -> Iterator[Finding]:
    """A picture has words for who does not see it, and an address that a mailbox finds."""
    line = line_at(masked, token.start)
    if token.attribute("alt") is None:
        yield warning("image_without_alt", "Say in alt what the picture shows.", line=line)
    source = (token.value("src") or "").strip()
    if not source.startswith(("https://", "http://", "cid:", OPEN)):
        yield warning("broken_image", "A picture needs a whole address: https://…", line=line)


def check_places(masked: str, pieces: list[str], found: list[Token]) -> Iterator[Finding]:
    """A person's words may stand in a text or within quotes, and nowhere that they would act."""
    for token in found:
        if token.name in ("#script", "#style") and OPEN in token.text:
            yield misplaced(masked, token.start, f"in <{token.name[1:]}>")
        elif token.name:
            yield from check_attributes(masked, pieces, token)


def check_attributes(masked: str, pieces: list[str], token: Token) -> Iterator[Finding]:
    """The same of one tag."""
    for name, value in token.attributes:
        if not shows(f"{name}{value.value}", pieces):
            continue
        if name.startswith("on") or name == "style":
            yield misplaced(masked, token.start, f"in {name}=…")
        elif not value.quoted or shows(name, pieces):
            yield misplaced(masked, token.start, "in a tag without quotes around it")
        elif name in ADDRESSES and name != "href" and not is_address(value, pieces):
            yield misplaced(masked, token.start, f"at the beginning of {name}=…")


def shows(text: str, pieces: list[str]) -> bool:
    """Whether Liquid writes something here: a tag such as `if` does not."""
    return any(pieces[int(mark[1])].startswith("{{") for mark in MASK.finditer(text))


def is_address(value: Attribute, pieces: list[str]) -> bool:
    """Whether it begins as one of the web."""
    return leads_to_the_web(value.value.strip(), pieces)


def misplaced(masked: str, place: int, where: str) -> Finding:
    """The finding of `check_places`."""
    words = f"A field {where} could act as code: move it into the text."
    return error("field_in_wrong_place", words, line=line_at(masked, place))
