"""Totals that are out of step as a whole: noted with what caused it, brought in step by turns.

The note is a row that the sweep reads, so that neither Redis nor a worker can lose it. Its lock is
who is at it: a killed worker's goes with its session, and what it has committed stays done.
"""

import time

from django.db import transaction

from orders import totals
from segments.changes import note_touched
from tenants.models import Tenant
from webhooks import predicting, rescoring
from xeno.lib.leases import lately_sql
from xeno.lib.upsert import run

TURN_SECONDS = 0.5  # then the next task goes on: a quiet store waits no longer for a large one
PATIENCE_SECONDS = 60  # without a sign of work the sweep tells a worker again

# A change in the middle of a recompute begins it anew: this waits for the running chunk.
ASK = """
    INSERT INTO webhooks_staletotals (tenant_id) VALUES (%s)
    ON CONFLICT (tenant_id) DO UPDATE SET done_to = 0, worked_at = NULL
"""
DUE = f"""
    SELECT 1 FROM webhooks_staletotals WHERE tenant_id = %s
        AND NOT COALESCE({lately_sql("worked_at", seconds=PATIENCE_SECONDS)}, false)
"""
TAKE = "SELECT done_to FROM webhooks_staletotals WHERE tenant_id = %s FOR UPDATE SKIP LOCKED"


def ask_for_recompute(*, tenant: Tenant) -> None:
    """Note, within the caller's transaction, that every total of the store is out of step."""
    run(ASK, [tenant.pk])


def is_due(*, tenant: Tenant) -> bool:
    """Whether the store's totals wait for a worker and none gave a sign of late."""
    return bool(run(DUE, [tenant.pk]))


def note_told(*, tenant: Tenant) -> None:
    """Say that a worker was told: the message may wait in the queue for a while."""
    run(
        "UPDATE webhooks_staletotals SET worked_at = clock_timestamp() WHERE tenant_id = %s",
        [tenant.pk],
    )


def recompute(*, tenant: Tenant, seconds: float = TURN_SECONDS) -> bool:
    """Bring the store's totals in step for one turn; True when some are left for the next.

    Where nothing is noted, or somebody else is at it, this does nothing.
    """
    end = time.monotonic() + seconds
    while more := recompute_chunk(tenant=tenant):
        if time.monotonic() > end:
            break
    return more


@transaction.atomic
def recompute_chunk(*, tenant: Tenant) -> bool:
    """The next customers; False when there were none left, or nothing to do."""
    taken = run(TAKE, [tenant.pk])
    if not taken:
        return False
    # Read under the lock: whoever changes the currency after this has to begin anew.
    tenant.refresh_from_db()
    ids = totals.next_customers(after=taken[0][0])
    if not ids:
        run("DELETE FROM webhooks_staletotals WHERE tenant_id = %s", [tenant.pk])
        rescoring.ask_for_scores(tenant=tenant)
        predicting.ask_for_predictions(tenant=tenant)
        return False
    changed = totals.recompute_totals(tenant=tenant, customer_ids=ids)
    note_touched(tenant=tenant, customer_ids=changed, kinds=["totals"])
    run(
        "UPDATE webhooks_staletotals SET done_to = %s, worked_at = clock_timestamp()"
        " WHERE tenant_id = %s",
        [ids[-1], tenant.pk],
    )
    return True
