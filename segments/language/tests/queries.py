"""Random trees of the language, for tests that must hold of every query."""

from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from segments.language.attributes import OURS, SHOPIFYS
from segments.language.checking import operators_of, parameter_operators
from segments.language.registry import Kind, find_attribute
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

LARGEST = 2**63 - 1
METAFIELD = find_attribute("customer.metafields.facts.size")
TEXTS = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8
) | st.sampled_from(["vip", "it's", "\\", "\\'", "a -- b", "AND", "", " "])
DATES = st.one_of(
    st.dates().map(Day),
    st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    ).map(lambda moment: Moment(moment.replace(microsecond=0))),
    st.builds(Offset, st.integers(-1000, 1000), st.sampled_from("dwmy")),
    st.sampled_from([Named("today"), Named("yesterday"), Day(date(2024, 2, 29))]),
)
WHOLE = st.integers(-LARGEST, LARGEST) | st.integers(-5, 5)
NATURAL = st.integers(0, LARGEST) | st.integers(0, 5)
AMOUNTS = (
    st.decimals(-LARGEST, LARGEST, places=2)
    | st.decimals(-180, 180, places=20)
    | WHOLE.map(Decimal)
)
POSITIVE = AMOUNTS.map(abs)


def numbers(source):
    return source.map(lambda number: Number(Decimal(number)))


def values(of, *, parameter=False):
    """Values that the attribute or parameter takes."""
    if of.name == "coordinates":
        return st.sampled_from([Text("52.52,13.405"), Text("-1, 2")])
    if of.values:
        return st.sampled_from(of.values).map(Text)
    if of.kind == Kind.DATE:
        return DATES
    if of.kind == Kind.FLOAT:
        return numbers(POSITIVE if of.name.startswith("distance") else AMOUNTS)
    if of.kind in {Kind.INTEGER, Kind.ID, Kind.IDS}:
        return numbers(NATURAL if parameter else WHOLE)
    return TEXTS.map(Text)


def tests(words, values):
    """Tests with that operator."""
    if words == "BETWEEN":
        return st.builds(Between, values, values)
    if "CONTAINS" in words:
        return st.builds(Contains, values, st.just(words != "CONTAINS"))
    if words.endswith("NULL"):
        return st.just(IsNull(words != "IS NULL"))
    if words.endswith("IN"):
        some = st.lists(values, min_size=1, max_size=4).map(tuple)
        return st.builds(OneOf, some, st.just(words != "IN"))
    return st.builds(Compare, st.just(Operator(words)), values)


@st.composite
def matches(draw, attribute, words):
    """MATCHES with some of the function's parameters, each once."""
    chosen = [each for each in attribute.parameters if draw(st.booleans())]
    if attribute.name == "customer_within_distance":
        unit = draw(st.sampled_from(["distance_km", "distance_mi"]))
        chosen = [attribute.parameter("coordinates"), attribute.parameter(unit)]
    parameters = []
    for each in draw(st.permutations(chosen)):
        operator = draw(st.sampled_from(parameter_operators(each)))
        test = draw(tests(operator, values(each, parameter=True)))
        parameters.append(Parameter(each.name, test))
    return Matches(tuple(parameters), words != "MATCHES")


@st.composite
def clauses(draw, attributes=(*SHOPIFYS, *OURS, METAFIELD)):
    """A clause of any attribute and any of its operators."""
    attribute = draw(st.sampled_from(attributes))
    words = draw(st.sampled_from(operators_of(attribute)))
    if "MATCHES" in words:
        test = draw(matches(attribute, words))
    elif attribute is METAFIELD:
        typed = DATES | numbers(AMOUNTS)
        loose = words in {"=", "!="} or "CONTAINS" in words
        test = draw(tests(words, typed | TEXTS.map(Text) if loose else typed))
    else:
        test = draw(tests(words, values(attribute)))
    name = "customer.metafields.facts.size" if attribute is METAFIELD else attribute.name
    argument = draw(TEXTS.filter(bool)) if attribute.takes_argument else ""
    return Clause(name, test, argument)


def joined(kind, parts):
    """The parts in one And or Or, flat as the tree is."""
    flat = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return kind(tuple(flat)) if len(flat) > 1 else flat[0]


def nodes(leaves=None, *, most=8):
    """Trees of clauses."""
    leaves = clauses() if leaves is None else leaves
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            joined, st.sampled_from([And, Or]), st.lists(inner, min_size=1, max_size=4)
        ),
        max_leaves=most,
    )
