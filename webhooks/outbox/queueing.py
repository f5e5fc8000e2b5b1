"""Edits become rows of the outbox, in the transaction that stores them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from customers.data import UNDATED
from customers.editing import Edits
from customers.models import Customer
from tenants.audit import Actor
from tenants.models import Tenant
from webhooks import leases
from webhooks.nudge import nudge
from webhooks.outbox.models import Edit, SenderLease
from xeno.lib.upsert import run

LOCK_SECONDS = 5  # for a batch of webhooks to end; then the person is asked to try again
MOST_BASES = 20


def hold_store(*, tenant: Tenant) -> None:
    """Let no batch of webhooks be written until the edit is stored: the next one meets it whole."""
    run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", [])
    leases.hold_for_transaction(tenant=tenant)
    # Whoever came for the inbox meanwhile went away: it is not to wait for the sweep.
    wake_worker(tenant)


def hold_edits(*, customer_id: int) -> None:
    """Let none of the customer's edits be settled until this one is stored."""
    list(Edit.objects.select_for_update().filter(customer_id=customer_id).values_list("pk"))


def follow(*, tenant: Tenant, customer: Customer, edits: Edits) -> None:
    """Put each changed field in line; a word that is still on its way is joined to it.

    Of an imported customer nobody is told before Shopify knows them.
    """
    if customer.shopify_id < 0:
        return
    fields = edits.fields
    waiting = {
        edit.field: edit.payload
        for edit in Edit.objects.filter(customer=customer, state__in=OPEN, field__in=fields)
    }
    for field in fields:
        payload = payload_of(field, edits, waiting.get(field, {}))
        put_in_line(customer=customer, field=field, payload=payload, at=edits.at)


def put_in_line(*, customer: Customer, field: str, payload: dict[str, Any], at: datetime) -> None:
    """Have Shopify told of the field, in place of what it was to be told before."""
    Edit.objects.update_or_create(customer=customer, field=field, defaults=line_of(payload, at))


def hold_many(*, customer_ids: Sequence[int]) -> None:
    """Let none of these customers' edits be settled until this one is stored."""
    edits = Edit.objects.select_for_update().filter(customer__id__any_of=customer_ids)
    list(edits.order_by("pk").values_list("pk"))


def follow_many(*, tenant: Tenant, edits: Mapping[int, Edits]) -> None:
    """Put the tags and consents of many customers in line, in one statement for each."""
    ids = Customer.objects.filter(pk__any_of=list(edits), shopify_id__gt=0)
    known = set(ids.values_list("pk", flat=True))
    for field in (Edit.Field.TAGS, Edit.Field.EMAIL_CONSENT):
        told = {pk: edit for pk, edit in edits.items() if pk in known and field in edit.fields}
        if told:
            put_many_in_line(field, told)


def put_many_in_line(field: Edit.Field, edits: Mapping[int, Edits]) -> None:
    """Have Shopify told of one field of many."""
    rows = Edit.objects.filter(customer__id__any_of=list(edits), field=field, state__in=OPEN)
    waiting = dict(rows.values_list("customer_id", "payload"))
    lines = {
        pk: line_of(payload_of(field, edit, waiting.get(pk, {})), edit.at)
        for pk, edit in edits.items()
    }
    Edit.objects.bulk_create(
        [Edit(customer_id=pk, field=field, **line) for pk, line in lines.items()],
        update_conflicts=True,
        unique_fields=["tenant", "customer", "field"],
        update_fields=list(line_of({}, UNDATED)),
    )


def line_of(payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The columns of an edit that is to be sent."""
    return {
        "state": Edit.State.PENDING,
        "payload": payload,
        "edited_at": at,
        "attempts": 0,
        "held_until": None,
        "code": "",
        "reason": "",
        "done_at": None,
    }


OPEN = (Edit.State.PENDING, Edit.State.PARKED)


def payload_of(field: str, edits: Edits, waiting: dict[str, Any]) -> dict[str, Any]:
    """What tells our word from Shopify's, with that of an edit that was not sent yet."""
    if field == Edit.Field.TAGS:
        told = {tag.lower(): [tag, present] for tag, present in edits.tags.items()}
        return {"tags": waiting.get("tags", {}) | told}
    if field == Edit.Field.NOTE:
        # Each of them may be what Shopify tells until it has the new one.
        return {"bases": fewer([*waiting.get("bases", []), digest(edits.note_before or "")])}
    assert edits.consent_at is not None  # noqa: S101  # or the field would not be named
    return {"at": edits.consent_at.isoformat()}


def fewer(bases: list[str]) -> list[str]:
    """The first of them, which Shopify tells until it has ours, and the last ones."""
    return bases[:1] + bases[1:][-MOST_BASES:]


def digest(note: str) -> str:
    """By what a note is known again."""
    return sha256(note.encode()).hexdigest()


def wake_worker(tenant: Tenant) -> None:
    """Have a worker look at the store after the commit, without waiting for Redis; if the message
    is lost the sweep finds the rows."""
    transaction.on_commit(lambda: nudge(tenant.pk), robust=True)


def forget_edits(*, shopify_ids: Iterable[int]) -> None:
    """Drop the edits of customers that are about to go."""
    gone = Customer.objects.filter(shopify_id__in=set(shopify_ids)).values_list("pk", flat=True)
    Edit.objects.filter(customer_id__in=list(gone)).delete()


def replay_edits(*, tenant: Tenant, edit_ids: Sequence[int]) -> int:
    """Put parked edits back in line; gives how many."""
    parked = Edit.objects.filter(pk__in=edit_ids, state=Edit.State.PARKED)
    count = parked.update(
        state=Edit.State.PENDING, attempts=0, held_until=None, code="", reason="", done_at=None
    )
    wake_worker(tenant)
    return count


def resume(tenant: Tenant, actor: Actor) -> None:
    """A store that is connected anew is told at once what has waited."""
    SenderLease.objects.filter(tenant=tenant, holder=None).update(held_until=Now())
    Edit.objects.filter(state=Edit.State.PENDING).update(held_until=None)
    wake_worker(tenant)
