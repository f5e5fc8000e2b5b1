"""How long after an unsubscribe something may still have left: the figure for the report."""

from datetime import timedelta

from tenants.models import Tenant
from xeno.lib.upsert import run

# A message that was claimed before it is handed over within the claim's seconds. Whoever agreed
# again before the claim was rightly written to.
LAG = """
    SELECT max(m.handed_at - t.happened_at)
    FROM campaigns_touch t
    JOIN campaigns_message m ON m.tenant_id = %(tenant)s AND m.customer_id = t.customer_id
        AND m.campaign_id = %(campaign)s AND m.handed_at > t.happened_at
    WHERE t.tenant_id = %(tenant)s AND t.kind = 'unsubscribed' AND t.customer_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM customers_consentchange c WHERE c.tenant_id = %(tenant)s
                AND c.customer_id = t.customer_id AND c.channel = 'email'
                AND c.state = 'subscribed' AND c.changed_at > t.happened_at
                AND c.changed_at <= m.claimed_at
        )
"""


def largest_lag(*, tenant: Tenant, campaign_id: int) -> timedelta | None:
    """The longest between somebody's unsubscribe, of any campaign, and the hand-over of this
    campaign's message to them after it; None when nothing was handed over after one."""
    [(lag,)] = run(LAG, {"tenant": tenant.pk, "campaign": campaign_id})
    return lag  # type: ignore[no-any-return]
