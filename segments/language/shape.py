"""Tree to JSON and back, for clients that build queries of clauses.

A node is `{"all": [node, …]}`, `{"any": [node, …]}` or a clause:

    {"attribute": "number_of_orders", "operator": ">", "value": 5}
    {"attribute": "last_order_date", "operator": "BETWEEN",
     "values": [{"date": "2024-01-01"}, {"named": "today"}]}
    {"attribute": "customer_tags", "operator": "IS NULL"}
    {"attribute": "orders_placed", "operator": "MATCHES",
     "parameters": [{"name": "count", "operator": ">=", "value": 2}]}
    {"attribute": "anniversary", "argument": "metafields.facts.birth_date",
     "operator": "=", "value": {"named": "today"}}

Values: a string is a text, a number a number (`{"number": "9007199254740993"}` where JSON's own
would not be exact), and `{"date": …}`, `{"datetime": …}`, `{"offset": "-7d"}`, `{"named": …}`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from segments.language.checking import problems_of, unknown_filter, values_of, words_of, written
from segments.language.formatter import format_query
from segments.language.parser import UNSTORABLE, forbidden_in, joined, parse
from segments.language.problems import MOST_PROBLEMS, Notes, SegmentSyntaxError, problem, shown
from segments.language.registry import find_attribute
from segments.language.sentence import MOST_CLAUSES, MOST_DEPTH
from segments.language.suggesting import nearest
from segments.language.tokens import LARGEST, Lexeme, lexemes_of, read_date, read_name, read_number
from segments.language.tree import (
    And,
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
    Node,
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

Json = Mapping[str, object]
GROUPS = {"all": "AND", "any": "OR"}
DEEPEST = 2 * MOST_DEPTH + 2  # a pair of parentheses holds an OR and the ANDs in it
SAFE = 2**53 - 1  # the largest whole number that JavaScript holds exactly
SIGNIFICANT = 15  # decimal digits that a double always holds exactly
TYPED: Mapping[str, tuple[Callable[[str, Place], Lexeme], type[Value]]] = {
    "date": (read_date, Day), "datetime": (read_date, Moment), "offset": (read_number, Offset),
    "named": (read_name, Named), "number": (read_number, Number),
}  # fmt: skip
TAGS = {Day: "date", Moment: "datetime", Offset: "offset", Named: "named"}


# --- Tree to JSON -----------------------------------------------------------------------------


def to_json(node: Node) -> dict[str, object]:
    """The tree as plain JSON."""
    if not isinstance(node, Clause):
        return {"all" if isinstance(node, And) else "any": [to_json(part) for part in node.parts]}
    shape: dict[str, object] = {"attribute": node.name}
    if node.argument:
        shape["argument"] = node.argument
    return shape | test_to_json(node.test)


def test_to_json(test: Test | OneOf) -> dict[str, object]:
    """The operator with its value, values or parameters."""
    shape: dict[str, object] = {"operator": words_of(test)}
    if isinstance(test, Matches):
        shape["parameters"] = [
            {"name": each.name} | test_to_json(each.test) for each in test.parameters
        ]
        return shape
    values = [value_to_json(value) for value in values_of(test)]
    if isinstance(test, Between | OneOf):
        return shape | {"values": values}
    return shape | ({"value": values[0]} if values else {})


def value_to_json(value: Value) -> object:
    """A value, so that texts, numbers and dates stay apart."""
    if isinstance(value, Text | Flag):
        return value.value
    if not isinstance(value, Number):
        return {TAGS[type(value)]: written(value)}
    _sign, digits, exponent = value.value.as_tuple()
    if exponent == 0:
        whole = int(value.value)
        return whole if abs(whole) <= SAFE else {"number": str(whole)}
    return float(value.value) if len(digits) <= SIGNIFICANT else {"number": written(value)}


# --- JSON to tree -----------------------------------------------------------------------------


def from_json(value: object) -> Node:
    """The tree of what a client built. Raises SegmentSyntaxError; problems have a path."""
    reader = Reader()
    node = reader.node(value, "", 1)
    problems = reader.notes.problems
    if problems or node is None:
        raise SegmentSyntaxError(tuple(problems[:MOST_PROBLEMS]))
    parse(format_query(node))  # what cannot be written cannot be kept
    return node


class Reader:
    """Reads JSON of any shape; what is wrong becomes a problem."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.clauses = 0

    def wrong(self, code: str, says: str, path: str, *, suggestion: str = "") -> None:
        """Note a problem."""
        at = Place(path=path or "query")
        self.notes.problems.append(problem(code, says, at, suggestion=suggestion))

    @property
    def full(self) -> bool:
        """Whether nobody would read a further problem."""
        return len(self.notes.problems) >= MOST_PROBLEMS

    def node(self, value: object, path: str, depth: int) -> Node | None:
        """A group or a clause; None, with problems, where it is neither."""
        if not isinstance(value, dict):
            self.wrong("bad_shape", "a group or a clause is an object.", path)
            return None
        word = next((key for key in GROUPS if key in value), None)
        if word is None:
            return self.clause(value, path)
        self.check_keys(value, {word}, path)
        parts, inner = value[word], f"{path}.{word}".lstrip(".")
        if not isinstance(parts, list) or not parts:
            self.wrong("bad_shape", "a group holds a list with one clause or more.", inner)
            return None
        if depth > DEEPEST:
            self.wrong("too_deep", f"groups are nested too deeply (at most {DEEPEST}).", path)
            return None
        nodes = [
            self.node(part, f"{inner}[{index}]", depth + 1)
            for index, part in enumerate(parts)
            if not self.full
        ]
        return joined(GROUPS[word], [node for node in nodes if node is not None])

    def clause(self, value: Json, path: str) -> Clause | None:
        """A clause that the registry knows."""
        self.clauses += 1
        if self.clauses > MOST_CLAUSES:
            if self.clauses == MOST_CLAUSES + 1:
                says = f"the query has too many conditions (at most {MOST_CLAUSES})."
                self.wrong("too_many_clauses", says, path)
            return None
        name = self.name(value, path)
        argument = self.text(value.get("argument", ""), f"{path}.argument".lstrip("."))
        test = self.test(value, path, {"attribute", "argument"})
        if not name or argument is None or test is None:
            return None
        if isinstance(test, OneOf):
            self.wrong("wrong_operator", f"'{words_of(test)}' is for parameters only.", path)
            return None
        clause = Clause(name, test, argument, Place(path=path or "query"))
        problems = tuple(problems_of(clause))
        self.notes.problems.extend(problems)
        return None if problems else clause

    def name(self, value: Json, path: str) -> str:
        """The attribute's name; '' where there is no such attribute."""
        name, where = value.get("attribute"), f"{path}.attribute".lstrip(".")
        if not isinstance(name, str):
            self.wrong("bad_shape", "a clause has an attribute, a text.", where)
            return ""
        lexemes = [(each.type, each.text) for each in lexemes_of(name)]
        if find_attribute(name) is None or lexemes != [("NAME", name)]:
            self.notes.problems.append(unknown_filter(name, Place(path=where)))
            return ""
        return name

    def test(self, value: Json, path: str, others: set[str]) -> Test | OneOf | None:
        """The operator and what belongs to it."""
        words, where = value.get("operator"), f"{path}.operator".lstrip(".")
        build = BUILDERS.get(words.upper()) if isinstance(words, str) else None
        if not isinstance(words, str) or build is None:
            says = "there is no such operator."
            meant = nearest(words, BUILDERS) if isinstance(words, str) else ""
            self.wrong("wrong_operator", says, where, suggestion=meant)
            return None
        key, make = build
        self.check_keys(value, {"operator", key, *others} - {""}, path)
        inner, at = f"{path}.{key}".lstrip("."), Place(path=where)
        if key == "parameters":
            parameters = self.parameters(value.get(key, []), inner)
            return None if parameters is None else make(words.upper(), parameters, at)
        values = self.values(value, key, words.upper(), inner)
        return None if values is None else make(words.upper(), values, at)

    def values(self, value: Json, key: str, words: str, path: str) -> list[Value] | None:
        """What the operator compares with: one value, two, a list, or nothing."""
        if not key:
            return []
        given = value.get(key)
        if key == "value":
            one = self.value(given, path)
            return None if one is None else [one]
        if not isinstance(given, list) or (words == "BETWEEN" and len(given) != 2):
            count = "two values" if words == "BETWEEN" else "a list of values"
            self.wrong("bad_shape", f"'{words}' needs {count}.", path)
            return None
        read = [
            self.value(each, f"{path}[{index}]")
            for index, each in enumerate(given)
            if not self.full
        ]
        known = [each for each in read if each is not None]
        return known if len(known) == len(given) else None

    def parameters(self, given: object, path: str) -> list[Parameter] | None:
        """The parameters of MATCHES."""
        if not isinstance(given, list):
            self.wrong("bad_shape", "parameters are a list.", path)
            return None
        read = [
            self.parameter(each, f"{path}[{index}]")
            for index, each in enumerate(given)
            if not self.full
        ]
        known = [each for each in read if each is not None]
        return known if len(known) == len(given) else None

    def parameter(self, given: object, path: str) -> Parameter | None:
        """One parameter; whether the function has it is asked later."""
        name = given.get("name") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(name, str):
            self.wrong("bad_shape", "a parameter is an object with a name.", path)
            return None
        test = self.test(given, path, {"name"})
        if test is None:
            return None
        if not isinstance(test, Compare | Between | OneOf):
            self.wrong("wrong_operator", "no parameter takes this operator.", f"{path}.operator")
            return None
        return Parameter(name, test, Place(path=path))

    def value(self, given: object, path: str) -> Value | None:
        """A value of any type."""
        at = Place(path=path)
        if isinstance(given, bool):
            return Flag(given, at)
        if isinstance(given, int | float):
            return self.number(given, at)
        if isinstance(given, str):
            text = self.text(given, path)
            return None if text is None else Text(text, at)
        if isinstance(given, dict) and len(given) == 1:
            key, inner = next(iter(given.items()))
            if key in TYPED and isinstance(inner, str):
                read, kind = TYPED[key]
                return self.literal(read(inner, at), kind, key)
        self.wrong("bad_value", "this is no value of the language.", path)
        return None

    def number(self, given: float, at: Place) -> Value | None:
        """A number of JSON, as it is written."""
        if abs(given) > LARGEST or not math.isfinite(given):
            self.wrong("too_large", "this number is too large.", at.path)
            return None
        return self.literal(read_number(f"{Decimal(str(given)):f}", at), Number, "number")

    def literal(self, lexeme: Lexeme, kind: type[Value], key: str) -> Value | None:
        """The value of a lexeme of that kind."""
        if lexeme.problem:
            self.notes.problems.append(lexeme.problem)
        elif isinstance(lexeme.value, kind):
            return lexeme.value
        else:
            says = f"'{shown(lexeme.text)}' is no {key}."
            self.wrong("bad_value", says, lexeme.at.path)
        return None

    def text(self, given: object, path: str) -> str | None:
        """A text that can be stored."""
        if not isinstance(given, str):
            self.wrong("bad_shape", "this must be a text.", path)
        elif forbidden_in(given) is not None:
            self.wrong("bad_character", UNSTORABLE, path)
        else:
            return given
        return None

    def check_keys(self, value: Json, known: set[str], path: str) -> None:
        """Nothing that we would pass over in silence."""
        for key in sorted(set(value) - known, key=str):
            says = f"'{shown(str(key))}' means nothing here."
            self.wrong("unknown_key", says, path, suggestion=nearest(str(key), known))


def builders() -> Iterator[tuple[str, tuple[str, Callable[..., Test | OneOf]]]]:
    """For each operator the key of what it compares with, and the test that it makes."""
    for operator in Operator:
        yield operator, ("value", lambda words, v, at: Compare(Operator(words), v[0], at))
    yield "BETWEEN", ("values", lambda words, v, at: Between(v[0], v[1], at))
    for words in ("CONTAINS", "NOT CONTAINS"):
        yield words, ("value", lambda words, v, at: Contains(v[0], words != "CONTAINS", at))
    for words in ("IS NULL", "IS NOT NULL"):
        yield words, ("", lambda words, v, at: IsNull(words != "IS NULL", at))
    for words in ("IN", "NOT IN"):
        yield words, ("values", lambda words, v, at: OneOf(tuple(v), words != "IN", at))
    for words in ("MATCHES", "NOT MATCHES"):
        yield words, ("parameters", lambda words, v, at: Matches(tuple(v), words != "MATCHES", at))


BUILDERS = dict(builders())
