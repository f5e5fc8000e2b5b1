"""How many of a store's customers could be written to by e-mail, as a worker last counted.

Counted anew when customers have changed since, and each hour: who is shown it reads one row of
each day that they ask about, however large the store.
"""

from dataclasses import dataclass
from datetime import date, datetime

from orders.numbers.periods import today_of
from tenants.models import Tenant
from xeno.lib.leases import lately_sql
from xeno.lib.upsert import run

EVERY_SECONDS = 300  # where customers or suppressions were written since
AT_LEAST_SECONDS = 3_600  # a suppression that was let go leaves no trace

# As a campaign's plan decides, but for what depends on the campaign: topics, caps and pauses.
COUNT = """
    INSERT INTO campaigns_reach AS old (tenant_id, day, customers, reachable, counted_at)
    SELECT %(tenant)s, %(day)s, count(*), count(*) FILTER (
        WHERE c.email_consent = 'subscribed' AND c.email_search > '' AND s.id IS NULL
    ), clock_timestamp()
    FROM customers_customer c
    LEFT JOIN campaigns_suppression s ON s.tenant_id = %(tenant)s AND s.channel = 'email'
        AND s.address = c.email_search
    WHERE c.tenant_id = %(tenant)s
    ON CONFLICT (tenant_id, day) DO UPDATE SET customers = EXCLUDED.customers,
        reachable = EXCLUDED.reachable, counted_at = EXCLUDED.counted_at
"""
# Counted a while ago, and a customer was written since; an unsubscribe writes its customer too.
DUE = f"""
    SELECT 1 FROM customers_customer c WHERE c.tenant_id = %(tenant)s AND NOT EXISTS (
        SELECT FROM campaigns_reach r WHERE r.tenant_id = %(tenant)s AND (
            {lately_sql("r.counted_at", seconds=EVERY_SECONDS)}
            OR {lately_sql("r.counted_at", seconds=AT_LEAST_SECONDS)}
            AND r.counted_at > (
                SELECT max(n.synced_at) FROM customers_customer n WHERE n.tenant_id = %(tenant)s
            ) AND r.counted_at > COALESCE((
                SELECT max(s.created_at) FROM campaigns_suppression s
                WHERE s.tenant_id = %(tenant)s
            ), '-infinity')
        )
    ) LIMIT 1
"""


# As last counted, and as it was at the end of a day: counted on it, or on the last day before.
FIND = """
    (SELECT true, customers, reachable, counted_at FROM campaigns_reach
    WHERE tenant_id = %(tenant)s ORDER BY day DESC LIMIT 1)
    UNION ALL
    (SELECT false, customers, reachable, counted_at FROM campaigns_reach
    WHERE tenant_id = %(tenant)s AND day <= %(until)s ORDER BY day DESC LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Reachable:
    """Whom the store could write to."""

    customers: int
    by_email: int
    counted_at: datetime | None  # None: not counted yet

    @property
    def share(self) -> float | None:
        """Of all customers."""
        return self.by_email / self.customers if self.customers else None


def find_reach(*, tenant: Tenant, until: date | None = None) -> tuple[Reachable, Reachable | None]:
    """As last counted, and as it was at the end of the day `until`, in one query.

    The second is None without that day, and where nothing was counted by then.
    """
    rows = run(FIND, {"tenant": tenant.pk, "until": until})
    found = {newest: Reachable(*row) for newest, *row in rows}
    return found.get(True, Reachable(0, 0, None)), found.get(False)


def is_due(*, tenant: Tenant) -> bool:
    """Whether the store's reach should be counted anew."""
    return bool(run(DUE, {"tenant": tenant.pk}))


def count_reach(*, tenant: Tenant) -> None:
    """Count who could be written to; it is the store's day that it is counted on."""
    run(COUNT, {"tenant": tenant.pk, "day": today_of(tenant)})
