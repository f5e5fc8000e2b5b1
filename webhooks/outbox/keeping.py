"""What Shopify tells beside an edit that it does not have yet: the later of the two stands.

A consent and a single tag carry moments of their own, by which their tables decide. A note and a
whole list of tags do not, so they are looked at here, before they are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from customers.data import UNDATED, CustomerData, TagsData
from customers.models import CustomerTag
from webhooks.news import News
from webhooks.outbox.models import Edit
from webhooks.outbox.queueing import OPEN, digest


@dataclass(frozen=True, slots=True)
class Kept:
    """An edit as far as it decides what is believed."""

    pk: int
    customer_id: int
    state: str
    payload: Mapping[str, Any]
    edited_at: datetime
    told_at: datetime | None
    version: datetime  # of the customer here


def keep_edits(news: News) -> None:
    """Leave out of the news what would undo a newer edit; note edits that it has overtaken.

    Within the transaction that writes the news, which holds the store's lease.
    """
    noted = {told.shopify_id for told in news.customers if told.note is not None}
    listed = {told.customer_id for told in news.tags if told.whole}
    if not (noted or listed) or not Edit.objects.exists():
        return
    notes = find_edits(Edit.Field.NOTE, noted)
    news.customers = [
        beside_note(told, notes[told.shopify_id]) if told.shopify_id in notes else told
        for told in news.customers
    ]
    tags = find_edits(Edit.Field.TAGS, listed)
    news.tags = [
        beside_tags(told, tags[told.customer_id]) if told.customer_id in tags else told
        for told in news.tags
    ]


def find_edits(field: str, numbers: set[int]) -> dict[int, Kept]:
    """The edits of a field by Shopify's ids of the customers."""
    edits = Edit.objects.filter(field=field, customer__shopify_id__any_of=numbers)
    rows = edits.exclude(state=Edit.State.OVERTAKEN).annotate(
        number=F("customer__shopify_id"), version=F("customer__updated_at")
    )
    return {
        edit.number: Kept(
            edit.pk,
            edit.customer_id,
            edit.state,
            edit.payload,
            edit.edited_at,
            edit.told_at,
            edit.version or UNDATED,
        )
        for edit in rows
    }


def beside_note(told: CustomerData, edit: Kept) -> CustomerData:
    """The customer with the note that Shopify tells, or with none where ours stands."""
    if told.note is None:
        return told
    at = told.updated_at or UNDATED
    if edit.state not in OPEN:
        # It has ours since `told_at`: what it said before is no news.
        return replace(told, note=None) if edit.told_at and at < edit.told_at else told
    later = at > edit.edited_at and at >= edit.version
    if not later or digest(told.note) in edit.payload.get("bases", ()):
        return replace(told, note=None)
    overtake(edit.pk)
    return told


def beside_tags(told: TagsData, edit: Kept) -> TagsData:
    """The whole list with what it cannot know of yet."""
    if not told.whole or edit.state not in OPEN:
        return told
    ours = standing_tags(edit.customer_id, edit.payload)
    others = tuple(tag for tag in told.tags if tag.lower() not in ours)
    return replace(told, tags=others + tuple(tag for tag, present in ours.values() if present))


def standing_tags(customer_id: int, payload: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """The edited tags that no later word has changed, by their names in lower case."""
    wanted = payload.get("tags", {})
    rows = CustomerTag.objects.filter(customer_id=customer_id, tag_key__in=list(wanted))
    held = dict(rows.values_list("tag_key", "present"))
    return {
        key: (tag, present)
        for key, (tag, present) in wanted.items()
        if held.get(key, False) is present
    }


def overtake(edit_id: int) -> None:
    """Note that Shopify's word is the later one: it is not told ours any more."""
    Edit.objects.filter(pk=edit_id, state__in=OPEN).update(
        state=Edit.State.OVERTAKEN, payload={}, code="", reason="", done_at=Now(), held_until=None
    )
