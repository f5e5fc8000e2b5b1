"""A campaign beside the store's own last ten, each seen at the age that this one has now."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from campaigns.models import Campaign
from campaigns.numbers.funnel import Funnel, find_funnels, total_of
from campaigns.numbers.money import LONGEST, age_of, by_model, find_earned, revenue_of
from tenants.models import Tenant

MOST = 10
RATES = {
    "delivered": "delivered_rate",
    "opened": "opened_rate",
    "clicked": "clicked_rate",
    "bounced": "bounced_rate",
    "unsubscribed": "unsubscribed_rate",
    "complained": "complained_rate",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of the campaign beside the median of the last ones; None where there is none."""

    name: str
    own: float | None
    past: float | None


def compare(
    *, tenant: Tenant, campaign: Campaign, funnel: Funnel, revenue: Decimal
) -> tuple[int, list[Compared]]:
    """How many campaigns it is compared with, and each figure; nothing before the freeze."""
    last = find_last(campaign)
    age = min(age_of(campaign.frozen_at), LONGEST)
    funnels = find_funnels(tenant=tenant, campaign_ids=[each.pk for each in last], within=age)
    wholes = {pk: total_of(variants.values()) for pk, variants in funnels.items()}
    compared = [
        Compared(name, funnel.rate(kind), middle([each.rate(kind) for each in wholes.values()]))
        for kind, name in RATES.items()
    ]
    earned = [
        revenue_per(
            revenue_of(by_model(find_earned(tenant=tenant, campaign=each, within=age))),
            wholes[each.pk],
        )
        for each in last
    ]
    own = revenue_per(revenue, funnel)
    return len(last), [*compared, Compared("revenue_per_recipient", own, middle(earned))]


def find_last(campaign: Campaign) -> Sequence[Campaign]:
    """The last ten that were frozen before this one, and not called off."""
    if campaign.frozen_at is None:
        return []
    before = Campaign.objects.filter(frozen_at__lt=campaign.frozen_at)
    return list(before.exclude(state="cancelled").order_by("-frozen_at", "-pk")[:MOST])


def revenue_per(revenue: Decimal, funnel: Funnel) -> float | None:
    """Of each who got it; None where nobody did."""
    return float(revenue) / funnel.sent if funnel.sent else None


def middle(figures: Sequence[float | None]) -> float | None:
    """The median of those that there are."""
    known = [figure for figure in figures if figure is not None]
    return median(known) if known else None
