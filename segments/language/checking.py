"""A clause against the registry: operators, types of values, parameters."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from decimal import Decimal

from segments.language.problems import Problem, problem, shown
from segments.language.registry import (
    ATTRIBUTES,
    COMPARED,
    LISTS,
    PREFIXES,
    RANGES,
    Attribute,
    Kind,
    ParameterType,
    find_attribute,
)
from segments.language.suggesting import nearest
from segments.language.tokens import LARGEST, MOST_DECIMALS, OPERATORS
from segments.language.tree import (
    Between,
    Clause,
    Compare,
    Contains,
    Day,
    Flag,
    IsNull,
    Matches,
    Moment,
    Named,
    Number,
    Offset,
    OneOf,
    Operator,
    Parameter,
    Place,
    Test,
    Text,
    Value,
)

DATES = (Day, Moment, Offset, Named)
NEEDED = {
    Kind.DATE: "a date", Kind.INTEGER: "a whole number", Kind.FLOAT: "a number",
    Kind.STRING: "a text", Kind.ENUM: "a text", Kind.BOOLEAN: "true or false",
    Kind.STRINGS: "a text", Kind.ENUMS: "a text", Kind.ID: "an id", Kind.IDS: "an id",
}  # fmt: skip
UNITS = ("distance_km", "distance_mi")
WITHIN = (Operator.EQUAL, Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST)
DIGITS = 3 + MOST_DECIMALS  # of a degree
NULLS, RANGE = ("IS NULL", "IS NOT NULL"), ("BETWEEN",)
CONTAINMENT, MATCHING = ("CONTAINS", "NOT CONTAINS"), ("MATCHES", "NOT MATCHES")


def operators_of(attribute: Attribute | None) -> tuple[str, ...]:
    """The operators that the attribute takes, as they are written; of None and metafields, all."""
    if attribute is None or attribute.name in PREFIXES:
        every = (*OPERATORS, *RANGE, *CONTAINMENT, *NULLS)
        return every if attribute else (*every, *MATCHING)
    if attribute.name == "anniversary":
        return "=", "!=", *RANGE, *NULLS
    if attribute.kind == Kind.FUNCTION:
        return MATCHING if attribute.takes_argument else (*MATCHING, *NULLS)
    nulls = NULLS if attribute.nullable else ()
    if attribute.kind in LISTS:
        equality = ("=", "!=") if attribute.kind == Kind.IDS else ()
        return *equality, *CONTAINMENT, *nulls
    return *compared(attribute.kind), *nulls


def compared(kind: Kind) -> tuple[str, ...]:
    """The comparisons of a type."""
    return *map(str, COMPARED[kind]), *(RANGE if kind in RANGES else ())


def parameter_operators(parameter: ParameterType) -> tuple[str, ...]:
    """The operators that the parameter takes, as they are written."""
    if parameter.name == "coordinates":
        return ("=",)
    if parameter.name in UNITS:
        return tuple(map(str, WITHIN))
    return *compared(parameter.kind), *(("IN", "NOT IN") if parameter.most_values > 1 else ())


def can_be_true(attribute: Attribute | None) -> bool:
    """Whether `IS TRUE` can be asked of it: of a boolean, and of metafields, which may be one."""
    return attribute is not None and (attribute.kind == Kind.BOOLEAN or attribute.name in PREFIXES)


def words_of(test: Test | OneOf) -> str:
    """The operator of the test, as it is written."""
    match test:
        case Compare():
            return str(test.operator)
        case Between():
            return "BETWEEN"
        case IsNull():
            return "IS NOT NULL" if test.negated else "IS NULL"
        case Contains():
            return "NOT CONTAINS" if test.negated else "CONTAINS"
        case OneOf():
            return "NOT IN" if test.negated else "IN"
        case Matches():
            return "NOT MATCHES" if test.negated else "MATCHES"


def values_of(test: Test | OneOf) -> tuple[Value, ...]:
    """The values of the test, in the order of the text."""
    match test:
        case Compare() | Contains():
            return (test.value,)
        case Between():
            return test.low, test.high
        case OneOf():
            return test.values
    return ()


# --- The clause -------------------------------------------------------------------------------


def problems_of(clause: Clause, *, unread: Collection[str] = ()) -> Iterator[Problem]:
    """Everything that is wrong with the clause, in the order of the text.

    `unread` are parameters that it had too and that could not be read.
    """
    attribute = find_attribute(clause.name)
    if attribute is None:
        yield unknown_filter(clause.name, clause.at)
        return
    if attribute.takes_argument != bool(clause.argument):
        need = "needs a text in parentheses" if attribute.takes_argument else "takes no parentheses"
        yield problem("argument", f"'{clause.name}' {need}.", clause.at, found=clause.name)
    words, allowed = words_of(clause.test), operators_of(attribute)
    if words not in allowed:
        yield wrong_operator(words, clause.name, allowed, clause.test.at)
        return
    if isinstance(clause.test, Matches):
        yield from parameter_problems(clause.test, attribute, unread)
    elif attribute.name in PREFIXES:
        yield from untyped_problems(clause.test)
    else:
        for value in values_of(clause.test):
            yield from value_problems(value, attribute)


def unknown_filter(name: str, at: Place) -> Problem:
    """No attribute has this name."""
    return problem(
        "unknown_filter",
        f"'{shown(name)}' filter cannot be found.",
        replace(at, length=len(name)),
        found=shown(name),
        suggestion=nearest(name, ATTRIBUTES),
    )


def unknown_parameter(name: str, attribute: Attribute, at: Place) -> Problem:
    """The function has no parameter of this name."""
    names = tuple(each.name for each in attribute.parameters)
    return problem(
        "unknown_parameter",
        f"'{shown(name)}' parameter cannot be found for '{attribute.name}'.",
        at,
        found=shown(name),
        expected=names,
        suggestion=nearest(name, names),
    )


def wrong_operator(words: str, name: str, allowed: tuple[str, ...], at: Place) -> Problem:
    """The operator is none of this attribute."""
    says = f"'{words}' cannot be used with '{shown(name)}'."
    return problem("wrong_operator", says, at, found=words, expected=allowed)


# --- Parameters -------------------------------------------------------------------------------


def parameter_problems(
    matches: Matches, attribute: Attribute, unread: Collection[str]
) -> Iterator[Problem]:
    """Everything that is wrong between the parentheses of MATCHES."""
    seen = set(unread)
    for parameter in matches.parameters:
        kind = attribute.parameter(parameter.name)
        if kind is None:
            yield unknown_parameter(parameter.name, attribute, parameter.at)
            continue
        if parameter.name in seen:
            says = f"'{parameter.name}' is given more than once."
            yield problem("repeated_parameter", says, parameter.at, found=parameter.name)
        seen.add(parameter.name)
        yield from one_parameter_problems(parameter, kind)
    if attribute.name == "customer_within_distance":
        yield from distance_problems(matches, seen)


def one_parameter_problems(parameter: Parameter, kind: ParameterType) -> Iterator[Problem]:
    """What is wrong with one parameter."""
    words, allowed = words_of(parameter.test), parameter_operators(kind)
    if words not in allowed:
        yield wrong_operator(words, parameter.name, allowed, parameter.test.at)
        return
    values = values_of(parameter.test)
    if isinstance(parameter.test, OneOf) and not 0 < len(values) <= kind.most_values:
        says = f"'{words}' takes 1 to {kind.most_values} values."
        yield problem("too_many_values", says, parameter.test.at, found=str(len(values)))
        return
    for value in values:
        yield from value_problems(value, kind)


def distance_problems(matches: Matches, seen: set[str]) -> Iterator[Problem]:
    """A distance is from somewhere, in one unit."""
    if "coordinates" not in seen or len(seen.intersection(UNITS)) != 1:
        says = "'customer_within_distance' needs coordinates and either distance_km or distance_mi."
        yield problem("distance", says, matches.at, expected=("coordinates", *UNITS))
    for parameter in matches.parameters:
        if parameter.name == "coordinates" and isinstance(parameter.test, Compare):
            value = parameter.test.value
            if isinstance(value, Text) and point_of(value.value) is None:
                says = f"'{shown(value.value)}' is not a latitude and a longitude."
                yield problem("distance", says, value.at, expected=("'52.52,13.405'",))


def point_of(text: str) -> tuple[Decimal, Decimal] | None:
    """Latitude and longitude in degrees; None where the text is no point on Earth."""
    parts = [part.strip() for part in text.split(",")]
    plain = [part.removeprefix("-").replace(".", "", 1) for part in parts]
    if len(parts) != 2 or not all(p.isascii() and p.isdigit() and len(p) <= DIGITS for p in plain):
        return None
    latitude, longitude = map(Decimal, parts)
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


# --- Values -----------------------------------------------------------------------------------


def value_problems(value: Value, of: Attribute | ParameterType) -> Iterator[Problem]:
    """What is wrong with a value for its type."""
    if not suits(value, of.kind):
        yield wrong_type(value, of)
    elif isinstance(value, Text) and of.values and value.value not in of.values:
        says = f"'{shown(value.value)}' is not a value of '{of.name}'."
        meant = nearest(value.value, of.values)
        yield problem(
            "unknown_value",
            says,
            value.at,
            found=shown(value.value),
            expected=of.values,
            suggestion=f"'{meant}'" if meant else "",
        )
    elif isinstance(value, Number):
        never = (isinstance(of, ParameterType) and of.kind != Kind.FLOAT) or of.name in UNITS
        if abs(value.value) > LARGEST:
            yield problem("too_large", f"'{written(value)}' is too large.", value.at)
        elif value.value < 0 and never:
            yield problem("negative", f"'{of.name}' cannot be negative.", value.at)


def suits(value: Value, kind: Kind) -> bool:
    """Whether the value is of the type."""
    if kind == Kind.DATE:
        return isinstance(value, DATES)
    if kind == Kind.BOOLEAN:
        return isinstance(value, Flag)
    if kind == Kind.FLOAT:
        return isinstance(value, Number)
    if kind == Kind.IDS and isinstance(value, Text):
        return value.value.isascii() and value.value.isdigit()
    if kind in {Kind.INTEGER, Kind.ID, Kind.IDS}:
        return isinstance(value, Number) and value.value.as_tuple().exponent == 0
    return isinstance(value, Text)


def wrong_type(value: Value, of: Attribute | ParameterType) -> Problem:
    """The value is of another type."""
    found, needed = written(value), NEEDED[of.kind]
    suggestion = ""
    if needed == "a text" and isinstance(value, Number):
        suggestion = f"'{found}'"
    elif isinstance(value, Text) and of.kind in {Kind.INTEGER, Kind.FLOAT, Kind.ID}:
        suggestion = value.value if value.value.replace(".", "", 1).isdigit() else ""
    says = f"{shown(found)} is not {needed}, which '{of.name}' needs."
    return problem(
        "wrong_type", says, value.at, found=shown(found), expected=(needed,), suggestion=suggestion
    )


def untyped_problems(test: Test) -> Iterator[Problem]:
    """A metafield's type is not known; a value must only suit the operator."""
    if isinstance(test, Contains) or (
        isinstance(test, Compare) and test.operator in {Operator.EQUAL, Operator.NOT_EQUAL}
    ):
        return
    for value in values_of(test):
        if not isinstance(value, (Number, *DATES)):
            says = f"{shown(written(value))} is not a number or a date."
            yield problem("wrong_type", says, value.at, expected=("a number", "a date"))


def written(value: Value) -> str:
    """The value as the language writes it."""
    match value:
        case Text():
            escaped = value.value.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'"
        case Number():
            return f"{value.value:f}"
        case Flag():
            return "true" if value.value else "false"
        case Day() | Moment():
            return value.value.isoformat()
        case Offset():
            return f"{value.count:+d}{value.unit}"
        case Named():
            return value.name
