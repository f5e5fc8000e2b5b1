"""What staff edit of a customer is followed by the segments, as what Shopify tells is."""

from collections.abc import Mapping, Sequence

from customers.editing import Edits
from customers.models import Customer
from segments.changes import note_touched
from segments.waking import wake_keeper
from tenants.models import Tenant


def hold_store(*, tenant: Tenant) -> None:
    """Nothing: an edit waits for no refresh."""


def hold_edits(*, customer_id: int) -> None:
    """Nothing, likewise."""


def follow(*, tenant: Tenant, customer: Customer, edits: Edits) -> None:
    """Note what was edited, in the edit's own transaction; a note is read by no segment."""
    kinds = [field for field in edits.fields if field in ("tags", "email_consent")]
    note_touched(tenant=tenant, customer_ids=[customer.pk], kinds=kinds)
    if kinds:
        wake_keeper(tenant)


def hold_many(*, customer_ids: Sequence[int]) -> None:
    """Nothing, likewise."""


def follow_many(*, tenant: Tenant, edits: Mapping[int, Edits]) -> None:
    """Note whose tags were edited."""
    note_touched(tenant=tenant, customer_ids=edits, kinds=["tags"])
    if edits:
        wake_keeper(tenant)
