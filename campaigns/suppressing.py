"""Addresses that get nothing more: added by hand, imported, told by providers; and let go again."""

from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from campaigns.models import Suppression
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.upsert import array, run

MOST = 10_000  # addresses of one import
LONGEST = 254


class AddressNotValid(Mistake):
    """What is to be suppressed is no e-mail address."""

    code = "address_not_valid"
    message = "This is no e-mail address."


class TooManyAddresses(Mistake):
    """An import is larger than one call takes."""

    code = "too_many_addresses"
    message = f"Import at most {MOST:,} addresses at once."


# Whoever complained or said no is not made less of by a later import.
ADD = """
    INSERT INTO campaigns_suppression AS old (tenant_id, channel, address, reason, note)
    SELECT %(tenant)s, 'email', new.address, %(reason)s, %(note)s
    FROM unnest(%(addresses)s::text[]) AS new(address)
    ON CONFLICT (tenant_id, channel, address) DO NOTHING
    RETURNING id
"""


def suppress(
    *, tenant: Tenant, addresses: Iterable[str], reason: Suppression.Reason, note: str = ""
) -> int:
    """Let these get nothing more, in one statement; how many were not suppressed before."""
    wanted = sorted({lowered for each in addresses if (lowered := each.strip().lower())})
    if not wanted:
        return 0
    params = {"tenant": tenant.pk, "reason": reason.value, "note": note, "addresses": array(wanted)}
    return len(run(ADD, params))


@transaction.atomic
def add_suppression(*, actor: Actor, tenant: Tenant, address: str, note: str = "") -> Suppression:
    """Suppress one address by hand; raises AddressNotValid. One that is there stays as it is."""
    if not is_address(address):
        raise AddressNotValid(field="address")
    reason = Suppression.Reason.BY_HAND
    added = suppress(tenant=tenant, addresses=[address], reason=reason, note=note)
    row: Suppression = Suppression.objects.get(channel="email", address=address.strip().lower())
    if added:
        save_audit(actor=actor, action="suppression.added", target=row)
    return row


@transaction.atomic
def import_suppressions(
    *, actor: Actor, tenant: Tenant, addresses: Collection[str], note: str = ""
) -> tuple[int, list[int]]:
    """Suppress many: how many were new, and the places of those that are no address.

    Raises TooManyAddresses; what is no address keeps no other out.
    """
    if len(addresses) > MOST:
        raise TooManyAddresses(field="addresses")
    refused = [place for place, each in enumerate(addresses) if not is_address(each)]
    wrong = set(refused)
    good = [each for place, each in enumerate(addresses) if place not in wrong]
    reason = Suppression.Reason.IMPORTED
    added = suppress(tenant=tenant, addresses=good, reason=reason, note=note)
    if added:
        label = Suppression._meta.label_lower
        save_audit(actor=actor, action="suppression.imported", object_type=label)
    return added, refused


@transaction.atomic
def remove_suppression(*, actor: Actor, tenant: Tenant, suppression_id: int) -> None:
    """Let the address be written to again, as far as its consent goes; raises DoesNotExist."""
    row = Suppression.objects.select_for_update().get(pk=suppression_id)
    save_audit(actor=actor, action="suppression.removed", target=row)
    row.delete()


def is_address(text: str) -> bool:
    """Whether it is an e-mail address that a row can hold."""
    if not isinstance(text, str) or len(text.strip()) > LONGEST or "\0" in text:
        return False
    try:
        validate_email(text.strip())
        text.encode()
    except (ValidationError, UnicodeEncodeError):
        return False
    return True
