"""What campaigns brought in a period of the store."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from campaigns.attribution import Model, Windows
from campaigns.settings import settings_of
from orders.numbers.figures import as_money
from orders.numbers.periods import Period, bounds_of
from tenants.models import Tenant
from xeno.lib.upsert import run

# One line per order that has a touch within its window, whichever campaign it is credited to: so
# the sum is the same by last touch and by first. Only whom a campaign touched is looked at.
ATTRIBUTED = """
    SELECT count(*), COALESCE(sum(o.current_amount), 0)::bigint
    FROM (
        SELECT DISTINCT t.customer_id FROM campaigns_touch t
        WHERE t.tenant_id = %(tenant)s AND t.kind IN ('clicked', 'opened') AND t.machine = ''
            AND t.happened_at >= %(touched_from)s AND t.happened_at < %(until)s
    ) AS touched
    JOIN LATERAL (
        SELECT o.current_amount, o.processed_at, o.customer_id,
            o.processed_at - %(clicks)s::interval AS clicked_from,
            o.processed_at - %(opens)s::interval AS opened_from
        FROM orders_order o
        WHERE o.tenant_id = %(tenant)s AND o.customer_id = touched.customer_id AND o.counted
            AND o.currency = %(currency)s
            AND o.processed_at >= %(since)s AND o.processed_at < %(until)s
    ) AS o ON true
    WHERE EXISTS (
        SELECT FROM campaigns_touch t
        WHERE t.tenant_id = %(tenant)s AND t.customer_id = o.customer_id AND t.machine = ''
            AND t.happened_at <= o.processed_at
            AND (t.kind = 'clicked' AND t.happened_at >= o.clicked_from
                OR t.kind = 'opened' AND t.happened_at >= o.opened_from)
    )
"""


@dataclass(frozen=True, slots=True)
class Attributed:
    """Orders of a period that are credited to some campaign, in the store's currency."""

    orders: int
    revenue: Decimal
    model: Model = Model.LAST_TOUCH


def find_attributed(*, tenant: Tenant, period: Period) -> Attributed:
    """What reports show, added up over all campaigns, of the orders placed in the period."""
    rules = settings_of(tenant)
    windows = Windows(timedelta(days=rules.click_days), timedelta(days=rules.open_days))
    since, until = bounds_of(period, tenant.zone)
    params = {
        "tenant": tenant.pk,
        "currency": tenant.currency,
        "clicks": windows.clicks,
        "opens": windows.opens,
        "since": since,
        "until": until,
        "touched_from": since - max(windows.clicks, windows.opens),
    }
    ((orders, revenue),) = run(ATTRIBUTED, params)
    return Attributed(orders, as_money(revenue))
