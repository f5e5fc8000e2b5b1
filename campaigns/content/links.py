"""Links of a campaign: found once in its HTML, kept as rows, and led through us when clicked.

A link whose address is the same for all is found before Liquid runs. One that Liquid completes is
marked in the template and looked at when the person's message is rendered.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from typing import Any

from campaigns.content.fields import FIELDS
from campaigns.content.guards import asked_of
from campaigns.content.liquid import TemplateNotValid, read_template
from campaigns.content.markup import ATTRIBUTE, TAG, attribute_of
from campaigns.content.masking import CLOSE, MASK, OPEN
from campaigns.models import Campaign, Link
from tenants.models import Tenant
from xeno.lib.upsert import arrays, run, unnest

MOST = 500  # rows of one campaign; what Liquid makes beyond it is led to directly
LONGEST = 2_000
LINKED = frozenset(("a", "area", "v:roundrect", "v:rect", "v:shape"))
SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*)\s*:", re.IGNORECASE)
# Browsers leave these out of an address, so `java\nscript:` is one.
UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
WEB, OTHER = ("http", "https"), ("mailto", "tel", "sms")
OWN = re.compile(r"\{\{-?\s*(?:unsubscribe_url|preferences_url)\s*-?\}\}")
NAMELESS = frozenset(field.name for field in FIELDS if not field.personal)


@dataclass(frozen=True, slots=True)
class Href:
    """The address of one link in a masked HTML, and where its value stands."""

    value: str  # as written, with the marks of its Liquid
    start: int
    end: int

    @property
    def is_constant(self) -> bool:
        """Whether it is the same for all."""
        return OPEN not in self.value


def hrefs_of(masked: str) -> Iterator[Href]:
    """Every link of the HTML, those within Outlook's conditional comments too."""
    for tag in TAG.finditer(masked):
        if tag[1] or tag[2].lower() not in LINKED:
            continue
        for found in ATTRIBUTE.finditer(tag[3]):
            if found[1].lower() == "href" and found[2] is not None:
                written = attribute_of(found, tag.start(3))
                yield Href(written.value, written.start, written.end)
                break


def address_of(written: str) -> str:
    """The address as browsers read it out of an attribute."""
    return unescape(written).strip()


def scheme_of(address: str) -> str:
    """`https`, `javascript`, …; '' of one without."""
    found = SCHEME.match(UNSEEN.sub("", address))
    return found[1].lower() if found else ""


def is_web(address: str) -> bool:
    """Whether it is one that clicks are counted of."""
    return scheme_of(address) in WEB and len(address) <= LONGEST


def is_foreign(address: str) -> bool:
    """Whether it is of a scheme that no mail leads to, such as `javascript:` or `data:`."""
    scheme = scheme_of(address)
    return bool(scheme) and scheme not in WEB and scheme not in OTHER


def is_own(value: str, pieces: list[str]) -> bool:
    """Whether it is our own page: its address is made for the message already."""
    mark = MASK.fullmatch(value.strip())
    return bool(mark and OWN.fullmatch(pieces[int(mark[1])]))


def is_personal(value: str, pieces: list[str]) -> bool:
    """Whether Liquid puts something into it that names the person, or may: kept in no row."""
    liquid = "".join(pieces[int(mark[1])] for mark in MASK.finditer(value))
    try:
        names = {asked.name for asked in asked_of(read_template(liquid, html=True))}
    except TemplateNotValid:  # a block that begins or ends elsewhere
        return True
    return not names <= NAMELESS


def url_hash(url: str) -> str:
    """What a link is found by."""
    return sha256(url.encode("utf-8", "replace")).hexdigest()


COLUMNS = {"url": "text", "url_hash": "text", "position": "integer"}
SAVE = f"""
    INSERT INTO campaigns_link (tenant_id, campaign_id, url, url_hash, position)
    SELECT %s, %s, new.url, new.url_hash, new.position FROM {unnest(COLUMNS)}
    ON CONFLICT (tenant_id, campaign_id, url_hash) DO NOTHING
"""


def save_links(*, tenant: Tenant, campaign: Campaign, urls: Collection[str]) -> dict[str, int]:
    """The ids of the campaign's links by address, those of `urls` among them up to MOST rows.

    Idempotent, whoever else saves the same at once.
    """
    known = find_links(campaign)
    new = [url for url in dict.fromkeys(urls) if url not in known]
    rows = [
        (url, url_hash(url), place)
        for place, url in enumerate(new[: max(MOST - len(known), 0)], start=len(known))
    ]
    if rows:
        run(SAVE, [tenant.pk, campaign.pk, *arrays(COLUMNS, rows)])
        known = find_links(campaign)
    return known


def find_links(campaign: Campaign) -> dict[str, int]:
    """The campaign's links by address."""
    found: Any = Link.objects.filter(campaign=campaign).values_list("url", "pk")
    return dict(found)


def mark(nonce: str, kind: str, inner: str) -> str:
    """Where something of the person's message is put in after rendering.

    Only who knows the nonce can write one: no merge value can.
    """
    return f"{OPEN}x{nonce}{kind}{inner}{CLOSE}"
