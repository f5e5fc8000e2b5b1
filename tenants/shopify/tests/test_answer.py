"""An answer of 200 may be a refusal, a pause, or less than was asked: each is told apart."""

import pytest

from tenants.shopify.answer import read_answer, read_bucket
from tenants.shopify.errors import QueryRefused, ScopeMissing, ShopifyThrottled

COST = {
    "requestedQueryCost": 502,
    "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 402, "restoreRate": 100},
}


def test_data_is_handed_on():
    answer = read_answer({"data": {"shop": {"name": "Hats"}}})

    assert (answer.data, answer.withheld) == ({"shop": {"name": "Hats"}}, frozenset())


def test_a_throttled_answer_says_how_long_to_wait():
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}

    with pytest.raises(ShopifyThrottled) as refusal:
        read_answer({"errors": [error], "extensions": {"cost": COST}})
    assert refusal.value.wait == pytest.approx(1.0)


def test_a_withheld_field_is_not_an_empty_one():
    error = {
        "message": "This app is not approved to use the email field. See …",
        "path": ["customers", "nodes", 3, "email"],
        "extensions": {"code": "ACCESS_DENIED"},
    }
    answer = read_answer({"data": {"customers": {"nodes": []}}, "errors": [error]})

    assert answer.withheld == {"customers.nodes.email"}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"errors": [{"message": "Access denied for orders field.", "path": ["orders"],
                      "extensions": {"code": "ACCESS_DENIED"}}], "data": None}, ScopeMissing),
        ({"errors": [{"message": "Field 'x' doesn't exist"}]}, QueryRefused),
        ({"errors": "Not Found"}, QueryRefused),
        ({}, QueryRefused),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(body, refusal):
    with pytest.raises(refusal):
        read_answer(body)


@pytest.mark.parametrize(
    "cost", [None, {}, {"requestedQueryCost": "many"}, {**COST, "throttleStatus": {}}]
)
def test_an_answer_without_a_cost_has_no_bucket(cost):
    assert read_bucket({"extensions": {"cost": cost}}) is None
