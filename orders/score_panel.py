"""The panel "RFM group" on a customer's page: the group in words, and the scores behind it."""

from collections.abc import Iterator

from django.utils.formats import date_format

from customers.models import Customer, TotalsSource
from orders.models import CustomerScore, RfmGroup, TierSource
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.display import NOTHING, Card, Panel

MEANS: dict[str, str] = {
    RfmGroup.CHAMPIONS: "they ordered lately, and order often and for much",
    RfmGroup.LOYAL: "they order often or for much, and did not long ago",
    RfmGroup.ACTIVE: "they ordered lately, neither rarely nor often",
    RfmGroup.NEW: "they ordered lately, and little so far",
    RfmGroup.PROMISING: "they ordered not long ago, and little so far",
    RfmGroup.NEEDS_ATTENTION: "they stand in the middle, and have not ordered for a while",
    RfmGroup.AT_RISK: "they used to order, and have not for long",
    RfmGroup.ALMOST_LOST: "they ordered little, and not for a while",
    RfmGroup.PREVIOUSLY_LOYAL: "they used to order often and for much, and have not for long",
    RfmGroup.DORMANT: "they ordered little, and long ago",
    RfmGroup.PROSPECTS: "they have not ordered yet, so there is nothing to score",
}
TIER_BY: dict[str, str] = {
    TierSource.SHOPIFY: "Shopify's own word on what they will spend",
    TierSource.PREDICTED: "What they are expected to spend in a year",
    TierSource.COMPUTED: "What they spent, as nothing is predicted",
}
NOT_YET = "Not scored yet: all customers are, each midnight of the store's."


def score_panel(tenant: Tenant, customer: Customer) -> Panel:
    """How the customer stands among the store's others."""
    score = CustomerScore.objects.filter(customer=customer).first()
    return Panel(
        title="RFM group",
        headers=("Score", "Is", "Means"),
        rows=[] if score is None else list(rows_of(score)),
        right=Right.VIEW_ANALYTICS,
        note=NOT_YET if score is None else words_of(score),
        cards=[card_of(score)],
    )


def card_of(score: CustomerScore | None) -> Card:
    """The group and its three scores."""
    if score is None:
        return Card("RFM group", NOTHING, "Scored each midnight")
    scores = (
        "No order yet"
        if score.recency is None
        else f"Recency {score.recency} · frequency {score.frequency} · money {score.monetary}"
    )
    return Card("RFM group", RfmGroup(score.rfm_group).label, scores)


def rows_of(score: CustomerScore) -> Iterator[tuple[str, str, str]]:
    """The three scores, and the tier beside them."""
    if score.recency is not None:
        yield "Recency", f"{score.recency} of 5", "How lately they ordered"
        yield "Frequency", f"{score.frequency} of 5", "How many orders they placed"
        yield "Money", f"{score.monetary} of 5", "How much they spent"
    if score.spend_tier:
        yield "Spend tier", score.get_spend_tier_display(), TIER_BY[score.tier_source]


def words_of(score: CustomerScore) -> str:
    """What the group means, whose word it is, and since when it is so."""
    group = RfmGroup(score.rfm_group)
    whose = (
        "The group is Shopify's own word."
        if score.group_source == TotalsSource.SHOPIFY
        else "Each score is a fifth of this store's customers with orders; 5 is the best."
    )
    return f"{group.label}: {MEANS[group]}. {whose} So since {date_format(score.scored_on)}."
