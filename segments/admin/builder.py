"""A query's tree as the builder's fields: groups of conditions, with values as text."""

from typing import Any

from segments.language.checking import values_of, words_of, written
from segments.language.tree import Clause, Matches, Node, OneOf, Or, Test

Shown = dict[str, Any]


def group_of(node: Node) -> Shown:
    """The whole query as a group, one condition too: the builder adds to a group."""
    part = part_of(node)
    return part if "parts" in part else {"any": False, "parts": [part]}


def part_of(node: Node) -> Shown:
    """`{any, parts}` of a group, `{name, argument, operator, values, parameters}` of a clause."""
    if isinstance(node, Clause):
        return {"name": node.name, "argument": node.argument, **test_of(node.test)}
    return {"any": isinstance(node, Or), "parts": [part_of(part) for part in node.parts]}


def test_of(test: Test | OneOf) -> Shown:
    """An operator as the builder's dropdown has it, with its values and parameters."""
    parameters = test.parameters if isinstance(test, Matches) else ()
    return {
        "operator": words_of(test),
        "values": [written(value) for value in values_of(test)],
        "parameters": [{"name": each.name, **test_of(each.test)} for each in parameters],
    }
