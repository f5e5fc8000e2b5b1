"""What is said of wrong queries: each mistake with its place, all of them at once."""

import re
from pathlib import Path

import pytest

from segments.language import SegmentSyntaxError, parse

TABLE = Path(__file__).with_name("mistakes.txt")
PROBLEM = re.compile(r"    (\w+) (\d+):(\d+) (.*?)(?: -> (.*))?")


def mistakes():
    """The table: each query with code, line, column, message and suggestion of its problems."""
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if match := PROBLEM.fullmatch(line):
            code, row, column, says, meant = match.groups()
            told = f"Line {row} Column {column}: {says}"
            found[-1][1].append((code, int(row), int(column), told, meant or ""))
        elif not line.startswith("#"):
            found.append((line, []))
    return found


def problems(query):
    with pytest.raises(SegmentSyntaxError) as caught:
        parse(query)
    return caught.value.problems


@pytest.mark.parametrize(("query", "expected"), mistakes())
def test_a_mistake_is_told_with_its_place_and_what_was_meant(query, expected):
    assert [
        (each.code, each.at.line, each.at.column, each.message, each.suggestion)
        for each in problems(query)
    ] == expected


@pytest.mark.parametrize("query", ["", "   ", "\n", " -- nothing\n", "/* nothing */"])
def test_nothing_is_no_query(query):
    assert [each.message for each in problems(query)] == ["Query can't be blank"]


@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
def test_what_cannot_be_stored_is_refused_wherever_it_stands(bad):
    for query in (f"customer_tags CONTAINS 'a{bad}'", f"number_of_orders > 1 -- {bad}"):
        (problem,) = problems(query)

        assert (problem.code, problem.at.column) == ("bad_character", query.index(bad))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("number_of_orders > 1 AND", ("a filter", "(")),
        ("number_of_orders > 1 )", ("AND", "OR")),
        ("(number_of_orders > 1", ("AND", "OR", ")")),
        ("number_of_orders", ("=", "!=", ">", ">=", "<", "<=", "BETWEEN")),
        ("customer_tags ~ 'vip'", ("CONTAINS", "NOT CONTAINS", "IS NULL", "IS NOT NULL")),
        ("orders_placed", ("MATCHES", "NOT MATCHES", "IS NULL", "IS NOT NULL")),
        ("customer_tags IS", ("NULL", "NOT NULL")),
        ("customer_tags IS NOT", ("NULL",)),
        ("customer.metafields.custom.vip IS", ("NULL", "NOT NULL", "TRUE", "FALSE")),
        ("amount_spent >", ("a value",)),
        ("amount_spent BETWEEN 1", ("AND",)),
        ("orders_placed MATCHES", ("(",)),
        ("orders_placed MATCHES (", (")", "a parameter")),
        ("orders_placed MATCHES (count = 1", (")", ",")),
        ("products_purchased MATCHES (id IN (1", (")", ",")),
        ("number_of_orders > 'x'", ("a whole number",)),
        ("sms_subscription_status = 'ON'", (
            "SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "REDACTED",
        )),
    ],
)  # fmt: skip
def test_what_could_stand_there_is_told_in_a_persons_words(query, expected):
    assert problems(query)[0].expected == expected


def test_the_error_says_its_first_problem_and_belongs_to_the_query():
    with pytest.raises(SegmentSyntaxError) as caught:
        parse("nonsense = 1 AND more_nonsense = 1")

    assert str(caught.value) == "Line 1 Column 0: 'nonsense' filter cannot be found."
    assert (caught.value.status, caught.value.field) == (400, "query")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("nonsense = 1\n AND more = 1", [(1, 0), (2, 5)]),
        ("nonsense = 1\r\nAND more = 1", [(1, 0), (2, 4)]),
        ("\n\n  nonsense = 1", [(3, 2)]),
        ("/* two\nlines */ nonsense = 1", [(2, 9)]),
        ("customer_tags CONTAINS 'two\nlines' AND nonsense = 1", [(2, 11)]),
    ],
)
def test_lines_count_from_1_and_columns_from_0(query, lines):
    assert [(each.at.line, each.at.column) for each in problems(query)] == lines


def test_100_clauses_are_read_and_one_more_is_not():
    clause = "number_of_orders = 1"

    assert parse(" AND ".join([clause] * 100))
    assert problems(" AND ".join([clause] * 101))[0].code == "too_many_clauses"


def test_50_parentheses_are_read_and_one_more_is_not():
    def nested(depth):
        return "(" * depth + "number_of_orders = 1" + ")" * depth

    assert parse(nested(50))
    assert problems(nested(51))[0].code == "too_deep"


def test_500_ids_are_read_and_one_more_is_not():
    def bought(count):
        return f"products_purchased MATCHES (id IN ({', '.join(['1'] * count)}))"

    assert parse(bought(500))
    assert problems(bought(501))[0].code == "too_many_values"
