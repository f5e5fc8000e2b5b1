"""The language over the API: attributes, text and tree, previews."""

import pytest

from customers.models import Customer
from segments import preview as previewing
from segments.api import language
from segments.language.checking import operators_of, parameter_operators
from segments.language.registry import ATTRIBUTES, PREFIXES
from tenants.models import AuditEntry

TREE = {"attribute": "number_of_orders", "operator": ">", "value": 2}


def test_every_attribute_is_listed_with_what_can_be_asked_of_it(ana_api, anas_store):
    told = {each["name"]: each for each in ana_api.get("/segments/attributes").json()}

    assert set(ATTRIBUTES) < set(told)
    assert told["number_of_orders"]["operators"] == ["=", "!=", ">", ">=", "<", "<=", "BETWEEN"]
    assert told["customer_tags"]["operators"] == [
        "CONTAINS", "NOT CONTAINS", "IS NULL", "IS NOT NULL",
    ]  # fmt: skip
    assert told["rfm_group"]["values"][0] == "CHAMPIONS"
    assert not told["storefront.product_viewed"]["has_data"]
    assert told["segment"]["extension"]
    ids, *_ = told["products_purchased"]["parameters"]
    assert (ids["name"], ids["operators"]) == ("id", ["=", "!=", "IN", "NOT IN"])


def test_what_is_offered_is_what_the_parser_takes(ana_api, anas_store):
    told = {each["name"]: each for each in ana_api.get("/segments/attributes").json()}

    known = ATTRIBUTES | PREFIXES
    assert {name: tuple(each["operators"]) for name, each in told.items()} == {
        name: operators_of(attribute) for name, attribute in known.items()
    }
    assert {
        (name, parameter["name"]): tuple(parameter["operators"])
        for name, each in told.items()
        for parameter in each["parameters"]
    } == {
        (name, parameter.name): parameter_operators(parameter)
        for name, attribute in known.items()
        for parameter in attribute.parameters
    }


@pytest.mark.parametrize("body", [{"query": "number_of_orders>2"}, {"tree": TREE}])
def test_text_and_tree_are_two_forms_of_one_query(ana_api, anas_store, body):
    told = ana_api.post("/segments/parse", body, format="json").json()

    assert told == {"query": "number_of_orders > 2", "tree": TREE, "warnings": []}


def test_an_older_spelling_is_rewritten_and_said(ana_api, anas_store):
    told = ana_api.post(
        "/segments/parse", {"query": "last_order_date > 30_days_ago"}, format="json"
    ).json()

    assert told["query"] == "last_order_date > -30d"
    assert [each["code"] for each in told["warnings"]] == ["rewritten"]


def test_a_mistake_in_a_tree_has_a_path(ana_api, anas_store):
    tree = {"all": [TREE, {**TREE, "operator": "~"}]}

    response = ana_api.post("/segments/parse", {"tree": tree}, format="json")

    assert response.status_code == 400
    assert [each["attr"] for each in response.json()["errors"]] == ["tree.all[1].operator"]


@pytest.mark.parametrize("body", [{}, {"query": "a", "tree": TREE}])
def test_one_of_the_two_is_asked_for(ana_api, anas_store, body):
    assert ana_api.post("/segments/parse", body, format="json").status_code == 400


def test_a_preview_counts_and_shows_whom_it_found(ana_api, five):
    body = {"query": "number_of_orders > 2 AND customer_tags NOT CONTAINS 'nobody'"}

    told = ana_api.post("/segments/preview", body, format="json").json()

    assert (told["count"], told["estimate"]) == (3, None)
    assert [each["email"][0] for each in told["sample"]] == ["5", "4", "3"]
    assert [each["code"] for each in told["warnings"]] == ["unknown_tag"]


def test_whom_a_preview_showed_is_written_down(ana_api, five):
    ana_api.post("/segments/preview", {"query": "number_of_orders = 5"}, format="json")

    entry = AuditEntry.objects.get(action="customer.listed")
    assert entry.seen == [five[-1].pk]


def test_who_may_not_see_customers_is_told_the_count_alone(api, ana_api, five):
    key = ana_api.post(
        "/api-keys", {"name": "BI", "rights": ["view_segments"]}, format="json"
    ).json()["key"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")

    told = api.post("/segments/preview", {"query": "number_of_orders > 2"}, format="json").json()

    assert (told["count"], told["sample"]) == (3, None)


def test_a_count_of_a_sample_says_that_it_is_one(ana_api, five, monkeypatch):
    def slow(node, **given):
        return previewing.Preview(2_000, (Customer.objects.first().pk,), True, 500, 10_000, 350)

    monkeypatch.setattr(language, "preview", slow)

    told = ana_api.post(
        "/segments/preview", {"query": "number_of_orders > 2"}, format="json"
    ).json()

    assert told["estimate"] == {"asked": 500, "of": 10_000, "error": 350}


def test_a_question_that_cannot_even_be_estimated_is_503_come_again(ana_api, five, monkeypatch):
    def slow(node, **given):
        raise previewing.PreviewTooSlow

    monkeypatch.setattr(language, "preview", slow)

    response = ana_api.post("/segments/preview", {"query": "number_of_orders > 2"}, format="json")

    assert response.status_code == 503
    assert response.json()["errors"][0]["code"] == "preview_too_slow"
