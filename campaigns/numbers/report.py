"""Everything that a campaign's report tells, from a fixed number of statements."""

from dataclasses import dataclass
from datetime import timedelta

from campaigns.attribution import Credit
from campaigns.audience import lots_of
from campaigns.models import Campaign
from campaigns.numbers.funnel import Funnel, LinkClicks, find_funnels, find_links, total_of
from campaigns.numbers.lifting import Lifted, find_lift
from campaigns.numbers.money import Earned, by_model, find_earned, revenue_of
from campaigns.numbers.past import Compared, compare
from campaigns.numbers.times import Moment, find_times
from campaigns.tracking.fence import largest_lag
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class VariantNumbers:
    """One variant's funnel and what it earned."""

    key: str
    funnel: Funnel
    earned: list[Earned]


@dataclass(frozen=True, slots=True)
class Report:
    """A campaign's numbers; before its freeze they are all nothing."""

    campaign: Campaign
    funnel: Funnel
    variants: list[VariantNumbers]
    links: list[LinkClicks]
    times: list[Moment]
    earned: list[Earned]
    lift: Lifted | None
    compared_with: int
    compared: list[Compared]
    largest_lag: timedelta | None  # from an unsubscribe to a hand-over after it


def make_report(*, tenant: Tenant, campaign: Campaign) -> Report:
    """The report as of now; nothing of it is stored."""
    funnels = find_funnels(tenant=tenant, campaign_ids=[campaign.pk])[campaign.pk]
    funnel = total_of(funnels.values())
    credits = find_earned(tenant=tenant, campaign=campaign)
    earned = by_model(credits)
    with_past = compare(tenant=tenant, campaign=campaign, funnel=funnel, revenue=revenue_of(earned))
    frozen = campaign.frozen_at
    return Report(
        campaign=campaign,
        funnel=funnel,
        variants=variants_of(campaign, funnels, credits),
        links=find_links(tenant=tenant, campaign_id=campaign.pk),
        times=[]
        if frozen is None
        else find_times(tenant=tenant, campaign_id=campaign.pk, frozen_at=frozen),
        earned=earned,
        lift=find_lift(tenant=tenant, campaign=campaign),
        compared_with=with_past[0],
        compared=with_past[1],
        largest_lag=largest_lag(tenant=tenant, campaign_id=campaign.pk),
    )


def variants_of(
    campaign: Campaign, funnels: dict[str, Funnel], credits: list[Credit]
) -> list[VariantNumbers]:
    """Each variant's own; none of a campaign that says one thing."""
    if not campaign.variants:
        return []
    return [
        VariantNumbers(key, funnels.get(key, Funnel()), by_model(credits, key))
        for key in lots_of(campaign)
    ]
