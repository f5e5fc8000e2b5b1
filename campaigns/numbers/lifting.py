"""The arms of a campaign's lift: everybody planned at the freeze, and what they spent since.

By intention to treat. Treated is who was to get it at the freeze, whatever became of the message
(bounced, failed, unsubscribed before their turn, cancelled); held out is who was left out by lot.
Whoever was skipped at the freeze was in no lot. People erased since are in neither arm: their
orders cannot be told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from campaigns.measuring.lift import ArmSpending, Lift, measure_lift
from campaigns.measuring.revenue import DRAWS
from campaigns.models import Campaign
from campaigns.planning import MEASURED
from tenants.models import Tenant
from xeno.lib.money import THOUSANDTHS
from xeno.lib.upsert import run

MOST_DRAWN = 20_000 * DRAWS  # amounts
FEWEST_DRAWS = 299

# A message that was skipped at its claim keeps its variant; one that was skipped at the freeze
# never had any. One that waited for the winner had none either, until it was cancelled.
TREATED = """(m.state <> 'holdout'
    AND (m.state <> 'skipped' OR m.variant <> '' OR m.reason = 'cancelled'))"""
ARMS = f"""
    WITH arms AS (
        SELECT m.customer_id, m.state = 'holdout' AS held FROM campaigns_message m
        WHERE m.tenant_id = %(tenant)s AND m.campaign_id = %(campaign)s
            AND m.customer_id IS NOT NULL AND (m.state = 'holdout' OR {TREATED})
    ), spent AS (
        SELECT o.customer_id, sum(o.current_amount)::bigint AS amount FROM orders_order o
        WHERE o.tenant_id = %(tenant)s AND o.counted AND o.currency = %(currency)s
            AND o.processed_at >= %(since)s AND o.processed_at < %(until)s
            AND o.customer_id IS NOT NULL
        GROUP BY o.customer_id
    )
    SELECT arms.held, count(*),
        array_agg(spent.amount ORDER BY spent.customer_id) FILTER (WHERE spent.amount IS NOT NULL)
    FROM arms LEFT JOIN spent ON spent.customer_id = arms.customer_id
    GROUP BY arms.held
"""


@dataclass(frozen=True, slots=True)
class Lifted:
    """The lift with the time over which it was measured; `until` lies ahead while it goes on."""

    lift: Lift
    since: datetime
    until: datetime


def find_lift(
    *, tenant: Tenant, campaign: Campaign, measured: timedelta = MEASURED
) -> Lifted | None:
    """The lift over the days since the freeze; None before it, and where nobody is held out."""
    if campaign.frozen_at is None:
        return None
    since, until = campaign.frozen_at, campaign.frozen_at + measured
    params = {
        "tenant": tenant.pk,
        "campaign": campaign.pk,
        "currency": tenant.currency,
        "since": since,
        "until": until,
    }
    arms = {
        held: ArmSpending(people, [amount / THOUSANDTHS for amount in amounts or ()])
        for held, people, amounts in run(ARMS, params)
    }
    if True not in arms:
        return None
    treated = arms.get(False, ArmSpending(0, []))
    draws = draws_for(len(treated.amounts) + len(arms[True].amounts))
    lift = measure_lift(treated=treated, holdout=arms[True], seed=campaign.pk, draws=draws)
    return Lifted(lift, since, until)


def draws_for(buyers: int) -> int:
    """How often the arms are drawn: of very many buyers less often, so that a report takes a
    second or two; their mean is as good as normal, and its interval moves by a few percent."""
    return max(FEWEST_DRAWS, min(DRAWS, MOST_DRAWN // max(1, buyers)))


def to_money(amount: float) -> Decimal:
    """An estimate of money, as finely as it is stored."""
    return Decimal(str(round(amount, 3)))
