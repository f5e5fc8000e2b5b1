"""Scores of customers that are out of step: at the store's midnight, and when asked for.

The row says what is due, so that neither Redis nor a worker can lose it. Whoever scores holds it
by a lease that runs out; two at once would only do the same twice.
"""

from django.db import transaction

from orders import rfm
from segments.changes import note_everybody
from tenants.models import Tenant
from xeno.lib.upsert import run

LEASE_SECONDS = 600  # longer than a store of millions takes
PATIENCE_SECONDS = 60  # without a sign of work the sweep tells a worker again

ASK = """
    INSERT INTO webhooks_scoring (tenant_id, asked_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET asked_at = EXCLUDED.asked_at, told_at = NULL
"""
# In step, being brought there, or a worker was told of it just now.
NOT_DUE = f"""
    SELECT 1 FROM webhooks_scoring WHERE tenant_id = %s AND (
        (scored_on >= %s AND asked_at IS NULL) OR held_until > clock_timestamp()
        OR told_at > clock_timestamp() - interval '{PATIENCE_SECONDS} seconds'
    )
"""
TELL = """
    INSERT INTO webhooks_scoring (tenant_id, told_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (tenant_id) DO UPDATE SET told_at = EXCLUDED.told_at
"""
TAKE = f"""
    INSERT INTO webhooks_scoring AS old (tenant_id, held_until)
    VALUES (%s, clock_timestamp() + interval '{LEASE_SECONDS} seconds')
    ON CONFLICT (tenant_id) DO UPDATE SET held_until = EXCLUDED.held_until
    WHERE COALESCE(old.held_until < clock_timestamp(), true)
    RETURNING asked_at
"""
# Asked for again in the meantime, it stays due.
SETTLE = """
    UPDATE webhooks_scoring SET scored_on = %s, held_until = NULL, told_at = NULL,
        asked_at = CASE WHEN asked_at IS DISTINCT FROM %s THEN asked_at END
    WHERE tenant_id = %s
"""


def ask_for_scores(*, tenant: Tenant) -> None:
    """Note, within the caller's transaction, that the store's scores are out of step."""
    run(ASK, [tenant.pk])


def is_due(*, tenant: Tenant) -> bool:
    """Whether the store's scores wait for a worker that nobody has told of late."""
    return not run(NOT_DUE, [tenant.pk, rfm.today(tenant)])


def note_told(*, tenant: Tenant) -> None:
    """Say that a worker was told: the message may wait in the queue for a while."""
    run(TELL, [tenant.pk])


def rescore(*, tenant: Tenant) -> int:
    """Score the store's customers; gives how many changed. Nothing while another is at it."""
    taken = run(TAKE, [tenant.pk])
    if not taken:
        return 0
    tenant.refresh_from_db()
    on = rfm.today(tenant)
    with transaction.atomic():
        changed = rfm.recompute_scores(tenant=tenant, on=on)
        if changed:
            note_everybody(tenant=tenant, kinds=["scores"])
        run(SETTLE, [on, taken[0][0], tenant.pk])
    return changed
