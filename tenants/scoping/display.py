"""How the admin shows amounts, states, links and small tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.timezone import localtime
from unfold.decorators import display

from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.viewer import find_viewers_zone
from xeno.lib.money import format_money

__all__ = [
    "NOTHING",
    "Card",
    "Panel",
    "day",
    "display",
    "label",
    "link",
    "link_out",
    "moment",
    "money",
    "state_label",
    "with_store",
]

M = TypeVar("M", bound=models.Model)
NOTHING = "-"


@dataclass(frozen=True)
class Card:
    """One figure above an object's own fields."""

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """A table below an object's own fields, for those who hold the right; what matters most of it
    stands above them too."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    right: Right
    note: str = ""
    cards: Sequence[Card] = ()

    @property
    def anchor(self) -> str:
        """By which the page's own links find it."""
        return slugify(self.title)

    @property
    def table(self) -> dict[str, object]:
        """What unfold's table component takes."""
        return {"headers": self.headers, "rows": self.rows}


def with_store(queryset: models.QuerySet[M], store: Tenant) -> models.QuerySet[M]:
    """Rows that know their store's currency and domain: a column has no request to ask, and an
    admin class serves many stores at once."""
    told: models.QuerySet[M] = queryset.annotate(
        store_currency=models.Value(store.currency), store_domain=models.Value(store.shop_domain)
    )
    return told


def moment(at: datetime | None) -> str:
    """A time as the clocks of who looks show it, or else the store's."""
    return str(localize(localtime(at, find_viewers_zone()))) if at else NOTHING


def day(at: datetime | None) -> str:
    """The store's day of a time."""
    return str(localize(localtime(at).date())) if at else NOTHING


def money(amount: Decimal | None, currency: str) -> str:
    """`8,911,407.90 GBP`; a dash when there is no amount."""
    if amount is None:
        return NOTHING
    whole, point, part = format_money(amount, currency).partition(".")
    sign = "-" if whole.startswith("-") else ""  # int("-0") would lose it
    return f"{sign}{abs(int(whole)):,}{point}{part} {currency}"


def label(text: str, kind: str = "") -> SafeString:
    """A coloured label; kinds: info, success, warning, danger, or none."""
    html: SafeString = render_to_string("unfold/helpers/label.html", {"text": text, "type": kind})
    return html


def state_label(value: str | None, kinds: Mapping[Any, str]) -> SafeString | str:
    """A state in Shopify's words as a coloured label; a dash when it told none."""
    if not value:
        return NOTHING
    return label(value.replace("_", " "), kinds.get(value, ""))


def link(url: str, text: object) -> SafeString:
    """A link within the admin."""
    return format_html('<a class="xeno-link" href="{}">{}</a>', url, text)


def link_out(url: str, text: object) -> SafeString:
    """A link that leaves the admin, in a tab of its own."""
    return format_html(
        '<a class="xeno-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>', url, text
    )
