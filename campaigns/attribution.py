"""Which campaign an order is credited to, computed from touches and orders at every reading.

Three models over the same rows, side by side. Each gives an order to at most one touch of its
customer, made by a person, at or before the order and within the window of its kind:
- last touch: the newest click or open (of one instant the click);
- last click: the newest click;
- first touch: the oldest click or open.
An order counts at what is left of it after refunds and while it counts for totals, in the store's
currency; so credits are whole thousandths and sum to the attributed revenue, and nothing is
stored that could disagree with the orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tenants.models import Tenant
from xeno.lib.money import THOUSANDTHS
from xeno.lib.upsert import run


class Model(StrEnum):
    """By what rule an order is given to a campaign; the first is what reports show."""

    LAST_TOUCH = "last_touch"
    LAST_CLICK = "last_click"
    FIRST_TOUCH = "first_touch"


@dataclass(frozen=True, slots=True)
class Windows:
    """For how long after a click, and after an open, an order counts as its."""

    clicks: timedelta = timedelta(days=5)
    opens: timedelta = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Credit:
    """What one campaign's variant, or (None) the whole campaign, is credited with by one model."""

    model: Model
    campaign_id: int
    variant: str | None
    orders: int
    customers: int
    revenue: Decimal


# The ends of the windows are columns of their own: an expression over them beside a touch would
# not be pushed below the touches' policy, and no index would serve it.
ORDERS = """
    orders AS MATERIALIZED (
        SELECT o.id, o.customer_id, o.current_amount AS amount, o.processed_at AS at,
            o.processed_at - %(clicks)s::interval AS clicked_from,
            o.processed_at - %(opens)s::interval AS opened_from
        FROM orders_order o
        WHERE o.tenant_id = %(tenant)s AND o.counted AND o.currency = %(currency)s
            AND o.customer_id IS NOT NULL
            AND o.processed_at >= %(since)s AND o.processed_at < %(until)s
            {of_customers}
    )
"""
# Of a campaign's report only the orders of whom it touched can be its own.
OF_TOUCHED = """
    AND o.customer_id IN (
        SELECT t.customer_id FROM campaigns_touch t
        WHERE t.tenant_id = %(tenant)s AND t.campaign_id = ANY(%(campaigns)s)
            AND t.kind IN ('clicked', 'opened')
    )
"""
CHOSEN = """
    LEFT JOIN LATERAL (
        SELECT t.campaign_id, t.message_id FROM campaigns_touch t
        WHERE t.tenant_id = %(tenant)s AND t.customer_id = o.customer_id AND t.machine = ''
            AND t.happened_at <= o.at AND ({within})
        ORDER BY {order} LIMIT 1
    ) AS {model} ON true
"""
CLICK = "t.kind = 'clicked' AND t.happened_at >= o.clicked_from"
OPEN = "t.kind = 'opened' AND t.happened_at >= o.opened_from"
NEWEST = "t.happened_at DESC, t.kind, t.id DESC"  # 'clicked' < 'opened'
OLDEST = "t.happened_at, t.kind, t.id"
RULES = {
    Model.LAST_TOUCH: (f"{CLICK} OR {OPEN}", NEWEST),
    Model.LAST_CLICK: (CLICK, NEWEST),
    Model.FIRST_TOUCH: (f"{CLICK} OR {OPEN}", OLDEST),
}
CREDITS = f"""
    WITH {{orders}}, credits AS (
        SELECT given.model, given.campaign_id, given.message_id, o.customer_id, o.amount
        FROM orders o
        {" ".join(CHOSEN.format(model=m, within=w, order=o) for m, (w, o) in RULES.items())}
        CROSS JOIN LATERAL (VALUES
            {", ".join(f"('{m}', {m}.campaign_id, {m}.message_id)" for m in RULES)}
        ) AS given(model, campaign_id, message_id)
        WHERE given.campaign_id IS NOT NULL
    )
    SELECT c.model, c.campaign_id, m.variant, count(*), count(DISTINCT c.customer_id),
        sum(c.amount)::bigint
    FROM credits c
    JOIN campaigns_message m ON m.tenant_id = %(tenant)s AND m.id = c.message_id
    WHERE {{shown}}
    GROUP BY {{groups}}
    ORDER BY c.model, c.campaign_id, m.variant
"""


BY_VARIANT = "c.model, c.campaign_id, m.variant"
# Whoever is credited through two variants is one customer of the campaign.
WITH_WHOLES = f"GROUPING SETS (({BY_VARIANT}), (c.model, c.campaign_id))"


def find_credits(
    *,
    tenant: Tenant,
    since: datetime,
    until: datetime,
    windows: Windows,
    campaign_ids: Sequence[int] | None = None,
    wholes: bool = False,
) -> list[Credit]:
    """What each campaign is credited with of the orders placed from `since` up to `until`.

    With `campaign_ids` only theirs; touches of all campaigns compete all the same. With `wholes`
    beside each campaign's variants the whole of it.
    """
    of_some = campaign_ids is not None
    sql = CREDITS.format(
        orders=ORDERS.format(of_customers=OF_TOUCHED if of_some else ""),
        shown="c.campaign_id = ANY(%(campaigns)s)" if of_some else "true",
        groups=WITH_WHOLES if wholes else BY_VARIANT,
    )
    params = {
        "tenant": tenant.pk,
        "currency": tenant.currency,
        "clicks": windows.clicks,
        "opens": windows.opens,
        "since": since,
        "until": until,
        "campaigns": list(campaign_ids or ()),
    }
    return [
        Credit(Model(model), campaign_id, variant, orders, customers, Decimal(amount) / THOUSANDTHS)
        for model, campaign_id, variant, orders, customers, amount in run(sql, params)
    ]
