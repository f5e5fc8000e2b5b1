"""RFM: how recently, how often and for how much each customer bought, beside the store's others.

Each of the three is a score of 1 to 5 by fifths of the customers with orders, 5 the best; two
scores choose one of the groups that Shopify names. `docs/segment-language.md` prints the table.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from orders.models import SCORES, SpendTier
from orders.models import RfmGroup as Group
from orders.numbers.groups import recount_groups
from orders.rollups import state
from tenants.models import Tenant
from xeno.lib.upsert import array, run

# By recency from 1 to 5 and by FM from 1 to 5: the mean of frequency and monetary, halves up.
# Shopify says how it makes FM and what its groups mean, and not where one ends.
GROUPS: dict[int, tuple[Group, Group, Group, Group, Group]] = {
    5: (Group.NEW, Group.NEW, Group.ACTIVE, Group.CHAMPIONS, Group.CHAMPIONS),
    4: (Group.PROMISING, Group.PROMISING, Group.ACTIVE, Group.LOYAL, Group.LOYAL),
    3: (Group.ALMOST_LOST, Group.ALMOST_LOST, Group.NEEDS_ATTENTION, Group.LOYAL, Group.LOYAL),
    2: (Group.ALMOST_LOST, Group.ALMOST_LOST, Group.AT_RISK, Group.AT_RISK, Group.PREVIOUSLY_LOYAL),
    1: (Group.DORMANT, Group.DORMANT, Group.AT_RISK, Group.AT_RISK, Group.PREVIOUSLY_LOYAL),
}
# By fifths of what is expected in a year. Where nothing is, what was spent stands in for it: by
# monetary from 1 to 5.
TIERS = (SpendTier.LOW, SpendTier.LOW, SpendTier.MEDIUM, SpendTier.MEDIUM, SpendTier.HIGH)

# More days since the last order is an earlier day: today does not matter. Who has orders by
# Shopify's word alone bought before all that is held here. Customers without an order are there
# too, as prospects without scores: the group is theirs, and nobody else's.
COMPUTED = """
    SELECT id, recency, frequency, monetary,
        (%(groups)s::text[])[(recency - 1) * 5 + (frequency + monetary + 1) / 2] AS rfm_group,
        (%(tiers)s::text[])[monetary] AS spend_tier
    FROM (
        SELECT id,
            ntile(5) OVER (
                ORDER BY (last_order_at AT TIME ZONE %(zone)s)::date NULLS FIRST, shopify_id
            ) AS recency,
            ntile(5) OVER (ORDER BY orders_count, shopify_id) AS frequency,
            ntile(5) OVER (ORDER BY total_spent, shopify_id) AS monetary
        FROM customers_customer WHERE tenant_id = %(tenant)s AND orders_count > 0
    ) AS ranked
    UNION ALL
    SELECT id, NULL, NULL, NULL, 'PROSPECTS', NULL
    FROM customers_customer WHERE tenant_id = %(tenant)s AND orders_count = 0
"""
EXPECTED = """
    SELECT customer_id,
        (%(tiers)s::text[])[ntile(5) OVER (ORDER BY value_365, customer_id)] AS tier
    FROM orders_prediction WHERE tenant_id = %(tenant)s AND value_365 IS NOT NULL
"""
# Shopify's own word stands where it told one that we know.
CHOSEN = f"""
    SELECT c.id, recency, frequency, monetary,
        CASE WHEN told.group_known THEN c.remote_rfm_group ELSE rfm_group END,
        CASE WHEN told.tier_known THEN c.remote_spend_tier
            ELSE COALESCE(expected.tier, spend_tier) END,
        CASE WHEN told.group_known THEN 'shopify' ELSE 'computed' END,
        CASE WHEN told.tier_known THEN 'shopify'
            WHEN expected.tier IS NOT NULL THEN 'predicted' ELSE 'computed' END
    FROM ({COMPUTED}) AS computed
    JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = computed.id
    LEFT JOIN ({EXPECTED}) AS expected ON expected.customer_id = c.id
    CROSS JOIN LATERAL (
        SELECT COALESCE(c.remote_rfm_group = ANY(%(known_groups)s::text[]), false) AS group_known,
            COALESCE(c.remote_spend_tier = ANY(%(known_tiers)s::text[]), false) AS tier_known
    ) AS told
"""
SCORED = (*SCORES, "rfm_group", "spend_tier", "group_source", "tier_source")
RECOMPUTE = f"""
    WITH written AS (
        INSERT INTO orders_customerscore AS old
            (tenant_id, customer_id, {", ".join(SCORED)}, scored_on)
        SELECT %(tenant)s, *, %(on)s FROM ({CHOSEN}) AS chosen
        ON CONFLICT (tenant_id, customer_id) DO UPDATE
        SET scored_on = EXCLUDED.scored_on,
            {", ".join(f"{name} = EXCLUDED.{name}" for name in SCORED)}
        WHERE ({", ".join(f"old.{name}" for name in SCORED)})
            IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in SCORED)})
        RETURNING 1
    )
    SELECT count(*) FROM written
"""


@transaction.atomic
def recompute_scores(*, tenant: Tenant, on: date | None = None) -> int:
    """Bring every customer's scores in step, in one statement; gives how many changed.

    `on` is the day that is written beside what changed: the store's today. The table of who has
    which scores follows.
    """
    day = on or today(tenant)
    params = {
        "tenant": tenant.pk,
        "zone": tenant.timezone,
        "on": day,
        "groups": array([group for recency in sorted(GROUPS) for group in GROUPS[recency]]),
        "tiers": array(TIERS),
        "known_groups": array(Group.values),
        "known_tiers": array(SpendTier.values),
    }
    changed = int(run(RECOMPUTE, params)[0][0])
    recount_groups(tenant=tenant, on=day)
    state.settle(tenant=tenant)
    return changed


def today(tenant: Tenant) -> date:
    """The store's day."""
    return timezone.now().astimezone(tenant.zone).date()


def group_of(*, recency: int, frequency: int, monetary: int) -> Group:
    """The group of three scores, as the statement chooses it."""
    return GROUPS[recency][(frequency + monetary + 1) // 2 - 1]
