"""Predictions over the API and on a customer's page."""

import pytest

from conftest import api_of, make_member
from orders.models import Prediction, PredictionFit
from orders.predicting.making import predict
from orders.predicting.panel import prediction_panel
from orders.predicting.report import trouble_of, verdict_of
from orders.predicting.tests.shop import TODAY, put_shop
from tenants.roles import Role


@pytest.fixture
def fitted(in_anas_store):
    put_shop(in_anas_store)
    return PredictionFit.objects.create(**predict(tenant=in_anas_store, on=TODAY.date()))


def test_a_fit_comes_with_its_quality_its_bands_and_the_best(ana_api, fitted):
    told = ana_api.get("/analytics/predictions?limit=5").json()

    assert (told["state"], told["refusal"], told["trouble"]) == ("fitted", None, None)
    assert told["quality"]["verdict"] in ("good", "fair", "poor")
    assert sum(band["customers"] for band in told["bands"]) == told["customers"]
    assert {band["churn"] for band in told["bands"]} >= {"low", "unknown"}
    values = [float(each["value_365"]) for each in told["top"]]
    assert (len(values), values) == (5, sorted(values, reverse=True))
    assert told["top"][0]["customer"] == str(
        Prediction.objects.order_by("-value_365").first().customer_id
    )


def test_a_refusal_is_told_with_its_figures(ana_api, in_anas_store):
    PredictionFit.objects.create(
        refusal="too_few_customers", customers=12, fitted_on=TODAY.date(), currency="GBP"
    )

    told = ana_api.get("/analytics/predictions").json()

    assert (told["state"], told["top"], told["bands"]) == ("refused", [], [])
    assert told["trouble"] == ("Predictions need 100 customers with an order; this store has 12.")
    assert told["needs"] == {"customers": 100, "repeating": 30, "days": 90}


def test_before_the_first_fit_it_is_waited_for(ana_api):
    told = ana_api.get("/analytics/predictions").json()

    assert (told["state"], told["fitted_on"], told["quality"]) == ("waiting", None, None)
    assert "once a day" in told["trouble"]


def test_whoever_may_not_see_analytics_is_refused(anas_store, fitted):
    support = api_of(make_member(anas_store, "sue@example.com", Role.SUPPORT))

    refused = support.get("/analytics/predictions")

    assert refused.status_code == 403


def test_cy_reads_nothing_of_anas(cy_api, fitted):
    assert cy_api.get("/analytics/predictions").json()["state"] == "waiting"


def test_the_panel_says_unknown_after_one_order_and_a_chance_after_more(in_anas_store, fitted):
    once, back = (
        Prediction.objects.filter(alive__isnull=null).select_related("customer").first()
        for null in (True, False)
    )

    unknown = prediction_panel(in_anas_store, once.customer)
    known = prediction_panel(in_anas_store, back.customer)

    assert "is unknown: one order says nothing of it" in unknown.note
    assert f"Still a customer: {back.alive:.0%} likely" in known.note
    assert [row[0] for row in known.rows] == ["Expected orders", "Expected value"]
    assert known.rows[1][3].endswith(" GBP")


def test_the_panel_says_why_there_is_none(in_anas_store, fitted):
    customer = Prediction.objects.first().customer
    Prediction.objects.all().delete()
    late = prediction_panel(in_anas_store, customer)
    PredictionFit.objects.update(refusal="too_few_repeats", parameters=None, repeating=4)
    refused = prediction_panel(in_anas_store, customer)

    assert (late.rows, refused.rows) == ([], [])
    assert "no order that counts" in late.note
    assert "this store has 4" in refused.note


@pytest.mark.parametrize("refusal", PredictionFit._meta.get_field("refusal").choices)
def test_every_refusal_has_words(refusal):
    words = trouble_of(PredictionFit(refusal=refusal[0], customers=1, repeating=2, days=3))

    assert words.endswith(".")
    assert "{" not in words
    assert "None" not in words


@pytest.mark.parametrize(
    ("error", "expected", "verdict"),
    [(0.15, 9.0, "good"), (-0.35, 9.0, "fair"), (0.36, 9.0, "poor"),
     (None, 1.0, "poor"), (None, 0.4, "unknown")],
)  # fmt: skip
def test_a_fit_is_as_good_as_what_it_expected_of_the_past(error, expected, verdict):
    """Without an error nothing came at all."""
    assert verdict_of({"error": error, "expected_orders": expected}) == verdict
    assert verdict_of(None) == "unknown"


def test_what_a_poor_fit_says_of_somebody_is_called_a_guess(in_anas_store, fitted):
    somebody = Prediction.objects.exclude(alive=None).first().customer
    before = prediction_panel(in_anas_store, somebody)

    PredictionFit.objects.update(quality={**fitted.quality, "error": 0.9})
    panel = prediction_panel(in_anas_store, somebody)

    assert "guess" not in f"{before.note} {before.cards}"
    assert "Take this as a guess" in panel.note
    assert all(card.note.startswith("A guess") for card in panel.cards)
