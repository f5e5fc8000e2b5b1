"""Links on pages of a lower app to what an upper one does with the same rows."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest


class PageLink(NamedTuple):
    """A button of a page."""

    title: str
    icon: str
    url: str


# None where the user may not, or there is nothing to do.
Offer = Callable[[HttpRequest, Any], PageLink | None]
OFFERS: dict[str, list[Offer]] = defaultdict(list)


def add_page_link(place: str, offer: Offer) -> None:
    """Offer a link at a place: the list of a model ("customers.Customer") or one row's page
    ("segments.Segment.page"). An app calls it in `AppConfig.ready()`."""
    OFFERS[place].append(offer)


def links_at(place: str, request: HttpRequest, row: Any = None) -> list[PageLink]:
    """What is offered to this user there."""
    return [link for offer in OFFERS[place] if (link := offer(request, row)) is not None]
