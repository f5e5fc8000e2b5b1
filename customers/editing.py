"""What staff change of a customer: stored at once, noted, and handed on for Shopify.

A local word and Shopify's are told apart by time, so everything here carries the moment at which
the database took it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from customers import tagging
from customers.actions import save_consents
from customers.data import ConsentData, TagsData
from customers.models import Consent, Customer, CustomerTag
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.upsert import run

MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 250, 255, 5_000  # Shopify's own limits
SETTABLE = (Consent.SUBSCRIBED, Consent.UNSUBSCRIBED)
SOURCE = "staff"


class TagNotValid(Mistake):
    """A text that Shopify would not keep as one tag."""

    code = "tag_not_valid"
    message = f"A tag has 1 to {LONGEST_TAG} characters, and no comma."


class TooManyTags(Mistake):
    """More tags than Shopify keeps of one customer."""

    code = "too_many_tags"
    message = f"A customer can have {MOST_TAGS} tags."


class ReasonRequired(Mistake):
    """Somebody was about to be subscribed without a word on how they agreed."""

    code = "consent_reason_required"
    message = "Say how and when the customer agreed: a consent is never given in their place."


class CannotSubscribe(Mistake):
    """Nobody can be subscribed who has no address, or whose address is not to be written to."""

    code = "cannot_subscribe"
    status = 409
    message = "This customer has no e-mail address, or one that must not be written to."


@dataclass(frozen=True, slots=True)
class Edits:
    """What was changed: tags (True: added), the note that stood before, the moment of a consent."""

    at: datetime
    tags: Mapping[str, bool] = field(default_factory=dict)
    note_before: str | None = None
    consent_at: datetime | None = None

    @property
    def fields(self) -> list[str]:
        """The names of what was changed."""
        changed = {
            "tags": bool(self.tags),
            "note": self.note_before is not None,
            "email_consent": self.consent_at is not None,
        }
        return [name for name, is_changed in changed.items() if is_changed]


class Follower(Protocol):
    """An upper app that carries edits on, within the edit's own transaction."""

    def hold_store(self, *, tenant: Tenant) -> None:
        """Take the locks that must be held before any customer's own."""

    def hold_edits(self, *, customer_id: int) -> None:
        """Let nothing that is on its way of the customer be settled meanwhile."""

    def follow(self, *, tenant: Tenant, customer: Customer, edits: Edits) -> None:
        """Note what is to be done about it."""

    def hold_many(self, *, customer_ids: Sequence[int]) -> None:
        """As `hold_edits`, of many."""

    def follow_many(self, *, tenant: Tenant, edits: Mapping[int, Edits]) -> None:
        """As `follow`, of tags of many customers by our ids."""


FOLLOWERS: list[Follower] = []


def hold_store(*, tenant: Tenant) -> None:
    """Take what an edit needs before it locks the customer; harmless to do twice."""
    for follower in FOLLOWERS:
        follower.hold_store(tenant=tenant)


@transaction.atomic
def edit_customer(
    *,
    actor: Actor,
    tenant: Tenant,
    customer_id: int,
    note: str | None = None,
    tags: Sequence[str] | None = None,
    add_tags: Collection[str] = (),
    remove_tags: Collection[str] = (),
    email_consent: str | None = None,
    consent_reason: str = "",
    consent_source: str = SOURCE,
) -> list[str]:
    """Change what is given of a customer; gives the names of the fields that are not as before.

    `tags` is the whole list, `add_tags` and `remove_tags` are about single ones;
    `consent_source` says by whom the consent was changed, if not by staff. Raises
    TagNotValid, TooManyTags, ReasonRequired, CannotSubscribe; Customer.DoesNotExist.
    """
    hold_store(tenant=tenant)
    customer: Customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    for follower in FOLLOWERS:
        follower.hold_edits(customer_id=customer_id)
    ((now,),) = run("SELECT clock_timestamp()", [])
    edits = Edits(
        at=now,
        tags=change_tags(tenant, customer, now, tags, add_tags, remove_tags),
        note_before=change_note(customer, note),
        consent_at=change_consent(
            tenant, customer, now, email_consent, consent_reason, consent_source
        ),
    )
    if edits.fields:
        Customer.objects.filter(pk=customer.pk).update(synced_at=now)
        save_audit(actor=actor, action="customer.changed", target=customer, fields=edits.fields)
        for follower in FOLLOWERS:
            follower.follow(tenant=tenant, customer=customer, edits=edits)
    return edits.fields


