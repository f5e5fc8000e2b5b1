"""Text to tree."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from segments.language import format_query, parse
from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    Day,
    IsNull,
    Matches,
    Moment,
    Named,
    Number,
    Offset,
    OneOf,
    Operator,
    Or,
    Parameter,
    Text,
)


def names(node):
    """The shape of a tree: names, with lists for And and tuples for Or."""
    if isinstance(node, Clause):
        return str(node.test.value.value)
    return (list if isinstance(node, And) else tuple)(names(part) for part in node.parts)


def shape(text):
    """The shape of a query over `n = 1`-like clauses, each named by its number."""
    for each in "12345":
        text = text.replace(each, f"number_of_orders = {each}")
    return names(parse(text))


def asked(text):
    return parse(text).test


def value(text):
    return parse(f"last_order_date = {text}").test.value


class TestPrecedence:
    @pytest.mark.parametrize(
        ("text", "tree"),
        [
            ("1", "1"),
            ("1 AND 2", ["1", "2"]),
            ("1 OR 2", ("1", "2")),
            ("1 AND 2 OR 3", (["1", "2"], "3")),
            ("1 OR 2 AND 3", ("1", ["2", "3"])),
            ("1 AND 2 OR 3 AND 4", (["1", "2"], ["3", "4"])),
            ("1 AND (2 OR 3)", ["1", ("2", "3")]),
            ("(1 OR 2) AND 3", [("1", "2"), "3"]),
            ("(1 AND 2) AND 3", ["1", "2", "3"]),
            ("1 OR (2 OR (3 OR 4))", ("1", "2", "3", "4")),
            ("((1))", "1"),
            ("1 AND (2 OR (3 AND (4 OR 5)))", ["1", ("2", ["3", ("4", "5")])]),
        ],
    )
    def test_and_binds_before_or_and_parentheses_before_both(self, text, tree):
        assert shape(text) == tree

    def test_the_and_of_a_range_is_no_and_between_clauses(self):
        node = parse("amount_spent BETWEEN 1 AND 2 AND number_of_orders = 3")

        assert isinstance(node, And)
        assert node.parts[0].test == Between(Number(Decimal(1)), Number(Decimal(2)))


class TestTests:
    @pytest.mark.parametrize("operator", list(Operator))
    def test_every_comparison(self, operator):
        assert asked(f"amount_spent {operator} 10.99") == Compare(
            operator, Number(Decimal("10.99"))
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("customer_tags CONTAINS 'vip'", Contains(Text("vip"))),
            ("customer_tags NOT CONTAINS 'vip'", Contains(Text("vip"), negated=True)),
            ("customer_tags IS NULL", IsNull()),
            ("customer_tags IS NOT NULL", IsNull(negated=True)),
            ("orders_placed MATCHES ()", Matches()),
            ("orders_placed NOT MATCHES ()", Matches(negated=True)),
            ("orders_placed IS NULL", IsNull()),
            ("companies = 12", Compare(Operator.EQUAL, Number(Decimal(12)))),
            ("companies CONTAINS 12", Contains(Number(Decimal(12)))),
        ],
    )
    def test_what_is_no_comparison(self, text, expected):
        assert asked(text) == expected

    def test_parameters_stand_in_the_order_of_the_text(self):
        matches = asked(
            "products_purchased MATCHES (id NOT IN (1, 2), date BETWEEN -3m AND today, count >= 2)"
        )

        one, two = Number(Decimal(1)), Number(Decimal(2))
        assert matches.parameters == (
            Parameter("id", OneOf((one, two), negated=True)),
            Parameter("date", Between(Offset(-3, "m"), Named("today"))),
            Parameter("count", Compare(Operator.AT_LEAST, two)),
        )

    def test_an_argument(self):
        node = parse("anniversary('metafields.facts.birth_date') BETWEEN today AND +30d")

        assert (node.name, node.argument) == ("anniversary", "metafields.facts.birth_date")

    def test_a_metafield_has_any_name_and_type(self):
        assert parse("customer.metafields.app--1--loyalty.my-points >= 100").test.value.value == 100
        assert parse("customer.facts_birth_date < today").test.value == Named("today")

    @pytest.mark.parametrize(
        "point", ["'52.52,13.405'", "'52.52, -13.405'", "(52.52, 13.405)", "(-1, 2)"]
    )
    def test_a_point_on_earth(self, point):
        assert asked(f"customer_within_distance MATCHES (coordinates = {point}, distance_km <= 10)")


class TestLiterals:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2024-02-29", Day(date(2024, 2, 29))),
            ("2024-02-29T16:00:01", Moment(datetime(2024, 2, 29, 16, 0, 1))),  # noqa: DTZ001
            ("2024-02-29T16:00", Moment(datetime(2024, 2, 29, 16))),  # noqa: DTZ001
            ("today", Named("today")),
            ("Yesterday", Named("yesterday")),
            ("-7d", Offset(-7, "d")),
            ("+2W", Offset(2, "w")),
            ("-0m", Offset(0, "m")),
            ("-1000y", Offset(-1000, "y")),
        ],
    )
    def test_dates(self, text, expected):
        assert value(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("'vip'", "vip"),
            ("''", ""),
            (r"'it\'s'", "it's"),
            (r"'a\\'", "a\\"),
            (r"'a\b'", r"a\b"),
            ("'  two  spaces '", "  two  spaces "),
            ("'a -- b /* c */'", "a -- b /* c */"),
            ("'AND'", "AND"),
            ("'line\nbreak'", "line\nbreak"),
            ("'ü 漢 🎉'", "ü 漢 🎉"),
            ("'\"'", '"'),
        ],
    )
    def test_texts(self, text, expected):
        assert asked(f"customer_tags CONTAINS {text}").value.value == expected

    @pytest.mark.parametrize("text", ["9223372036854775807", "-9223372036854775807", "007", "+5"])
    def test_whole_numbers(self, text):
        assert asked(f"created_by_app_id = {text}").value.value == int(text)

    def test_minus_nothing_is_nothing(self):
        assert format_query(parse("amount_spent > -0")) == "amount_spent > 0"


class TestFreedoms:
    PLAIN = "number_of_orders > 5 AND customer_tags NOT CONTAINS 'vip'"

    @pytest.mark.parametrize(
        "text",
        [
            "  number_of_orders > 5 AND customer_tags NOT CONTAINS 'vip'\n",
            "number_of_orders>5 and customer_tags not contains'vip'",
            "number_of_orders  >  5\n\tAnd\r\ncustomer_tags Not  Contains 'vip'",
            "number_of_orders > 5 -- often\nAND customer_tags NOT CONTAINS 'vip' -- no",
            "/* a */ number_of_orders /* b\n */ > 5 AND customer_tags NOT CONTAINS 'vip'",
            "(number_of_orders > 5) AND ((customer_tags NOT CONTAINS 'vip'))",
            "\ufeffnumber_of_orders\u00a0> 5 AND\u200b customer_tags NOT CONTAINS 'vip'",
        ],
    )
    def test_space_case_comments_and_parentheses_change_nothing(self, text):
        assert parse(text) == parse(self.PLAIN)

    def test_5000_characters_are_read(self):
        assert parse("number_of_orders > 5" + " " * 4980)


class TestPlaces:
    def test_a_clause_knows_where_it_stands(self):
        text = "number_of_orders > 5\nAND customer_tags\n CONTAINS 'vip' "

        second = parse(text).parts[1]

        assert (second.at.line, second.at.column) == (2, 4)
        assert text[second.at.offset : second.at.end] == "customer_tags\n CONTAINS 'vip'"
        assert (second.test.at.line, second.test.at.column) == (3, 1)
        assert text[second.test.value.at.offset : second.test.value.at.end] == "'vip'"

    def test_places_do_not_count_when_trees_are_compared(self):
        one, other = parse("number_of_orders > 5"), parse("\n  number_of_orders   >   5")

        assert one == other
        assert hash(one) == hash(other)
        assert one.at != other.at


def test_trees_are_equal_only_for_equal_queries():
    assert parse("number_of_orders = 1") != parse("number_of_orders = 2")
    assert isinstance(parse("number_of_orders = 1 OR number_of_orders = 2"), Or)
