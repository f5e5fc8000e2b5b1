"""Telling Shopify one edit: what it has now is asked first, so that a word is never told twice and
never over a later one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.models import Consent, Customer
from tenants.shopify.answer import Answer
from tenants.shopify.client import AdminApi
from webhooks.mapping.decoding import aware
from webhooks.outbox.keeping import standing_tags
from webhooks.outbox.models import Edit
from webhooks.outbox.queueing import digest

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an edit."""

    state: Edit.State
    code: str = ""
    reason: str = ""
    told_at: datetime | None = None


OVERTAKEN = Outcome(Edit.State.OVERTAKEN)
SENT = Outcome(Edit.State.SENT)
GONE = Outcome(Edit.State.PARKED, "customer_gone", "Shopify knows no such customer.")
NO_ADDRESS = Outcome(Edit.State.PARKED, "no_address", "In Shopify they have no e-mail address.")


@dataclass(frozen=True, slots=True)
class Telling:
    """What a teller knows: the edit, the customer here, and the same in Shopify."""

    api: AdminApi
    edit: Edit
    customer: Customer
    answer: Answer

    @property
    def gid(self) -> str:
        """GraphQL's name of the customer."""
        return gid_of(self.customer)

    @property
    def theirs(self) -> Mapping[str, Any]:
        """The customer as Shopify has them; empty when what it withholds took all with it."""
        found: Mapping[str, Any] = self.answer.data["customer"] or {}
        return found

    def knows(self, field: str) -> bool:
        """Whether the field was told at all; the app may not be allowed to see it."""
        return field in self.theirs and f"customer.{field}" not in self.answer.withheld


def tell(*, api: AdminApi, edit: Edit) -> Outcome:
    """Have Shopify make the change, unless it has it or a later one; raises a ShopifyError."""
    customer = Customer.objects.get(pk=edit.customer_id)
    answer = api.ask("customer_state", id=gid_of(customer))
    if answer.data["customer"] is None and not answer.withheld:
        return GONE
    return TELLERS[edit.field](Telling(api, edit, customer, answer))


def gid_of(customer: Customer) -> str:
    """GraphQL's name of a customer."""
    return f"gid://shopify/Customer/{customer.shopify_id}"


def tell_tags(telling: Telling) -> Outcome:
    """Add and remove the tags that Shopify does not have so yet."""
    ours = standing_tags(telling.customer.pk, telling.edit.payload)
    if not ours:
        return OVERTAKEN
    held = {tag.lower() for tag in telling.theirs.get("tags") or ()}
    known = telling.knows("tags")
    for document, field, present in (("add_tags", "tagsAdd", True),
                                     ("remove_tags", "tagsRemove", False)):  # fmt: skip
        tags = [
            tag
            for key, (tag, wanted) in ours.items()
            if wanted is present and not (known and (key in held) is present)
        ]
        if tags:
            told = telling.api.ask(document, id=telling.gid, tags=tags).data[field]
            if refused := refusal(told):
                return refused
    return SENT


def tell_note(telling: Telling) -> Outcome:
    """Set the note."""
    ours, theirs = telling.customer.note or "", telling.theirs.get("note") or ""
    updated = moment(telling.theirs.get("updatedAt"))
    if telling.knows("note"):
        if theirs == ours:
            return Outcome(Edit.State.SENT, told_at=updated)
        # Changed after ours by somebody there; what stood here before is no such change.
        later = updated is not None and updated > telling.edit.edited_at
        if later and digest(theirs) not in telling.edit.payload.get("bases", ()):
            return OVERTAKEN
    told = telling.api.ask("save_note", id=telling.gid, note=ours).data["customerUpdate"]
    if refused := refusal(told):
        return refused
    return Outcome(Edit.State.SENT, told_at=moment((told["customer"] or {}).get("updatedAt")))


def tell_consent(telling: Telling) -> Outcome:
    """Pass the word on e-mail consent on, with the moment at which it was said."""
    customer, at = telling.customer, datetime.fromisoformat(telling.edit.payload["at"])
    if customer.email_consent_at != at:
        return OVERTAKEN
    theirs = telling.theirs.get("defaultEmailAddress")
    if theirs is None and telling.knows("defaultEmailAddress"):
        return NO_ADDRESS
    if theirs is not None and theirs["marketingState"]:
        if theirs["marketingState"].lower() == customer.email_consent:
            return SENT
        changed = moment(theirs["marketingUpdatedAt"])
        if changed is not None and changed > at:
            return OVERTAKEN
    word = {
        "marketingState": str(customer.email_consent).upper(),
        "consentUpdatedAt": at.isoformat(),
    }
    if customer.email_consent == Consent.SUBSCRIBED:
        word["marketingOptInLevel"] = "SINGLE_OPT_IN"
    given = {"customerId": telling.gid, "emailMarketingConsent": word}
    told = telling.api.ask("save_consent", input=given).data["customerEmailMarketingConsentUpdate"]
    return refusal(told) or SENT


TELLERS: dict[str, Callable[[Telling], Outcome]] = {
    Edit.Field.TAGS: tell_tags,
    Edit.Field.NOTE: tell_note,
    Edit.Field.EMAIL_CONSENT: tell_consent,
}


def refusal(told: Mapping[str, Any]) -> Outcome | None:
    """Why Shopify did not make the change, in its words; None when it did."""
    errors = told["userErrors"]
    if not errors:
        return None
    words = " ".join(str(error["message"]) for error in errors)[:LONGEST_REASON]
    return Outcome(Edit.State.PARKED, "refused", words)


def moment(text: str | None) -> datetime | None:
    """A time as the Admin API tells it."""
    return aware(datetime.fromisoformat(text)) if text else None
