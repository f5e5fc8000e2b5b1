"""Lift in the report, to programs and people: the functions' very numbers, or a refusal."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.admin import wording
from campaigns.measuring.lift import FEWEST
from campaigns.measuring.proportions import Arm, Interval, newcombe
from campaigns.measuring.revenue import revenue_lift
from campaigns.models import Campaign
from campaigns.numbers.lifting import to_money
from campaigns.tests.conftest import make_customer, make_message
from orders.models import Order
from tenants.scoping.display import money
from tests.rows import make_row
from tests.segment_pages.conftest import browser_of
from xeno.lib.money import format_money
from xeno.lib.postgres.scope import tenant_scope

TREATED, HELD = 40, 20
MOST_STATEMENTS = 20  # of the whole request, with who asks and what they may


@pytest.fixture
def frozen(anas_store):
    """A campaign that was frozen a day ago, to nobody yet."""
    begun = timezone.now() - timedelta(days=1)
    with tenant_scope(anas_store.pk):
        return Campaign.objects.create(
            name="Spring", state="sending", started_at=begun, frozen_at=begun
        )


@pytest.fixture
def plan(anas_store, frozen):
    """Plans both arms; so many of each order, each person for another amount, and one too early.

    Gives the amounts of both.
    """

    def plan(treated: int, held: int, number: int = 0) -> tuple[list[float], list[float]]:
        amounts: dict[str, list[float]] = {"sent": [], "holdout": []}
        for state, people, buyers in (("sent", TREATED, treated), ("holdout", HELD, held)):
            for place in range(people):
                number += 1
                person = make_customer(number, f"{number}@shop.test")
                make_message(frozen, person, state=state, handed_at=timezone.now(),
                             reason="holdout" if state == "holdout" else "")  # fmt: skip
                if place < buyers:
                    amounts[state].append(number + 0.25)
                    order(person, amounts[state][-1])
                elif place == buyers:
                    order(person, 1000, frozen.frozen_at - timedelta(hours=1))
        return amounts["sent"], amounts["holdout"]

    def order(person, amount, at=None):
        make_row(Order, customer=person, currency="GBP", current_amount=Decimal(str(amount)),
                 processed_at=at or timezone.now())  # fmt: skip

    def within_the_store(*told, **more):
        with tenant_scope(anas_store.pk):
            return plan(*told, **more)

    return within_the_store


def test_the_api_tells_the_functions_own_numbers(ana_api, frozen, plan):
    treated, held = plan(24, FEWEST)
    conversion = newcombe(Arm(TREATED, 24), Arm(HELD, FEWEST))
    revenue = revenue_lift(treated=treated, treated_people=TREATED, control=held,
                           control_people=HELD, seed=frozen.pk)  # fmt: skip

    told = ana_api.get(f"/campaigns/{frozen.pk}/report").json()["lift"]

    assert told["treated"] == {"people": TREATED, "ordered": 24}
    assert told["holdout"] == {"people": HELD, "ordered": FEWEST}
    assert told["conversion"] == pytest.approx(ends(conversion))
    assert told["revenue_per_recipient"] == {
        name: format_money(to_money(value), "GBP") for name, value in ends(revenue).items()
    }
    assert told["refusal"] is None
    # The arms themselves, without the functions: 24 of 40 and 10 of 20, and what each spent.
    assert told["conversion"]["estimate"] == pytest.approx(24 / 40 - 10 / 20)
    difference = sum(treated) / TREATED - sum(held) / HELD
    assert float(told["revenue_per_recipient"]["estimate"]) == pytest.approx(difference, abs=0.01)


def test_the_page_tells_the_same_numbers(anas_store, frozen, plan):
    treated, held = plan(24, FEWEST)
    conversion = newcombe(Arm(TREATED, 24), Arm(HELD, FEWEST))
    revenue = revenue_lift(treated=treated, treated_people=TREATED, control=held,
                           control_people=HELD, seed=frozen.pk)  # fmt: skip

    shown = page_of(anas_store, frozen)

    for told in (wording.points(conversion), wording.amounts(revenue, "GBP")):
        assert f"<strong>{told['estimate']}</strong>" in shown
        assert f"(95 %: {told['low']} to {told['high']})" in shown
    assert f"{100 * conversion.estimate:+.2f} points" == "+10.00 points"
    assert money(to_money(revenue.estimate), "GBP") in shown
    assert "The interval holds zero" in shown


@pytest.mark.parametrize(("treated", "held"), [(24, FEWEST - 1), (FEWEST - 1, FEWEST)])
def test_below_ten_conversions_in_an_arm_both_refuse(
    ana_api, anas_store, frozen, plan, treated, held
):
    plan(treated, held)

    told = ana_api.get(f"/campaigns/{frozen.pk}/report").json()["lift"]
    shown = page_of(anas_store, frozen)

    assert (told["conversion"], told["revenue_per_recipient"]) == (None, None)
    assert told["refusal"] == f"Each arm needs 10 people who ordered: {treated}, {held}."
    assert f"No difference is told yet. {told['refusal']}" in shown
    assert "95 %" not in shown


def test_the_reports_route_has_a_bounded_number_of_statements(ana_api, frozen, plan):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ana_api.get(f"/campaigns/{frozen.pk}/report").status_code == 200
        return len(asked)

    plan(24, FEWEST)
    statements()  # the first request finds what later ones remember
    few = statements()
    plan(24, FEWEST, number=TREATED + HELD)

    assert statements() == few <= MOST_STATEMENTS


def page_of(store, campaign: Campaign) -> str:
    """The report's page, as Ana sees it."""
    answer = browser_of(store, "owner").get(f"/admin/campaigns/campaign/{campaign.pk}/report/")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def ends(interval: Interval) -> dict[str, float]:
    """By name."""
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}
