"""Tags added to and taken off many customers at once, as `edit_customer` does with one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from customers import tagging
from customers.editing import FOLLOWERS, MOST_TAGS, Edits, hold_store, read_tags
from customers.models import Customer, CustomerTag
from tenants.audit import Actor
from tenants.models import AuditEntry, Tenant
from xeno.lib.upsert import run

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of some customers: our ids of those that changed, and of those that are full."""

    changed: Sequence[int]
    full: Sequence[int]


@dataclass(frozen=True, slots=True)
class Held:
    """A customer's tags before: present ones as they are spelt, and when one was last changed."""

    tags: Mapping[str, str]
    at: datetime


@transaction.atomic
def tag_customers(
    *,
    actor: Actor,
    tenant: Tenant,
    customer_ids: Sequence[int],
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> Tagged:
    """Add and remove these tags of at most MOST_AT_ONCE customers; what they have stays as it is.

    Who would come to hold more tags than Shopify keeps is left alone. Raises TagNotValid.
    """
    if len(customer_ids) > MOST_AT_ONCE:
        raise ValueError("So many customers are several calls.")
    adding, removing = read_tags(add), read_tags(remove)
    hold_store(tenant=tenant)
    customers = lock(customer_ids)
    ids = sorted(customers)
    for follower in FOLLOWERS:
        follower.hold_many(customer_ids=ids)
    ((now,),) = run("SELECT clock_timestamp()", [])
    held = read_held(customers, now)
    wanted = {pk: changes_of(held[pk].tags, adding, removing) for pk in ids}
    full = [pk for pk in ids if count_after(held[pk].tags, wanted[pk]) > MOST_TAGS]
    changed = [pk for pk in ids if wanted[pk] and pk not in full]
    edits = {pk: Edits(at=now, tags=wanted[pk]) for pk in changed}
    write(tenant=tenant, edits=edits, held=held)
    note(actor=actor, customer_ids=changed)
    for follower in FOLLOWERS:
        follower.follow_many(tenant=tenant, edits=edits)
    return Tagged(changed, full)


def lock(customer_ids: Sequence[int]) -> dict[int, datetime | None]:
    """The customers that there are, locked in one order, each with its last whole list's time."""
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__any_of=customer_ids)
    return dict(rows.order_by("pk").values_list("pk", "tags_at"))


def read_held(customers: Mapping[int, datetime | None], now: datetime) -> dict[int, Held]:
    """What each of the customers has."""
    tags: dict[int, dict[str, str]] = defaultdict(dict)
    at = {pk: told_at or now for pk, told_at in customers.items()}
    rows = CustomerTag.objects.filter(customer__id__any_of=list(customers))
    for pk, key, tag, present, changed_at in rows.values_list(
        "customer_id", "tag_key", "tag", "present", "changed_at"
    ):
        at[pk] = max(at[pk], changed_at)
        if present:
            tags[pk][key] = tag
    return {pk: Held(tags[pk], at[pk]) for pk in customers}


def changes_of(
    held: Mapping[str, str], adding: Mapping[str, str], removing: Mapping[str, str]
) -> dict[str, bool]:
    """What changes for somebody who has these tags: True is added."""
    changes = {tag: True for key, tag in adding.items() if key not in held}
    return changes | {held[key]: False for key in removing if key in held and key not in adding}


def count_after(held: Mapping[str, str], changes: Mapping[str, bool]) -> int:
    """How many tags there would be; 0 where none is added, whatever there is already."""
    if True not in changes.values():
        return 0
    return len(held) + sum(1 if added else -1 for added in changes.values())


def write(*, tenant: Tenant, edits: Mapping[int, Edits], held: Mapping[int, Held]) -> None:
    """Write every word in one statement, each the newest of its customer."""
    rows = []
    for pk, edit in edits.items():
        at = max(edit.at, held[pk].at + timedelta(milliseconds=1))
        rows += [(pk, tag, tag.lower(), added, at) for tag, added in edit.tags.items()]
    if rows:
        tagging.save_words(tenant=tenant, rows=rows)
        at = next(iter(edits.values())).at
        Customer.objects.filter(pk__any_of=list(edits)).update(synced_at=at)


def note(*, actor: Actor, customer_ids: Sequence[int]) -> None:
    """An entry for each, so that a customer's history tells of it."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor.user,
            key=actor.key,
            action="customer.changed",
            object_type=Customer._meta.label_lower,
            object_id=str(pk),
            fields=["tags"],
            seen=[],
            address=actor.address,
        )
        for pk in customer_ids
    )
