"""One applier per store at a time: a row with an expiry, never a boolean."""

from uuid import UUID

from tenants.models import Tenant
from xeno.lib.upsert import run

LEASE_SECONDS = 60

# SKIP LOCKED: a store whose lease is being taken is somebody else's work already. The
# database's clock alone decides; workers' clocks may be off.
TAKE = f"""
    UPDATE webhooks_applierlease SET holder = %s,
        expires_at = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
    WHERE tenant_id = (
        SELECT tenant_id FROM webhooks_applierlease
        WHERE tenant_id = %s AND (expires_at <= clock_timestamp() OR holder = %s)
        FOR UPDATE SKIP LOCKED
    )
    RETURNING tenant_id
"""


def take_lease(*, tenant: Tenant, holder: UUID) -> bool:
    """Take or renew the store's lease; False when another applier holds it."""
    run(
        "INSERT INTO webhooks_applierlease (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING",
        [tenant.pk],
    )
    return bool(run(TAKE, [holder, tenant.pk, holder]))


def still_holds(*, tenant: Tenant, holder: UUID) -> bool:
    """Whether the lease is still the holder's; keeps it so until the transaction ends."""
    return bool(
        run(
            "SELECT 1 FROM webhooks_applierlease WHERE tenant_id = %s AND holder = %s FOR UPDATE",
            [tenant.pk, holder],
        )
    )


def give_back(*, tenant: Tenant, holder: UUID) -> None:
    """End the lease at once."""
    run(
        "UPDATE webhooks_applierlease SET holder = NULL, expires_at = clock_timestamp()"
        " WHERE tenant_id = %s AND holder = %s",
        [tenant.pk, holder],
    )
