"""Random queries over every attribute, operator and parameter of the registry, read from it.

What a query asks for is drawn near the store's own values, so that it finds some customers and
not all. A new attribute is asked of by its kind; only what has a form of its own is named here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any, TypeVar

import segments.language.attributes  # noqa: F401 (makes the registry's names known)
from segments.language.registry import (
    ATTRIBUTES,
    COMPARED,
    LISTS,
    PREFIXES,
    RANGES,
    Attribute,
    Kind,
    ParameterType,
)
from segments.language.tree import (
    And,
    Between,
    Clause,
    Compare,
    Contains,
    DateValue,
    Day,
    IsNull,
    Matches,
    Moment,
    Named,
    Node,
    Number,
    Offset,
    OneOf,
    Operator,
    Or,
    Parameter,
    Text,
    Value,
)
from tests.segments import stores
from tests.segments.days import day_at, moved
from tests.segments.oracle import TOLD
from tests.segments.stores import Case

T = TypeVar("T")
Asked = Attribute | ParameterType
# What is asked of one clause, once `random` has chosen its values.
Shape = Callable[["Asker"], Clause]

COUNTS = (1, 0, 2, 3, 5, 250, 2**40, 2**63 - 1)
ELSE = ("nothing", "", "%", "vip%")  # what no store here holds, and what LIKE would find
ARGUMENTS = {"anniversary": "metafields.facts.birth_date", "segment": stores.NAMES[0]}
METAFIELDS = {"customer.": "customer.facts_shoe"}
CENTRES = ("52.52,13.405", "0,0", "40.7128,-74.006", "-17.7,180", "90,0", "-89.9,77", "0,-180")
RADII = tuple(map(Decimal, ("10", "0.5", "1", "250.75", "6400", "20010", "30000")))
OFFSETS = {"d": (0, -1, 1, -7, -30, -90, -91, -365, 30), "w": (-1, -2, 2), "m": (-1, -3, 1, -12),
           "y": (-1, -2, 1)}  # fmt: skip
NEAR_AMOUNTS = (*stores.AMOUNTS, *map(Decimal, ("10.9900001", "-1", "2000.5", "1e17")))

TEXTS: dict[str, Sequence[str]] = {
    "customer_tags": stores.TAGS,
    "tag": stores.TAGS,
    "customer_tag_prefix": tuple(tag[:3] for tag in stores.TAGS),
    "customer_language": tuple(filter(None, stores.LANGUAGES)),
    "customer_email_domain": (
        "example.com", "gmail.com", "GMAIL.com", "mail.gmail.com", "bücher.example",
        "o'neil.example", "b@example.com",
    ),
    "customer_countries": tuple(place[0] or "IT" for place in stores.PLACES),
    "customer_regions": tuple(place[1] or "US-TX" for place in stores.PLACES),
    "customer_cities": tuple(place[2] or "US-TX-Austin" for place in stores.PLACES),
    "companies": tuple(map(str, stores.COMPANIES)),
    "category": tuple(filter(None, (each for pair in stores.CATEGORIES for each in pair))),
}  # fmt: skip
IDS: dict[str, Sequence[int]] = {
    "id": (*stores.PRODUCTS, 999),
    "app_id": (*filter(None, stores.APPS), 999),
    "location_id": (*filter(None, stores.APPS), 999),
}


@dataclass
class Asker:
    """Chooses the values of a query near those of the store."""

    random: Random
    case: Case

    def pick(self, choices: Sequence[T]) -> T:
        """One of them; the first is the plainest."""
        return self.random.choice(choices)

    def seldom(self) -> bool:
        """True once in six."""
        return self.pick((False, False, False, False, False, True))

    def value(self, asked: Asked) -> Value:
        """A literal that the attribute or parameter can be compared with."""
        match asked.kind:
            case Kind.DATE:
                return self.date()
            case Kind.INTEGER:
                negative = () if isinstance(asked, ParameterType) else (-1,)
                return Number(Decimal(self.pick((*COUNTS, *negative))))
            case Kind.FLOAT:
                return Number(self.pick(NEAR_AMOUNTS))
            case Kind.ID:
                return Number(Decimal(self.pick(IDS.get(asked.name, (1, 999)))))
        if asked.values:
            return Text(self.pick(asked.values))
        known = TEXTS.get(asked.name, ELSE)
        if asked.name == "companies":
            return Text(self.pick((*known, "999")))
        return Text(self.pick(ELSE if self.seldom() else known))

    def date(self) -> DateValue:
        """Today or about, or the day or the second of something in the store."""
        form = self.pick(("offset", "day", "named", "moment"))
        if form == "named":
            return Named(self.pick(("today", "yesterday")))
        if form == "offset":
            unit = self.pick(("d", "w", "m", "y"))
            return Offset(self.pick(OFFSETS[unit]), unit)  # type: ignore[arg-type]
        zone = self.case.store.zone
        moment = self.pick(moments(self.case))
        if form == "day":
            return Day(moved(day_at(moment, zone), self.pick((0, -1, 1)), "d"))
        shown = moment.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)
        return Moment(shown + timedelta(seconds=self.pick((0, -1, 1, 3600))))

    # --- Functions ----------------------------------------------------------------------

    def matches(self, attribute: Attribute, parameters: Sequence[Parameter]) -> Clause:
        """The function with these parameters, in both senses."""
        test = Matches(tuple(parameters), self.pick((False, False, True)))
        return Clause(attribute.name, test, self.argument(attribute))

    def several(self, attribute: Attribute) -> Clause:
        """The function with up to four of its parameters, each asked in any way."""
        if attribute.name == "customer_within_distance":
            return self.distance(attribute)
        chosen = dict.fromkeys(
            self.pick(attribute.parameters) for _ in range(self.random.randint(0, 4))
        ) if attribute.parameters else {}  # fmt: skip
        parameters = [
            Parameter(each.name, self.pick(tuple(parameter_tests(each)))(self)) for each in chosen
        ]
        return self.matches(attribute, parameters)

    def distance(self, attribute: Attribute, operator: Operator | None = None) -> Clause:
        """A place, and one distance from it."""
        operators = (Operator.AT_MOST, Operator.LESS, Operator.EQUAL, Operator.GREATER)
        compared = operator or self.pick((*operators, Operator.AT_LEAST))
        centre = Compare(Operator.EQUAL, Text(self.pick(CENTRES)))
        radius = Compare(compared, Number(self.pick(RADII)))
        unit = self.pick(("distance_km", "distance_mi"))
        return self.matches(attribute, [Parameter("coordinates", centre), Parameter(unit, radius)])

    def argument(self, attribute: Attribute) -> str:
        """What stands between the parentheses of `name('…')`."""
        if attribute.name == "segment" and self.case.store.segments:
            return self.pick(self.case.store.segments).name
        return ARGUMENTS.get(attribute.name, "1") if attribute.takes_argument else ""

    # --- Whole queries ------------------------------------------------------------------

    def clause(self, shapes: Sequence[Shape]) -> Clause:
        """One question of these shapes."""
        return self.pick(shapes)(self)

    def query(self, shapes: Sequence[Shape], depth: int = 2) -> Node:
        """One question, or some of them bound by AND and OR."""
        kind = self.pick(("one", "and", "or")) if depth else "one"
        if kind == "one":
            return self.clause(shapes)
        parts = [self.query(shapes, depth - 1) for _ in range(self.pick((2, 2, 3)))]
        joined = And if kind == "and" else Or
        flat: list[Node] = []
        for part in parts:  # no And within an And
            flat += part.parts if isinstance(part, joined) else [part]
        return joined(tuple(flat))


def moments(case: Case) -> Sequence[Any]:
    """Everything in the store that happened at a moment, and now."""
    store = case.store
    orders = [order.processed_at for order in store.orders]
    added = [each.created_at for each in store.customers if each.created_at]
    return (case.now, *orders, *added, *(checkout.created_at for checkout in store.checkouts))


# --- Shapes: every attribute with every operator, and every parameter with every operator ------


def every_shape(case: Case) -> Sequence[Shape]:
    """All that can be asked; of other segments only where the store has some."""
    return [shape for attribute in known_attributes(case) for shape in shapes_of(attribute)]


def known_attributes(case: Case) -> Sequence[Attribute]:
    """Every attribute of the registry, and one of each family of names."""
    families = [renamed(each, METAFIELDS.get(name, f"{name}x")) for name, each in PREFIXES.items()]
    return [
        attribute
        for attribute in (*ATTRIBUTES.values(), *families)
        if attribute.name != "segment" or case.store.segments
    ]


def told_shapes(case: Case) -> Sequence[Shape]:
    """All that can be asked of what a store has; of the rest as much as one in eight."""
    told, untold = [], []
    for attribute in known_attributes(case):
        mine = told if attribute.name in TOLD else untold
        mine += shapes_of(attribute)
    return [*told, *untold[:: max(1, 8 * len(untold) // len(told))]]


def renamed(family: Attribute, name: str) -> Attribute:
    """One attribute of a family of names."""
    return Attribute(name, family.kind, family.label, nullable=family.nullable)


def shapes_of(attribute: Attribute) -> Iterator[Shape]:
    """Every way in which one attribute can be asked."""
    if attribute.kind is Kind.FUNCTION:
        yield from function_shapes(attribute)
    elif attribute.kind in LISTS:
        for negated in (False, True):
            yield partial(_contains, attribute, negated)
    else:
        for test in value_tests(attribute):
            yield partial(_compares, attribute, test)
    if attribute.nullable or (attribute.kind is Kind.FUNCTION and not attribute.takes_argument):
        for negated in (False, True):
            yield partial(_is_null, attribute, negated)


def function_shapes(attribute: Attribute) -> Iterator[Shape]:
    """Any event; each parameter alone in every way; several parameters together."""
    yield partial(_several, attribute)
    if attribute.name == "customer_within_distance":
        for operator in (each for each in Operator if each is not Operator.NOT_EQUAL):
            yield partial(_distance, attribute, operator)
        return
    yield partial(_parameter, attribute, None, None)
    for parameter in attribute.parameters:
        for test in parameter_tests(parameter):
            yield partial(_parameter, attribute, parameter, test)


def value_tests(asked: Asked) -> Iterator[Callable[[Asker], Any]]:
    """Every comparison of one value."""
    for operator in COMPARED[Kind.ENUM if asked.name == "anniversary" else asked.kind]:
        yield partial(_compare, asked, operator)
    if asked.kind in RANGES:
        yield partial(_between, asked)


def parameter_tests(parameter: ParameterType) -> Iterator[Callable[[Asker], Any]]:
    """Every comparison of a parameter; lists where it takes some."""
    yield from value_tests(parameter)
    if parameter.most_values > 1:
        for negated in (False, True):
            yield partial(_one_of, parameter, negated)


def _contains(attribute: Attribute, negated: bool, asker: Asker) -> Clause:
    return Clause(attribute.name, Contains(asker.value(attribute), negated))


def _compares(attribute: Attribute, test: Callable[[Asker], Any], asker: Asker) -> Clause:
    return Clause(attribute.name, test(asker), asker.argument(attribute))


def _is_null(attribute: Attribute, negated: bool, asker: Asker) -> Clause:
    return Clause(attribute.name, IsNull(negated), asker.argument(attribute))


def _several(attribute: Attribute, asker: Asker) -> Clause:
    return asker.several(attribute)


def _distance(attribute: Attribute, operator: Operator, asker: Asker) -> Clause:
    return asker.distance(attribute, operator)


def _parameter(attribute: Attribute, parameter: Any, test: Any, asker: Asker) -> Clause:
    given = [] if parameter is None else [Parameter(parameter.name, test(asker))]
    return asker.matches(attribute, given)


def _compare(asked: Asked, operator: Operator, asker: Asker) -> Compare:
    return Compare(operator, asker.value(asked))


def _between(asked: Asked, asker: Asker) -> Between:
    return Between(asker.value(asked), asker.value(asked))


def _one_of(asked: Asked, negated: bool, asker: Asker) -> OneOf:
    values = dict.fromkeys(asker.value(asked) for _ in range(asker.pick((1, 2, 3))))
    return OneOf(tuple(values), negated)