def change_note(customer: Customer, note: str | None) -> str | None:
    """Set the note; gives the one before when it was another."""
    before = customer.note or ""
    if note is None or note == before:
        return None
    Customer.objects.filter(pk=customer.pk).update(note=note)
    return before


def change_tags(
    tenant: Tenant,
    customer: Customer,
    now: datetime,
    whole: Sequence[str] | None,
    adding: Collection[str],
    removing: Collection[str],
) -> dict[str, bool]:
    """Add and remove tags; gives those that were changed, as they are spelt."""
    rows = list(CustomerTag.objects.filter(customer=customer))
    held = {row.tag_key: row.tag for row in rows if row.present}
    wanted = {} if whole is None else read_tags(whole)
    gone = {tag.strip().lower() for tag in removing}
    gone |= held.keys() - wanted.keys() if whole is not None else set()
    new = {key: tag for key, tag in (wanted | read_tags(adding)).items() if key not in held}
    changes = dict.fromkeys(new.values(), True)
    changes |= {held[key]: False for key in sorted(gone & held.keys())}
    if new and len(held.keys() - gone) + len(new) > MOST_TAGS:
        raise TooManyTags(field="tags")
    # Later than every word that is known, whatever clock it came from: this one is the newest.
    known = [*(row.changed_at for row in rows), customer.tags_at or now]
    at = max(now, max(known) + timedelta(milliseconds=1)) if changes else now
    save_tag_words(tenant=tenant, customer=customer, changes=changes, at=at)
    return changes


def save_tag_words(
    *, tenant: Tenant, customer: Customer, changes: Mapping[str, bool], at: datetime
) -> None:
    """Write single words on tags (True: added) as of this moment; newer ones stand."""
    for present in (True, False):
        tags = tuple(tag for tag, is_there in changes.items() if is_there is present)
        if tags:
            words = [TagsData(customer.shopify_id, tags, at, present=present)]
            tagging.save_tags(tenant=tenant, words=words, ids={customer.shopify_id: customer.pk})


def read_tags(tags: Collection[str]) -> dict[str, str]:
    """The tags by their names in lower case, the first spelling of each; raises TagNotValid."""
    found: dict[str, str] = {}
    for tag in (tag.strip() for tag in tags):
        if not 1 <= len(tag) <= LONGEST_TAG or "," in tag or not tag.isprintable():
            raise TagNotValid(field="tags")
        found.setdefault(tag.lower(), tag)
    return found


def change_consent(
    tenant: Tenant,
    customer: Customer,
    now: datetime,
    wanted: str | None,
    reason: str,
    source: str,
) -> datetime | None:
    """Say a word on the consent to e-mail; gives its moment when it was news."""
    if wanted is None or wanted == customer.email_consent:
        return None
    level = None
    if wanted == Consent.SUBSCRIBED:
        check_agreed(customer, reason)
        level = "single_opt_in"
    # Whole seconds, as Shopify tells it back: so its echo is this very word.
    at = now.replace(microsecond=0)
    if customer.email_consent_at and customer.email_consent_at >= at:
        at = customer.email_consent_at.replace(microsecond=0) + timedelta(seconds=1)
    word = ConsentData(
        customer.shopify_id, "email", wanted, level, source, at, reason=reason.strip()
    )
    save_consents(tenant=tenant, consents=[word], ids={customer.shopify_id: customer.pk})
    return at


def check_agreed(customer: Customer, reason: str) -> None:
    """Raise unless somebody says how the customer agreed, and they can be written to."""
    if not customer.email or customer.email_consent in (Consent.REDACTED, Consent.INVALID):
        raise CannotSubscribe
    if not reason.strip():
        raise ReasonRequired(field="consent_reason")
