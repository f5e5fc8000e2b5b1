"""What a plan tells beside its rows: how fresh its segments are, and what its audience can show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from campaigns.audience import MEMBERS, lots_of
from campaigns.measuring.lift import smallest_lift
from campaigns.measuring.variants import Power, plan_power
from campaigns.models import Campaign, Message, Touch
from tenants.models import Tenant
from xeno.lib.upsert import array, run

# For so long after the freeze orders count as what a campaign can have moved.
MEASURED = timedelta(days=14)
ASSUMED_CLICKS = 0.02  # of a store that has sent nothing yet
LOOKED_BACK = timedelta(days=180)

ORDERING = f"""
    WITH members AS ({MEMBERS}), buyers AS (
        SELECT DISTINCT o.customer_id FROM orders_order o
        WHERE o.tenant_id = %(tenant)s AND o.counted AND o.processed_at >= %(since)s
            AND o.customer_id IS NOT NULL
    )
    SELECT count(*), count(b.customer_id)
    FROM members LEFT JOIN buyers b ON b.customer_id = members.customer_id
"""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What can be told from chance in 4 of 5 cases, before anything is sent.

    `ordering` is the share of the audience who ordered in the last 14 days. `smallest_lift` is
    the smallest rise of it that the holdout can show, None where there is no holdout, nobody
    orders, or no rise could be shown. `test` is the power of the A/B test at the rate `base`.
    """

    ordering: float
    smallest_lift: float | None
    base: float | None
    test: Power | None


def foresee(*, tenant: Tenant, campaign: Campaign, sendable: int, held: int) -> Prospect:
    """What so many people, of whom so many are held out, can show."""
    ordering = share_ordering(tenant, campaign)
    lift = None
    if held and ordering:
        share = 100 * held / (sendable + held)
        lift = smallest_lift(people=sendable + held, holdout_percent=share, base=ordering)
    variants = len(lots_of(campaign))
    if variants < 2:
        return Prospect(ordering, lift, None, None)
    base = ordering if campaign.decided_by == Campaign.Decision.ORDERS else share_clicking()
    people = min(campaign.decided_at_size or sendable, sendable // variants)
    test = plan_power(people=people, base=base, variants=variants) if base and people else None
    return Prospect(ordering, lift, base, test)


def share_ordering(tenant: Tenant, campaign: Campaign, now: datetime | None = None) -> float:
    """The share of the segments' members who ordered within the last days."""
    sides = list(campaign.audiences.values_list("segment_id", "excluded"))
    params = {
        "tenant": tenant.pk,
        "included": array([pk for pk, excluded in sides if not excluded]),
        "excluded": array([pk for pk, excluded in sides if excluded]),
        "since": (now or timezone.now()) - MEASURED,
    }
    [(members, buyers)] = run(ORDERING, params)
    return buyers / members if members else 0.0


def share_clicking() -> float:
    """The share of the store's recipients of late who clicked; an assumption where there is
    none."""
    since = timezone.now() - LOOKED_BACK
    sent = Message.objects.filter(handed_at__gt=since, state="sent").count()
    clicks = Touch.objects.filter(
        kind=Touch.Kind.CLICKED, machine="", message__handed_at__gt=since, message__state="sent"
    )
    clicked = clicks.aggregate(people=Count("message", distinct=True))["people"]
    return clicked / sent if sent and clicked else ASSUMED_CLICKS
