"""RFM scores, groups and tiers; null for whoever has none."""

import pytest

from customers.tests.builders import make_customer
from orders.models import CustomerScore
from segments.explaining import explain
from segments.language import parse
from segments.tests.asking import CLOCK, finds


@pytest.fixture
def kim(in_anas_store):
    kim = make_customer(in_anas_store)
    CustomerScore.objects.create(
        customer=kim, recency=5, frequency=4, monetary=None, rfm_group="CHAMPIONS",
        spend_tier="HIGH", group_source="shopify", scored_on=CLOCK.today,
    )  # fmt: skip
    return kim


@pytest.mark.parametrize(
    ("clause", "of_kim", "of_bare"),
    [
        ("rfm_group = 'CHAMPIONS'", True, False),
        ("rfm_group = 'LOYAL'", False, False),
        ("rfm_group != 'LOYAL'", True, True),
        ("rfm_group = 'LOYAL' OR rfm_group = 'CHAMPIONS'", True, False),
        ("rfm_group IS NULL", False, True),
        ("predicted_spend_tier = 'HIGH'", True, False),
        ("predicted_spend_tier IS NOT NULL", True, False),
        ("rfm_recency = 5", True, False),
        ("rfm_recency != 5", False, True),
        ("rfm_recency >= 4", True, False),
        ("rfm_recency < 5", False, False),
        ("rfm_frequency BETWEEN 4 AND 5", True, False),
        ("rfm_frequency > 99999999999", False, False),
        ("rfm_frequency < 99999999999", True, False),
        ("rfm_monetary IS NULL", True, True),
        ("rfm_monetary < 99999999999", False, False),
        ("rfm_monetary != 3", True, True),
    ],
)
def test_a_score_is_asked_for(kim, in_anas_store, clause, of_kim, of_bare):
    bare = make_customer(in_anas_store)

    assert (finds(clause, kim), finds(clause, bare)) == (of_kim, of_bare)


def test_an_explanation_says_whose_word_it_is(kim):
    group, tier = (
        explain(parse(f"{name} IS NULL"), customer=kim, clock=CLOCK).verdict.facts
        for name in ("rfm_group", "predicted_spend_tier")
    )

    assert group == {"value": "CHAMPIONS", "source": "shopify"}
    assert tier == {"value": "HIGH", "source": "computed"}
