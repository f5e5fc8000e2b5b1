"""Scores of customers that are out of step: at the store's midnight, and when asked for.

Two who score at once would only do the same twice.
"""

from django.db import transaction

from orders import rfm
from segments.changes import note_everybody
from tenants.models import Tenant
from webhooks.daily import Daily
from xeno.lib.upsert import run

# Longer than a store of millions takes.
SCORES = Daily(table="webhooks_scoring", made_on="scored_on", lease_seconds=600)
ask_for_scores, is_due, note_told = SCORES.ask, SCORES.is_due, SCORES.note_told

# Asked for again in the meantime, it stays due.
SETTLE = """
    UPDATE webhooks_scoring SET scored_on = %s, held_until = NULL, told_at = NULL,
        asked_at = CASE WHEN asked_at IS DISTINCT FROM %s THEN asked_at END
    WHERE tenant_id = %s
"""


def rescore(*, tenant: Tenant) -> int:
    """Score the store's customers; gives how many changed. Nothing while another is at it."""
    taken = SCORES.take(tenant=tenant)
    if taken is None:
        return 0
    asked_at, _ = taken
    tenant.refresh_from_db()
    on = rfm.today(tenant)
    with transaction.atomic():
        changed = rfm.recompute_scores(tenant=tenant, on=on)
        if changed:
            note_everybody(tenant=tenant, kinds=["scores"])
        run(SETTLE, [on, asked_at, tenant.pk])
    return changed
