"""The page of predictions: what is expected, how far to trust it, or why there is nothing."""

import json
from datetime import date

import pytest

from conftest import make_member
from orders.models import Prediction, PredictionFit
from tenants import team
from tenants.audit import Actor
from tenants.roles import Right, Role
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
PAGE = "/admin/predictions/"
QUALITY = {
    "days": 120, "customers": 300, "actual_orders": 100.0, "expected_orders": 110.0, "error": 0.1,
    "mean_error": 0.4, "correlation": 0.6,
    "buckets": [
        {"repeats": 0, "customers": 200, "actual": 0.2, "expected": 0.25},
        {"repeats": 7, "customers": 100, "actual": 0.6, "expected": 0.6},
    ],
}  # fmt: skip
BANDS = [
    {"churn": "low", "customers": 90, "orders_90": 40.4, "orders_365": 150.2, "value_365": 9000500},
    {"churn": "unknown", "customers": 1210, "orders_90": 9, "orders_365": 31, "value_365": 1000000},
]
FITTED = {
    "fitted_on": date(2026, 3, 1), "customers": 1300, "repeating": 90, "days": 365,
    "currency": "GBP", "quality": QUALITY, "bands": BANDS,
    "parameters": {"r": 1, "alpha": 6, "a": 0.8, "b": 2.5, "p": 6, "q": 4, "v": 15},
}  # fmt: skip


@pytest.fixture
def fitted(anas_rows):
    with tenant_scope(anas_rows.store.pk):
        PredictionFit.objects.create(**FITTED)
        Prediction.objects.create(
            customer=anas_rows.customer, predicted_on=date(2026, 3, 1), orders_30=0.5,
            orders_90=1.4, orders_365=4.2, value_30=10, value_90=30, value_365=84.5, alive=0.91,
            churn="low", next_order_on=date(2026, 4, 9),
        )  # fmt: skip


def test_it_tells_what_is_expected_of_all_and_of_whom_most(anas, fitted):
    response = anas.get(PAGE)

    figures = [(card.value, card.unit) for card in response.context["cards"]]
    assert figures == [("49", ""), ("181", ""), ("10,000.50", "GBP"), ("Good", "")]
    assert response.context["bands"].rows[0][1:] == ("90", "40", "150", "9,000.50 GBP")
    name, *rest = response.context["best"].rows[0]
    assert "Zelda" in name
    assert rest == ["91% likely", "9 Apr 2026", "4.2", "84.50 GBP"]


def test_it_says_how_an_earlier_fit_did(anas, fitted):
    response = anas.get(PAGE)

    assert "it would have expected 110 orders; 100 came" in response.text
    chart = response.context["chart"]
    assert "Never back: 0.25 expected, 0.20 came" in chart.words
    for bars in json.loads(chart.data)["datasets"]:
        assert bars["maxTicksXLimit"] == len(bars["data"])
        assert bars["categoryPercentage"] < bars["barPercentage"]


def test_who_reads_names_is_noted(anas, fitted):
    anas.get(PAGE)

    assert "customer.listed" in anas.get("/admin/tenants/auditentry/").text


def test_without_the_right_to_customers_there_are_figures_and_no_names(
    signed_in, ana, anas_store, fitted
):
    alex = make_member(anas_store, "alex@example.com", Role.ANALYST)
    member = alex.memberships.get()
    with tenant_scope(anas_store.pk):
        team.take_right(actor=Actor(ana), membership=member, right=Right.VIEW_CUSTOMERS)

    response = signed_in(alex).get(PAGE)

    assert response.context["cards"]
    assert "Zelda" not in response.text
    assert "Names need the right to view customers." in response.text


def test_money_without_a_pattern_is_said(anas, anas_store, fitted):
    bands = [band | {"value_365": None} for band in BANDS]
    with tenant_scope(anas_store.pk):
        PredictionFit.objects.update(bands=bands)

    assert "What customers spend follows no pattern" in anas.get(PAGE).text


def test_a_refusal_says_why_and_how_much_is_lacking(anas, anas_store):
    with tenant_scope(anas_store.pk):
        PredictionFit.objects.create(
            refusal="too_few_customers", customers=12, repeating=40, days=90, currency="GBP"
        )

    response = anas.get(PAGE)

    assert "Predictions need 100 customers with an order; this store has 12." in response.text
    assert [(has, least, enough) for has, least, _, enough in response.context["needs"]] == [
        (12, 100, False), (40, 30, True), (90, 90, True),
    ]  # fmt: skip
    assert not response.context["cards"]


def test_before_the_first_fit_it_says_when_there_will_be_one(anas):
    text = anas.get(PAGE).text

    assert "Still to come" in text
    assert "once a day" in text
