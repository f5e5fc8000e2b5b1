"""The winner of an A/B test: found once, when its time is over, and given to who waits for it.

Counted are people, among those who were given a variant at the freeze: who clicked, or who
ordered. What tells a difference from chance is `measuring/variants.py`'s.
"""

import structlog
from django.db import transaction

from campaigns.audience import lots_of, places_at
from campaigns.measuring.proportions import Arm
from campaigns.measuring.variants import decide
from campaigns.models import Campaign
from campaigns.settings import settings_of
from tenants.models import Tenant
from xeno.lib.postgres.clock import database_now
from xeno.lib.upsert import array, run

log = structlog.get_logger(__name__)

# The hours count from the last message of the test: what waited for its hour, for a rate or for a
# provider has been tried too.
DUE = """
    SELECT c.id FROM campaigns_campaign c
    WHERE c.tenant_id = %(tenant)s AND c.state = 'sending' AND c.winner = ''
        AND c.decided_at_size > 0 AND c.variants <> '[]'::jsonb
        AND c.frozen_at <= clock_timestamp() - c.decided_after_hours * interval '1 hour'
        AND NOT EXISTS (
            SELECT FROM campaigns_message m WHERE m.tenant_id = %(tenant)s
                AND m.campaign_id = c.id AND m.phase = 'open' AND m.variant <> ''
                AND m.customer_id IS NOT NULL
        )
        AND NOT EXISTS (
            SELECT FROM campaigns_message m WHERE m.tenant_id = %(tenant)s
                AND m.campaign_id = c.id AND m.phase IN ('sent', 'uncertain')
                AND m.handed_at > clock_timestamp() - c.decided_after_hours * interval '1 hour'
        )
"""
# Everybody of the test, whatever became of their message: by intention to treat, as the lift.
PEOPLE = """
    SELECT m.variant, count(*), count(*) FILTER (WHERE {did})
    FROM campaigns_message m {joined}
    WHERE m.tenant_id = %(tenant)s AND m.campaign_id = %(campaign)s
        AND m.variant = ANY(%(variants)s::text[]) AND m.customer_id IS NOT NULL
    GROUP BY m.variant
"""
CLICKED = """
    LEFT JOIN (
        SELECT DISTINCT t.message_id FROM campaigns_touch t
        WHERE t.tenant_id = %(tenant)s AND t.campaign_id = %(campaign)s
            AND t.kind = 'clicked' AND t.machine = ''
    ) clicked ON clicked.message_id = m.id
"""
ORDERED = """
    LEFT JOIN (
        SELECT DISTINCT o.customer_id FROM orders_order o
        WHERE o.tenant_id = %(tenant)s AND o.counted AND o.processed_at >= %(since)s
            AND o.customer_id IS NOT NULL
    ) ordered ON ordered.customer_id = m.customer_id
"""
BY: dict[str, str] = {
    Campaign.Decision.CLICKS: PEOPLE.format(did="clicked.message_id IS NOT NULL", joined=CLICKED),
    Campaign.Decision.ORDERS: PEOPLE.format(did="ordered.customer_id IS NOT NULL", joined=ORDERED),
}
# The hour that they were planned for is over: they get it now, outside of their quiet hours.
GIVE = """
    WITH places AS (SELECT * FROM {places}), waiting AS (
        SELECT m.id, COALESCE(places.moment, %(now)s) AS moment
        FROM campaigns_message m
        JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = m.customer_id
        LEFT JOIN places ON places.country = COALESCE(c.country, '')
            AND places.region = COALESCE(c.region, '')
        WHERE m.tenant_id = %(tenant)s AND m.campaign_id = %(campaign)s
            AND m.phase = 'open' AND m.state = 'queued' AND m.variant = ''
    )
    UPDATE campaigns_message m
    SET variant = %(winner)s, not_before = GREATEST(m.not_before, waiting.moment)
    FROM waiting
    WHERE m.tenant_id = %(tenant)s AND m.id = waiting.id AND m.state = 'queued'
"""


def decide_due(*, tenant: Tenant) -> int:
    """Decide each test of the open store whose time is over; how many were decided here."""
    due = [pk for (pk,) in run(DUE, {"tenant": tenant.pk})]
    return sum(decide_one(tenant=tenant, campaign_id=pk) for pk in due)


@transaction.atomic
def decide_one(*, tenant: Tenant, campaign_id: int) -> bool:
    """Write the winner and give it to who waits; False when it was written before.

    The winner is written once and stays, whatever people do after.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    winner = decide(count_arms(tenant=tenant, campaign=campaign))
    now = database_now()
    undecided = Campaign.objects.filter(pk=campaign_id, winner="", state=Campaign.State.SENDING)
    # That it stood still until now was meant: it is not late by it.
    if not undecided.update(winner=winner.winner, progressed_at=now):
        return False
    places, named = places_at(tenant, settings_of(tenant), now, now, by_recipient=False)
    told = {"tenant": tenant.pk, "campaign": campaign_id, "winner": winner.winner, "now": now}
    run(GIVE.format(places=places), {**told, **named})
    log.info(
        "campaign_decided",
        tenant_id=tenant.pk,
        campaign=campaign_id,
        winner=winner.winner,
        proven=winner.proven,
    )
    return True


def count_arms(*, tenant: Tenant, campaign: Campaign) -> dict[str, Arm]:
    """Each variant with its people, and how many of them did what decides."""
    keys = lots_of(campaign)
    params = {
        "tenant": tenant.pk,
        "campaign": campaign.pk,
        "variants": array(keys),
        "since": campaign.frozen_at,
    }
    counted = {key: Arm(*rest) for key, *rest in run(BY[campaign.decided_by], params)}
    return {key: counted.get(key, Arm(0, 0)) for key in keys}
