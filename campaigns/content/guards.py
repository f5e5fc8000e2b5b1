"""Which fields a template asks for, and whether it says what stands instead of a missing one.

A field is guarded by `| default: …`, or within a block that is only shown when it is there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from liquid import BoundTemplate
from liquid.ast import BlockNode, ConditionalBlockNode, Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.logical import (
    BooleanExpression,
    EqExpression,
    LogicalAndExpression,
    LogicalNotExpression,
    LogicalOrExpression,
    NeExpression,
)
from liquid.builtin.expressions.loop import LoopExpression
from liquid.builtin.expressions.primitive import Blank, Empty, FalseLiteral, Nil
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.context import RenderContext
from liquid.expression import Expression

from campaigns.content.fields import EXAMPLE, NAMED
from campaigns.content.liquid import TemplateNotValid

ANYTHING = object()  # of a name that the template itself made: nothing is known of it
OF_TEXTS_AND_LISTS = ("size", "first", "last")
BUILT_IN = ("now", "today", "forloop")
COMPARED = (EqExpression, NeExpression)


@dataclass(frozen=True, slots=True)
class Asked:
    """A field where a template asks for it. `missing` is what may be nil there unguarded."""

    name: str
    place: int
    known: bool
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known at a place: the names that the template made, and which fields are there."""

    made: dict[str, Any]
    there: frozenset[str] = frozenset()

    def knowing(self, names: Iterable[str]) -> "Scope":
        """The same, where these are there too."""
        return replace(self, there=self.there | frozenset(names))


def asked_of(template: BoundTemplate) -> list[Asked]:
    """Every field that the template asks for, in order; raises TemplateNotValid."""
    found: list[Asked] = []
    try:
        look_at_nodes(template.nodes, Scope({}), found, RenderContext(template))
    except RecursionError:
        raise TemplateNotValid("The template is nested too deeply.") from None
    return found


def look_at_nodes(
    nodes: Iterable[Node], scope: Scope, found: list[Asked], context: RenderContext
) -> None:
    """Walk nodes in order; what one assigns is known to those behind it."""
    for node in nodes:
        for expression in expressions_of(node):
            found += asked_by(expression, scope, shown=not isinstance(node, CaseNode))
        for block, inner in blocks_of(node, scope, context):
            look_at_nodes(block, inner, found, context)
        if isinstance(node, AssignNode):
            found += asked_by(node.expression, scope, shown=False)
            scope.made[str(node.name)] = ANYTHING
            if any(each.missing for each in asked_by(node.expression, scope)):
                scope.made[f"{node.name}?"] = True  # may be nil
            else:
                scope.made.pop(f"{node.name}?", None)
        elif isinstance(node, CaptureNode):
            scope.made[str(node.name)] = ANYTHING


def expressions_of(node: Node) -> Iterator[Expression]:
    """Those that the node itself shows or asks; an assignment shows nothing."""
    if not isinstance(node, AssignNode):
        yield from node.expressions()


def blocks_of(
    node: Node, scope: Scope, context: RenderContext
) -> Iterator[tuple[Iterable[Node], Scope]]:
    """The blocks within a node, each with what is known in it."""
    if isinstance(node, IfNode | UnlessNode):
        truth = isinstance(node, IfNode)
        yield node.consequence.nodes, scope.knowing(implied(node.condition, truth=truth))
        scope = scope.knowing(implied(node.condition, truth=not truth))
        for alternative in node.alternatives:
            yield from conditional(alternative, scope)
            scope = scope.knowing(implied(alternative.expression, truth=False))
        if node.default:
            yield node.default.nodes, scope
    elif isinstance(node, ForNode):
        item = schema_of(node.expression.iterable, scope)
        inner = {**scope.made, node.expression.identifier: first_of(item), "forloop": ANYTHING}
        yield node.block.nodes, replace(scope, made=inner)
        if node.default:
            yield node.default.nodes, scope
    elif isinstance(node, CaseNode):
        name = name_of(node.expression)
        for block in node.blocks:
            matched = isinstance(block, MultiExpressionBlockNode)
            inside = scope.knowing([name] if matched and name else [])
            yield block.children(context), inside
    elif isinstance(node, BlockNode):
        yield node.nodes, scope
    else:
        yield list(node.children(context)), scope


def conditional(node: ConditionalBlockNode, scope: Scope) -> Iterator[tuple[list[Node], Scope]]:
    """The block of an `elsif`; its question is asked like an `if`'s."""
    asking = _Question(node)
    yield [asking], scope
    yield node.block.nodes, scope.knowing(implied(node.expression, truth=True))


class _Question(Node):
    """The condition of an `elsif`, without its block."""

    def __init__(self, node: ConditionalBlockNode) -> None:
        super().__init__(node.token)
        self.expression = node.expression

    def expressions(self) -> Iterable[Expression]:
        return [self.expression]

    def render_to_output(self, context: RenderContext, buffer: Any) -> int:
        return 0


