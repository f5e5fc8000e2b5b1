"""No text of a user is ever part of a statement: it is a parameter, whatever it says."""

import pytest

from customers.tests.builders import make_customer
from segments.compiling.compiler import matching
from segments.language.problems import SegmentSyntaxError
from segments.language.registry import ATTRIBUTES, Kind
from segments.language.tree import (
    Clause,
    Compare,
    Contains,
    Matches,
    Operator,
    Parameter,
    Text,
)
from segments.tests.asking import CLOCK
from xeno.lib.errors import Mistake

HOSTILE = (
    "x' OR '1'='1",
    "x'; DROP TABLE customers_customer; --",
    'x" OR 1=1 --',
    "x\\' OR 1=1 --",
    "%s",
    "%(tenant)s%%",
    "$1",
    "{0} {x}",
    "x) OR (true",
    "/* */ UNION SELECT 1",
    "\N{FULLWIDTH APOSTROPHE} OR 1=1",
)
TEXTS = (Kind.STRING, Kind.ENUM, Kind.STRINGS, Kind.ENUMS, Kind.IDS)


def places():
    """A clause for each place that a text can stand in."""
    for attribute in ATTRIBUTES.values():
        argument = "x" if attribute.takes_argument else ""
        if attribute.kind in TEXTS and attribute.kind in {Kind.STRING, Kind.ENUM}:
            yield (
                attribute.name,
                lambda text, a=attribute: Clause(a.name, Compare(Operator.EQUAL, Text(text))),
            )
        elif attribute.kind in TEXTS:
            yield attribute.name, lambda text, a=attribute: Clause(a.name, Contains(Text(text)))
        if argument:
            yield (
                f"{attribute.name}('…')",
                lambda text, a=attribute: Clause(a.name, Matches(), argument=text),
            )
        for each in attribute.parameters:
            if each.kind in TEXTS:
                yield (
                    f"{attribute.name}.{each.name}",
                    lambda text, a=attribute, p=each: Clause(
                        a.name, Matches((Parameter(p.name, Compare(Operator.EQUAL, Text(text))),))
                    ),
                )


PLACES = dict(places())


@pytest.mark.parametrize("place", PLACES)
def test_f070_a_text_is_a_parameter_in_every_place(in_anas_store, place):
    make_customer(in_anas_store)

    for hostile in HOSTILE:
        try:
            found = matching(PLACES[place](hostile), clock=CLOCK)
        except Mistake:
            continue  # refused: an unknown segment, no coordinates
        statement, _ = found.values("pk").query.sql_with_params()

        assert hostile not in statement.replace("%s", "?")
        assert list(found) == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_f070_a_name_is_looked_up_and_never_written(in_anas_store, hostile):
    with pytest.raises(SegmentSyntaxError):
        matching(Clause(hostile, Matches()), clock=CLOCK)

    family = Clause(f"customer.{hostile}", Compare(Operator.EQUAL, Text("x")))
    assert list(matching(family, clock=CLOCK)) == []


def test_f070_every_kind_of_place_is_tried():
    assert {"customer_tags", "companies", "products_purchased.tag", "segment('…')"} <= set(PLACES)
    assert len(PLACES) > 15
