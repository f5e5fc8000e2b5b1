"""What happened when: by the hour for two days, then by the store's days."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenants.models import Tenant
from xeno.lib.upsert import run

HOURLY = timedelta(hours=48)
LONGEST = timedelta(days=90)

EVENTS = """
    WITH events AS (
        SELECT t.happened_at AS at, t.kind, t.message_id FROM campaigns_touch t
        WHERE t.tenant_id = %(tenant)s AND t.campaign_id = %(campaign)s AND t.machine = ''
            AND t.happened_at < %(until)s
        UNION ALL
        SELECT m.handed_at, 'sent', m.id FROM campaigns_message m
        WHERE m.tenant_id = %(tenant)s AND m.campaign_id = %(campaign)s AND m.state = 'sent'
            AND m.handed_at < %(until)s
    )
    SELECT CASE WHEN at < %(hours_until)s THEN date_trunc('hour', at, %(zone)s)
            ELSE date_trunc('day', at, %(zone)s) END AS begins,
        at < %(hours_until)s AS hourly, kind, count(DISTINCT message_id)
    FROM events GROUP BY begins, hourly, kind ORDER BY begins, kind
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """How many people did what in the hour or the day that begins then."""

    begins: datetime
    hourly: bool
    people: dict[str, int]


def find_times(*, tenant: Tenant, campaign_id: int, frozen_at: datetime) -> list[Moment]:
    """The hours and days in which something happened, in order; 90 days at most."""
    params = {
        "tenant": tenant.pk,
        "campaign": campaign_id,
        "zone": tenant.timezone,
        "hours_until": midnight_after(frozen_at + HOURLY, tenant.zone),
        "until": frozen_at + LONGEST,
    }
    found: dict[datetime, Moment] = {}
    for begins, hourly, kind, count in run(EVENTS, params):
        found.setdefault(begins, Moment(begins, hourly, {})).people[kind] = count
    return list(found.values())


def midnight_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the store's next day begins: hours end there, so that no day is told by half."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time.min, zone)