def implied(expression: Expression, *, truth: bool) -> set[str]:
    """The fields that must be there when the condition is true, or false."""
    if isinstance(expression, BooleanExpression):
        return implied(expression.expression, truth=truth)
    if isinstance(expression, LogicalNotExpression):
        return implied(expression.right, truth=not truth)
    if isinstance(expression, LogicalAndExpression | LogicalOrExpression):
        sides = implied(expression.left, truth=truth), implied(expression.right, truth=truth)
        both = isinstance(expression, LogicalAndExpression) == truth
        return sides[0] | sides[1] if both else sides[0] & sides[1]
    if isinstance(expression, COMPARED):
        return implied_by_comparison(expression, truth=truth)
    name = name_of(expression)
    return {name} if name and truth else set()


def implied_by_comparison(expression: EqExpression | NeExpression, *, truth: bool) -> set[str]:
    """Equal to something, or unlike nothing: it is there."""
    name = name_of(expression.left) or name_of(expression.right)
    with_nothing = any(
        isinstance(side, Nil | Blank | Empty | FalseLiteral)
        for side in (expression.left, expression.right)
    )
    equal = isinstance(expression, EqExpression) == truth
    literal = not (isinstance(expression.left, Path) and isinstance(expression.right, Path))
    return {name} if name and literal and equal != with_nothing else set()


def name_of(expression: Expression) -> str:
    """`customer.first_name` of a path that is all names; '' of anything else."""
    if isinstance(expression, FilteredExpression) and not expression.filters:
        expression = expression.left
    if not isinstance(expression, Path):
        return ""
    parts = [part for part in expression.path if isinstance(part, str)]
    return ".".join(parts) if len(parts) == len(expression.path) else ""


def asked_by(expression: Expression, scope: Scope, *, shown: bool = True) -> list[Asked]:
    """The fields of one expression; what is not `shown` may be nil, but not of nothing."""
    if isinstance(expression, FilteredExpression):
        names = [each.name for each in expression.filters or ()]
        whole = names[:1] == ["default"]
        found = asked_by(expression.left, scope, shown=shown and "default" not in names)
        if whole:
            found = [replace(each, missing="") for each in found]
        arguments = [part for each in expression.filters or () for part in each.children()]
        return found + [each for part in arguments for each in asked_by(part, scope)]
    if isinstance(expression, LoopExpression):
        limits = [part for part in expression.children() if part is not expression.iterable]
        return asked_by(expression.iterable, scope) + asked_by_all(limits, scope, shown=True)
    if isinstance(expression, LogicalAndExpression):
        behind = scope.knowing(implied(expression.left, truth=True))
        left = asked_by(expression.left, scope, shown=False)
        return left + asked_by(expression.right, behind, shown=False)
    if isinstance(expression, Path):
        return [ask(expression, scope, shown=shown), *asked_by_all(expression.children(), scope)]
    asks = BooleanExpression | LogicalOrExpression | LogicalNotExpression | EqExpression
    is_question = isinstance(expression, asks | NeExpression)
    return asked_by_all(expression.children(), scope, shown=shown and not is_question)


def asked_by_all(
    expressions: Iterable[Expression], scope: Scope, *, shown: bool = True
) -> list[Asked]:
    """The fields of several."""
    return [found for each in expressions for found in asked_by(each, scope, shown=shown)]


def ask(path: Path, scope: Scope, *, shown: bool) -> Asked:
    """One field, with whether it is known and what of it may be missing."""
    name, place = name_of(path) or str(path), path.token.start_index
    known = schema_of(path, scope) is not None
    above = [".".join(name.split(".")[:count]) for count in range(1, name.count(".") + 1)]
    for each in [*above, name] if shown else above:
        if may_be_nil(each, scope) and each not in scope.there and name not in scope.there:
            return Asked(name, place, known, missing=each)
    return Asked(name, place, known)


def may_be_nil(name: str, scope: Scope) -> bool:
    """Whether this field, or this name of the template's own, can be without a value."""
    if name.partition(".")[0] in scope.made:
        return f"{name}?" in scope.made
    return name in NAMED and NAMED[name].nullable


def schema_of(path: Expression, scope: Scope) -> Any:
    """An example of what the path leads to; None when there is no such field."""
    if not isinstance(path, Path) or not isinstance(path.path[0], str):
        return ANYTHING if not isinstance(path, Path) else None
    root, rest = path.path[0], path.path[1:]
    if root in scope.made:
        return step_into(scope.made[root], rest)
    if root in BUILT_IN:
        return ANYTHING if root != "forloop" and not rest else None
    return step_into(EXAMPLE.get(root), rest)


def step_into(value: Any, parts: Sequence[Any]) -> Any:
    """What the rest of a path leads to, by example."""
    for part in parts:
        if value is ANYTHING or value is None:
            return value
        if isinstance(value, dict):
            value = value.get(part) if isinstance(part, str) else None
        elif isinstance(value, list):
            value = 1 if part == "size" else first_of(value) if is_item(part) else None
        else:
            value = 1 if part == "size" and isinstance(value, str) else None
    return value


def is_item(part: Any) -> bool:
    """Whether a segment of a path names an item of a list."""
    return isinstance(part, int) or part in OF_TEXTS_AND_LISTS


def first_of(value: Any) -> Any:
    """An item of a list, by example."""
    return value[0] if isinstance(value, list) and value else ANYTHING
