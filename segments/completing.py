"""What an editor can complete a value from: the store's own tags, countries, products, segments.

Each answer is short and costs a few probes of an index, however many customers there are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf.locale import LANG_INFO
from django.db.models import QuerySet

from customers.models import CustomerAddress, CustomerTag
from orders.models import Product, ProductTag
from segments.models import Segment

MOST = 12
MOST_SEGMENTS = 2000
LAST = "\U0010ffff"  # sorts after every text that begins as the one before it
LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Choice:
    """A value as the language takes it, and what it is."""

    value: str
    label: str = ""


def find_choices(what: str, typed: str) -> list[Choice]:
    """The first few values of this kind that begin with what is typed; none of an unknown kind."""
    find = CHOICES.get(what)
    return list(find(typed.replace("\0", "").strip())) if find else []


def distinct(
    rows: QuerySet[Any], column: str, begins: str, *shown: str
) -> Iterator[tuple[Any, ...]]:
    """Each value of an indexed column that begins so, by one probe of the index each.

    A DISTINCT would read every row of a value that half of the customers have.
    """
    below = {f"{column}__lt": begins + LAST} if begins else {}
    above = {f"{column}__gte": begins or " "}
    for _ in range(MOST):
        row = rows.filter(**above, **below).order_by(column).values_list(column, *shown).first()
        if row is None:
            return
        yield row
        above = {f"{column}__gt": row[0]}


def tags(typed: str) -> Iterator[Choice]:
    """Tags that customers carry."""
    carried = CustomerTag.objects.filter(present=True)
    for _, tag in distinct(carried, "tag_key", typed.lower(), "tag"):
        yield Choice(tag)


def product_tags(typed: str) -> Iterator[Choice]:
    """Tags of products."""
    for _, tag in distinct(ProductTag.objects.all(), "tag_key", typed.lower(), "tag"):
        yield Choice(tag)


def places(column: str) -> Callable[[str], Iterator[Choice]]:
    """Codes of places that somebody lives in."""

    def find(typed: str) -> Iterator[Choice]:
        for begins in dict.fromkeys((typed, typed.upper())):
            codes = [code for (code,) in distinct(CustomerAddress.objects.all(), column, begins)]
            if codes:
                yield from map(Choice, codes)
                return

    return find


def products(typed: str) -> Iterator[Choice]:
    """Products by the beginning of their title, or by their id."""
    sold = Product.objects.all()
    if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_ID:
        found = sold.filter(shopify_id=int(typed))
    else:
        found = sold.filter(title_search__prefix=typed) if typed else sold
    for shopify_id, title in found.order_by("title_search", "pk").values_list(
        "shopify_id", "title"
    )[:MOST]:
        yield Choice(str(shopify_id), title)


def segments(typed: str) -> Iterator[Choice]:
    """Segments that have what is typed in their name."""
    newest = Segment.objects.order_by("-updated_at", "-pk")[:MOST_SEGMENTS]
    found = [
        Choice(segment.name, segment.get_kind_display())
        for segment in newest.only("name", "kind")
        if typed.casefold() in segment.name.casefold()
    ]
    yield from found[:MOST]


def languages(typed: str) -> Iterator[Choice]:
    """Languages by their code or name."""
    sought = typed.casefold()
    named = ((code, info.get("name", "")) for code, info in LANG_INFO.items())
    found = (
        Choice(code, name)
        for code, name in named
        if name and (code.startswith(sought) or name.casefold().startswith(sought))
    )
    yield from islice(found, MOST)


CHOICES: dict[str, Callable[[str], Iterator[Choice]]] = {
    "tags": tags,
    "product_tags": product_tags,
    "countries": places("country"),
    "regions": places("region"),
    "cities": places("city"),
    "products": products,
    "segments": segments,
    "languages": languages,
}
# Parameters and attributes whose values are found elsewhere than the registry says.
COMPLETES = {
    ("products_purchased", "id"): "products",
    ("products_purchased", "tag"): "product_tags",
    ("customer_tag_prefix", ""): "tags",
}
