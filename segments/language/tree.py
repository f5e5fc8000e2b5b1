"""A segment query as a frozen tree. Places do not count when two trees are compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the text: the line from 1, the column from 0, as Shopify counts.

    `offset` counts from the beginning of the text. What came as JSON has a `path` instead, such
    as `all[0].value`.
    """

    line: int = 1
    column: int = 0
    length: int = 0
    offset: int = 0
    path: str = ""

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.offset + self.length

    def __str__(self) -> str:
        return self.path or f"Line {self.line} Column {self.column}"


NOWHERE = Place()


class Operator(StrEnum):
    """How a value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="


# --- Values ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """`'vip'`: the text between the quotes, without its escapes."""

    value: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """`10` or `10.99`."""

    value: Decimal
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    value: bool
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Day:
    """`2024-02-29`: a whole day in the store's time zone."""

    value: date
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Moment:
    """`2024-02-29T16:00:00`: a time of the store's clock; the value has no zone."""

    value: datetime
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Offset:
    """`-7d`, `+3m`: the whole day so far from today; months and years end with their month."""

    count: int  # negative: ago
    unit: Literal["d", "w", "m", "y"]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Named:
    """`today`, `yesterday`."""

    name: Literal["today", "yesterday"]
    at: Place = field(default=NOWHERE, compare=False)


DateValue = Day | Moment | Offset | Named
Value = Text | Number | Flag | DateValue

# --- What is asked of one attribute or parameter; `at` is the operator's place ----------------


@dataclass(frozen=True, slots=True)
class Compare:
    """`> 5`."""

    operator: Operator
    value: Value
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """`BETWEEN 1 AND 5`: both ends belong to it."""

    low: Value
    high: Value
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Contains:
    """`CONTAINS 'vip'`, `NOT CONTAINS 'vip'`."""

    value: Value
    negated: bool = False
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """`IS NULL`, `IS NOT NULL`."""

    negated: bool = False
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """`IN (1, 2)`, `NOT IN (1, 2)`: of a parameter only."""

    values: tuple[Value, ...]
    negated: bool = False
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """`count >= 2` within MATCHES."""

    name: str
    test: Compare | Between | OneOf
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Matches:
    """`MATCHES (…)`, `NOT MATCHES (…)`: all parameters hold of the same events."""

    parameters: tuple[Parameter, ...] = ()
    negated: bool = False
    at: Place = field(default=NOWHERE, compare=False)


Test = Compare | Between | Contains | IsNull | Matches

# --- The query --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clause:
    """One question about a customer: `number_of_orders > 5`.

    `argument` is the text of `anniversary('metafields.facts.birth_date')` and of our own
    functions that take one; '' for a plain attribute.
    """

    name: str
    test: Test
    argument: str = ""
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of them; two at least, none of them an And."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; two at least, none of them an Or."""

    parts: tuple["Node", ...]


Node = And | Or | Clause


def clauses_of(node: Node) -> Iterator[Clause]:
    """Every clause of the tree, in the order of the text."""
    if isinstance(node, Clause):
        yield node
        return
    for part in node.parts:
        yield from clauses_of(part)
