"""One applier per store at a time: a row with an expiry, never a boolean."""

from uuid import UUID

from tenants.models import Tenant
from xeno.lib.leases import over_sql
from xeno.lib.upsert import run

LEASE_SECONDS = 15  # of a dead worker; a batch holds the row itself, however long it takes
HANDOVER_SECONDS = 10  # for the next turn to begin; then anybody may, as when its message was lost
LONGEST_HOLD = 60  # seconds; nobody leaves it held for so long

# SKIP LOCKED: a store whose lease is being taken is somebody else's work already. The
# database's clock alone decides; workers' clocks may be off.
TAKE = f"""
    UPDATE webhooks_applierlease SET holder = %s,
        expires_at = clock_timestamp() + interval '{LEASE_SECONDS} seconds'
    WHERE tenant_id = (
        SELECT tenant_id FROM webhooks_applierlease
        WHERE tenant_id = %s
            AND ({over_sql("expires_at", seconds=LONGEST_HOLD)} OR holder = ANY(%s))
        FOR UPDATE SKIP LOCKED
    )
    RETURNING tenant_id
"""


def take_lease(*, tenant: Tenant, holder: UUID, ticket: UUID | None = None) -> bool:
    """Take or renew the store's lease; False when another applier holds it.

    A ticket takes over what `leave_to` left to it. It is good for once: the holder is new.
    """
    taking = [holder, tenant.pk, [holder, ticket or holder]]
    if run(TAKE, taking):
        return True
    made = run(
        "INSERT INTO webhooks_applierlease (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING"
        " RETURNING tenant_id",
        [tenant.pk],
    )
    return bool(made and run(TAKE, taking))


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


def leave_to(*, tenant: Tenant, holder: UUID, ticket: UUID) -> None:
    """End the turn, and keep the store for whoever comes with the ticket."""
    run(
        "UPDATE webhooks_applierlease SET holder = %s,"
        f" expires_at = clock_timestamp() + interval '{HANDOVER_SECONDS} seconds'"
        " WHERE tenant_id = %s AND holder = %s",
        [ticket, tenant.pk, holder],
    )


def hold_for_transaction(*, tenant: Tenant) -> None:
    """Be the store's one applier until the caller's transaction ends; waits for the present one.

    It waits no longer than the transaction's lock_timeout, and for a lease that somebody holds
    across transactions it does not wait: what they write is fenced by the rows' own locks.
    """
    run(
        "INSERT INTO webhooks_applierlease (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING",
        [tenant.pk],
    )
    run("SELECT 1 FROM webhooks_applierlease WHERE tenant_id = %s FOR UPDATE", [tenant.pk])
