"""Tree to JSON and back; JSON of any shape is a query or refused with a path."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segments.language import SegmentSyntaxError, format_query, from_json, parse, to_json
from segments.language.tests.queries import nodes


@pytest.mark.parametrize(
    ("query", "shape"),
    [
        (
            "number_of_orders > 5",
            {"attribute": "number_of_orders", "operator": ">", "value": 5},
        ),
        (
            "amount_spent = 10.99",
            {"attribute": "amount_spent", "operator": "=", "value": 10.99},
        ),
        (
            "created_by_app_id = 9007199254740993",
            {
                "attribute": "created_by_app_id",
                "operator": "=",
                "value": {"number": "9007199254740993"},
            },
        ),
        (
            "amount_spent = 0.00000000000000000001",
            {"attribute": "amount_spent", "operator": "=", "value": 1e-20},
        ),
        (
            "amount_spent = 43.653225999999997",
            {
                "attribute": "amount_spent",
                "operator": "=",
                "value": {"number": "43.653225999999997"},
            },
        ),
        (
            "customer_tags NOT CONTAINS 'today'",
            {"attribute": "customer_tags", "operator": "NOT CONTAINS", "value": "today"},
        ),
        (
            "customer_tags IS NULL",
            {"attribute": "customer_tags", "operator": "IS NULL"},
        ),
        (
            "last_order_date BETWEEN 2024-02-29 AND today",
            {
                "attribute": "last_order_date",
                "operator": "BETWEEN",
                "values": [{"date": "2024-02-29"}, {"named": "today"}],
            },
        ),
        (
            "last_order_date > 2024-02-29T16:00:00",
            {
                "attribute": "last_order_date",
                "operator": ">",
                "value": {"datetime": "2024-02-29T16:00:00"},
            },
        ),
        (
            "anniversary('metafields.facts.birth_date') = +7d",
            {
                "attribute": "anniversary",
                "argument": "metafields.facts.birth_date",
                "operator": "=",
                "value": {"offset": "+7d"},
            },
        ),
        (
            "products_purchased MATCHES (id IN (1, 2), count >= 2)",
            {
                "attribute": "products_purchased",
                "operator": "MATCHES",
                "parameters": [
                    {"name": "id", "operator": "IN", "values": [1, 2]},
                    {"name": "count", "operator": ">=", "value": 2},
                ],
            },
        ),
        (
            "number_of_orders = 1 AND (amount_spent > 1 OR amount_spent < 0)",
            {
                "all": [
                    {"attribute": "number_of_orders", "operator": "=", "value": 1},
                    {
                        "any": [
                            {"attribute": "amount_spent", "operator": ">", "value": 1},
                            {"attribute": "amount_spent", "operator": "<", "value": 0},
                        ]
                    },
                ]
            },
        ),
    ],
)
def test_a_query_has_a_plain_shape(query, shape):
    assert to_json(parse(query)) == shape
    assert from_json(shape) == parse(query)


def test_groups_of_one_and_groups_in_groups_are_flat_in_the_tree():
    one = {"attribute": "number_of_orders", "operator": "=", "value": 1}

    assert from_json({"all": [{"any": [one]}]}) == from_json(one)
    assert format_query(from_json({"all": [one, {"all": [one, one]}]})).count("AND") == 2


@settings(max_examples=200, deadline=None)
@given(nodes())
def test_the_tree_comes_back_from_its_json(node):
    assert from_json(json.loads(json.dumps(to_json(node)))) == node


# --- What is refused --------------------------------------------------------------------------


def told(value):
    with pytest.raises(SegmentSyntaxError) as caught:
        from_json(value)
    return [problem.message for problem in caught.value.problems]


def clause(**fields):
    return {"attribute": "number_of_orders", "operator": "=", "value": 1} | fields


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        (None, ["query: a group or a clause is an object."]),
        ([], ["query: a group or a clause is an object."]),
        ({}, [
            "attribute: a clause has an attribute, a text.",
            "operator: there is no such operator.",
        ]),
        ({"all": []}, ["all: a group holds a list with one clause or more."]),
        ({"all": {}}, ["all: a group holds a list with one clause or more."]),
        ({"all": [5]}, ["all[0]: a group or a clause is an object."]),
        ({"all": [clause()], "any": []}, ["query: 'any' means nothing here."]),
        (clause(attribute="nope"), ["attribute: 'nope' filter cannot be found."]),
        (clause(attribute="customer.a b"), ["attribute: 'customer.a b' filter cannot be found."]),
        (clause(operator="~"), ["operator: there is no such operator."]),
        (clause(operator=["="]), ["operator: there is no such operator."]),
        (clause(operator="CONTAINS"), [
            "operator: 'CONTAINS' cannot be used with 'number_of_orders'.",
        ]),
        (clause(operator="IN", values=[1], value=1), [
            "query: 'value' means nothing here.", "query: 'IN' is for parameters only.",
        ]),
        (clause(extra=1), ["query: 'extra' means nothing here."]),
        (clause(value=None), ["value: this is no value of the language."]),
        (clause(value="1"), [
            "value: '1' is not a whole number, which 'number_of_orders' needs.",
        ]),
        (clause(value=1.5), [
            "value: 1.5 is not a whole number, which 'number_of_orders' needs.",
        ]),
        (clause(value=float("nan")), ["value: this number is too large."]),
        (clause(value=10**400), ["value: this number is too large."]),
        (clause(value=True), [
            "value: true is not a whole number, which 'number_of_orders' needs.",
        ]),
        (clause(value={"date": "2020-02-30"}), ["value: '2020-02-30' is not in the calendar."]),
        (clause(value={"offset": "5"}), ["value: '5' is no offset."]),
        (clause(value={"date": 5}), ["value: this is no value of the language."]),
        (clause(value={"x" * 99: "1"}), ["value: this is no value of the language."]),
        (clause(argument="x"), ["query: 'number_of_orders' takes no parentheses."]),
        (clause(argument=5), ["argument: this must be a text."]),
        ({"attribute": "customer_tags", "operator": "CONTAINS", "value": "a\x00"}, [
            "value: this character cannot be part of a query.",
        ]),
        ({"attribute": "amount_spent", "operator": "BETWEEN", "values": [1]}, [
            "values: 'BETWEEN' needs two values.",
        ]),
        ({"attribute": "orders_placed", "operator": "MATCHES", "parameters": {}}, [
            "parameters: parameters are a list.",
        ]),
        ({"attribute": "orders_placed", "operator": "MATCHES", "parameters": [
            {"name": "kount", "operator": "=", "value": 1},
            {"name": "date", "operator": "IS NULL"}, 7,
        ]}, [
            "parameters[1].operator: no parameter takes this operator.",
            "parameters[2]: a parameter is an object with a name.",
        ]),
        ({"any": [clause(), {"all": [clause(), clause(value="x")]}]}, [
            "any[1].all[1].value: 'x' is not a whole number, which 'number_of_orders' needs.",
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_path(value, messages):
    assert told(value) == messages


def test_groups_too_deep_and_too_many_clauses_are_refused():
    deep = clause()
    for _ in range(2000):
        deep = {"any": [deep]}

    assert "nested too deeply" in told(deep)[0]
    assert "too many conditions" in told({"all": [clause()] * 100_000})[0]


def test_a_query_too_long_to_keep_is_refused():
    tags = {"attribute": "customer_tags", "operator": "CONTAINS", "value": "x" * 100}

    assert told({"all": [tags] * 60}) == ["Query is too long (maximum is 5000 characters)"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["number_of_orders", "customer_tags", "=", "IN", "MATCHES", "BETWEEN"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from([
            "all", "any", "attribute", "operator", "value", "values", "parameters", "name",
            "argument", "date", "offset", "number", "named", "x",
        ]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(JSON)
def test_no_json_raises_anything_else(value):
    try:
        text = format_query(from_json(value))
    except SegmentSyntaxError as refused:
        text = refused.problems

    assert text
