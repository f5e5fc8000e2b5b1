"""What one can ask of a customer: each attribute with its type, operators and parameters.

Names and types are facts of the language and need no database. How an attribute is read is its
source (`segments/compiling/sources.py`); one without a source has no data in this install: it
is null for everybody, and a query that asks for it is warned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from segments.language.tree import Operator


class Kind(StrEnum):
    """The type of an attribute or parameter, in the words of Shopify's reference."""

    DATE = "date"
    INTEGER = "integer"
    FLOAT = "float"
    STRING = "string"
    ENUM = "enum"
    BOOLEAN = "boolean"
    STRINGS = "list_string"
    ENUMS = "list_enum"
    FUNCTION = "function"
    ID = "id"  # a 64-bit id: equality only
    IDS = "list_id"


ORDERED = tuple(Operator)
EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL)
COMPARED: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.DATE: ORDERED,
    Kind.INTEGER: ORDERED,
    Kind.FLOAT: ORDERED,
    Kind.STRING: EQUALITY,
    Kind.ENUM: EQUALITY,
    Kind.BOOLEAN: EQUALITY,
    Kind.ID: EQUALITY,
}
LISTS = (Kind.STRINGS, Kind.ENUMS, Kind.IDS)
RANGES = (Kind.DATE, Kind.INTEGER, Kind.FLOAT)


@dataclass(frozen=True, slots=True)
class ParameterType:
    """One parameter of a function. `aggregate`: it tests the matching events together."""

    name: str
    kind: Kind
    label: str
    aggregate: bool = False
    most_values: int = 1  # of IN
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute or function; `extension` is ours and not Shopify's.

    `takes_argument`: written `name('argument') …`, as anniversary and segment membership are.
    `completes` names what an editor completes values from: tags, countries, products, …
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    values: tuple[str, ...] = ()
    parameters: tuple[ParameterType, ...] = ()
    nullable: bool = False
    takes_argument: bool = False
    extension: bool = False
    completes: str = ""

    def parameter(self, name: str) -> ParameterType | None:
        """The parameter of that name, if there is one."""
        return next((each for each in self.parameters if each.name == name), None)


ATTRIBUTES: dict[str, Attribute] = {}
PREFIXES: dict[str, Attribute] = {}  # families of names, such as customer.metafields.


def add_attribute(attribute: Attribute, *, prefix: bool = False) -> None:
    """Make the attribute, or every name that begins with it, known; apps call this once."""
    (PREFIXES if prefix else ATTRIBUTES)[attribute.name] = attribute


def find_attribute(name: str) -> Attribute | None:
    """The attribute of that name, if there is one."""
    found = ATTRIBUTES.get(name)
    if found is None:
        families = (
            a for prefix, a in PREFIXES.items() if name.startswith(prefix) and name != prefix
        )
        found = next(families, None)
    return found
