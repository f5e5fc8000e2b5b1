"""One customer is merged into another: what Shopify was not told of the one is told of the other.

Shopify puts the two together from what it knows, so that an edit which was still on its way to
the one that goes would be lost with them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models.functions import Now

from customers.actions import save_consents
from customers.data import UNDATED, ConsentData, MergeData
from customers.editing import LONGEST_NOTE, save_tag_words
from customers.models import Consent, ConsentChange, Customer, CustomerTag
from tenants.models import Tenant
from webhooks.outbox.keeping import standing_tags
from webhooks.outbox.models import Edit
from webhooks.outbox.queueing import OPEN, digest, fewer, put_in_line
from xeno.lib.upsert import run

# What Shopify writes into the kept one while it merges is no later word than ours.
MERGING = timedelta(minutes=1)


def carry_over(
    *, tenant: Tenant, owners: Mapping[int, int | None], merges: Iterable[MergeData]
) -> None:
    """Put unsent edits of leaving customers in line for those they were merged into, unless these
    have a newer edit of the same field.

    `owners` gives for Shopify's id of a leaving customer that of the kept one, who is held here.
    Within the transaction of the merge, which holds the store's lease.
    """
    kept = {leaving: owner for leaving, owner in owners.items() if owner}
    waiting = Edit.objects.filter(customer__shopify_id__any_of=set(kept), state__in=OPEN)
    moments = {merge.deleted_id: merge.merged_at for merge in merges}
    for edit in waiting.select_related("customer").order_by("edited_at", "pk"):
        owner = Customer.objects.get(shopify_id=kept[edit.customer.shopify_id])
        own = Edit.objects.filter(customer=owner, field=edit.field).first()
        if own is None or own.edited_at < edit.edited_at:
            merged_at = moments.get(edit.customer.shopify_id, UNDATED)
            CARRIERS[edit.field](tenant, edit, owner, own, merged_at)


def carry_note(
    tenant: Tenant, edit: Edit, owner: Customer, own: Edit | None, merged_at: datetime
) -> None:
    """Let the note stand below the kept one's own, as Shopify does with two notes."""
    theirs, ours = owner.note or "", edit.customer.note or ""
    both = theirs if ours in theirs else f"{theirs}\n{ours}".strip()[:LONGEST_NOTE]
    Customer.objects.filter(pk=owner.pk).update(note=both, synced_at=Now())
    known = own.payload.get("bases", []) if own and own.state in OPEN else []
    bases = fewer([*known, digest(theirs), *edit.payload.get("bases", [])])
    # Of somebody of whom only the id is known, Shopify's own note is not to be written over.
    at = max(edit.edited_at, merged_at + MERGING) if owner.updated_at else edit.edited_at
    put_in_line(customer=owner, field=edit.field, payload={"bases": bases}, at=at)


def carry_tags(
    tenant: Tenant, edit: Edit, owner: Customer, own: Edit | None, merged_at: datetime
) -> None:
    """Add what was added; take off what was taken off, unless the kept one has it by itself."""
    rows = list(CustomerTag.objects.filter(customer=owner))
    held = {row.tag_key for row in rows if row.present}
    ours = {
        key: (tag, present)
        for key, (tag, present) in standing_tags(edit.customer_id, edit.payload).items()
        if present or key not in held
    }
    if not ours:
        return
    # As of now, later than every word that is known: so it meets the list that Shopify makes.
    ((now,),) = run("SELECT clock_timestamp()", [])
    known = [*(row.changed_at for row in rows), owner.tags_at or now]
    at = max(now, max(known) + timedelta(milliseconds=1))
    save_tag_words(tenant=tenant, customer=owner, changes=dict(ours.values()), at=at)
    waiting = own.payload.get("tags", {}) if own and own.state in OPEN else {}
    told = {key: [tag, present] for key, (tag, present) in ours.items()}
    payload = {"tags": waiting | told}
    put_in_line(customer=owner, field=edit.field, payload=payload, at=edit.edited_at)


def carry_consent(
    tenant: Tenant, edit: Edit, owner: Customer, own: Edit | None, merged_at: datetime
) -> None:
    """Say the word of the kept one too, if it is the newest; nobody is subscribed with an address
    that it was not said of."""
    said, at = edit.customer, datetime.fromisoformat(edit.payload["at"])
    same_address = bool(said.email) and said.email == owner.email
    if said.email_consent_at != at or (
        said.email_consent == Consent.SUBSCRIBED and not same_address
    ):
        return
    change = ConsentChange.objects.filter(customer=said, channel="email", changed_at=at).first()
    word = ConsentData(
        owner.shopify_id,
        "email",
        str(said.email_consent),
        said.email_consent_level,
        change.source if change else "",
        at,
        change.reason if change else "",
    )
    save_consents(tenant=tenant, consents=[word], ids={owner.shopify_id: owner.pk})
    owner.refresh_from_db()
    if (owner.email_consent_at, owner.email_consent) == (at, said.email_consent):
        put_in_line(customer=owner, field=edit.field, payload=edit.payload, at=edit.edited_at)


Carrier = Callable[[Tenant, Edit, Customer, Edit | None, datetime], None]
CARRIERS: dict[str, Carrier] = {
    Edit.Field.NOTE: carry_note,
    Edit.Field.TAGS: carry_tags,
    Edit.Field.EMAIL_CONSENT: carry_consent,
}
