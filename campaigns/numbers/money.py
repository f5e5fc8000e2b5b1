"""What a campaign is credited with, by three models side by side, and per recipient."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from campaigns.attribution import Credit, Model, Windows, find_credits
from campaigns.models import Campaign
from campaigns.settings import settings_of
from tenants.models import Tenant

LONGEST = timedelta(days=90)  # after the freeze; later orders are no campaign's


@dataclass(frozen=True, slots=True)
class Earned:
    """What one model gives to a campaign or to one of its variants."""

    model: Model
    orders: int
    customers: int
    revenue: Decimal


def find_earned(*, tenant: Tenant, campaign: Campaign, within: timedelta = LONGEST) -> list[Credit]:
    """The campaign's credits by model, of each variant and of the whole, from the freeze on; none
    before it."""
    if campaign.frozen_at is None:
        return []
    rules = settings_of(tenant)
    return find_credits(
        tenant=tenant,
        since=campaign.frozen_at,
        until=min(timezone.now(), campaign.frozen_at + within),
        windows=Windows(timedelta(days=rules.click_days), timedelta(days=rules.open_days)),
        campaign_ids=[campaign.pk],
        wholes=True,
    )


def by_model(credits: Iterable[Credit], variant: str | None = None) -> list[Earned]:
    """All three models, of one variant or of the whole; what a model gives nothing to is 0.

    Somebody whose orders went to two variants' messages is a customer of both, and one of the
    whole.
    """
    mine = [each for each in credits if each.variant == variant]
    return [
        Earned(
            model,
            sum(each.orders for each in mine if each.model == model),
            sum(each.customers for each in mine if each.model == model),
            sum((each.revenue for each in mine if each.model == model), Decimal(0)),
        )
        for model in Model
    ]


def revenue_of(earned: Iterable[Earned]) -> Decimal:
    """What the model that reports show first gives."""
    return next(each.revenue for each in earned if each.model == Model.LAST_TOUCH)


def age_of(frozen_at: datetime | None) -> timedelta:
    """For how long its people could act."""
    return timedelta(0) if frozen_at is None else timezone.now() - frozen_at
