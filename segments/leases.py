"""One keeper of segments per store at a time: a row with an expiry, never a boolean."""

from uuid import UUID

from tenants.models import Tenant
from xeno.lib.leases import over_sql
from xeno.lib.upsert import run

LEASE_SECONDS = 15  # of a dead worker; a refresh holds the row itself, however long it takes

# SKIP LOCKED: a lease whose row is locked is at work. The database's clock alone decides.
TAKE = f"""
    UPDATE segments_membershiplease SET holder = %s,
        expires_at = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
    WHERE tenant_id = (
        SELECT tenant_id FROM segments_membershiplease
        WHERE tenant_id = %s
            AND ({over_sql("expires_at", seconds=LEASE_SECONDS)} OR holder = %s)
        FOR UPDATE SKIP LOCKED
    )
    RETURNING tenant_id
"""


def take_lease(*, tenant: Tenant, holder: UUID) -> bool:
    """Take or renew the store's lease; False when another keeper holds it."""
    taking = [holder, tenant.pk, holder]
    if run(TAKE, taking):
        return True
    made = run(
        "INSERT INTO segments_membershiplease (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING"
        " RETURNING tenant_id",
        [tenant.pk],
    )
    return bool(made and run(TAKE, taking))


def still_holds(*, tenant: Tenant, holder: UUID) -> bool:
    """Whether the lease is still the holder's; keeps it so until the transaction ends."""
    return bool(
        run(
            "SELECT 1 FROM segments_membershiplease WHERE tenant_id = %s AND holder = %s"
            " FOR UPDATE",
            [tenant.pk, holder],
        )
    )


def give_back(*, tenant: Tenant, holder: UUID) -> None:
    """End the lease at once."""
    run(
        "UPDATE segments_membershiplease SET holder = NULL, expires_at = clock_timestamp()"
        " WHERE tenant_id = %s AND holder = %s",
        [tenant.pk, holder],
    )
