"""Liquid for templates that anybody in a store may write: no loader, few filters, hard limits.

python-liquid's own limits stop loops and output. They do not stop `{{ (1..100000000) | join }}`,
a chain of `replace` that multiplies, or numbers that grow without end: ranges are capped when a
template is read, the results of filters when they are made, and a clock stops the rest.
"""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache, wraps
from io import StringIO
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext, StrictDefaultUndefined
from liquid.ast import Node
from liquid.builtin.expressions import Path
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.expression import Expression
from liquid.output import LimitedStringIO

from xeno.lib.errors import Mistake

LONGEST = 200_000  # characters of a template, and of any text that a filter makes
WIDEST_RANGE = 1_000
LONGEST_PATH = 10  # names with dots between
LARGEST_NUMBER = 10**15
SECONDS = 1.0  # of one rendering

# Those that load, count across renderings, or write no message.
FORBIDDEN_TAGS = ("include", "render", "increment", "decrement", "tablerow", "liquid", "doc")
FILTERS = {
    "abs", "append", "capitalize", "ceil", "compact", "date", "default", "divided_by", "downcase",
    "escape", "escape_once", "first", "floor", "join", "last", "lstrip", "map", "minus", "modulo",
    "newline_to_br", "plus", "prepend", "remove", "replace", "replace_first", "reverse", "round",
    "rstrip", "size", "slice", "sort", "split", "strip", "strip_html", "strip_newlines", "times",
    "truncate", "truncatewords", "uniq", "upcase", "url_encode", "where",
}  # fmt: skip


class TemplateNotValid(Mistake):
    """The words cannot be read, or ask for more than a message may; `line` says where."""

    code = "template_not_valid"
    message = "The template cannot be read."

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


# python-liquid lets these through, of infinity and of numbers that are none.
UNEXPECTED = (ArithmeticError, ValueError, LookupError, AttributeError)


class RenderingStopped(LiquidError):
    """A rendering made too much, or took too long."""


class Clock(RenderContext):
    """A context that knows until when it may work."""

    ends: float = float("inf")

    def check_time(self) -> None:
        """Raise when the time is over."""
        if time.monotonic() > self.ends:
            raise RenderingStopped("the template takes too long", token=None)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        self.check_time()
        return super().get(*args, **kwargs)

    def get_buffer(self, buf: Any = None) -> Any:
        buffer: Any = super().get_buffer(buf)
        return TimedBuffer(buffer.limit, self)


class TimedBuffer(LimitedStringIO):
    """Output that stops when the time is over, and at so many characters.

    python-liquid counts bytes, for which it encodes every text once more.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        super().__init__(limit, newline="")
        self.clock = clock

    def write(self, text: str) -> int:
        self.clock.check_time()
        self.size += len(text)
        if self.size > self.limit:
            raise OutputStreamLimitError("the template makes too much text", token=None)
        return StringIO.write(self, text)


class Words(BoundTemplate):
    """A template of ours."""

    context_class = Clock


class Liquid(Environment):
    """The language as templates may use it."""

    template_class = Words
    loop_iteration_limit = 10_000
    local_namespace_limit = 1_000_000
    output_stream_limit = 500_000
    context_depth_limit = 20

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, undefined=StrictDefaultUndefined)
        self.tags = {name: t for name, t in self.tags.items() if name not in FORBIDDEN_TAGS}
        # `default` makes nothing, and an undefined value may be handed to no other function.
        self.filters = {
            name: made if name == "default" else capped(made)
            for name, made in self.filters.items()
            if name in FILTERS
        }


def capped(made: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refused when its result, or what it would be, is too large."""

    @wraps(made)
    def filter_(value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and len(value) * max(map(length, args), default=0) > 10 * LONGEST:
            raise RenderingStopped("a filter makes too much text", token=None)
        try:
            result = made(value, *args, **kwargs)
        except UNEXPECTED as error:
            raise RenderingStopped(f"a filter fails: {type(error).__name__}", token=None) from error
        if length(result) > LONGEST or is_huge(result):
            raise RenderingStopped("a filter makes too much", token=None)
        return result

    return filter_


def length(value: Any) -> int:
    """How long a text or list is; 0 of anything else."""
    return len(value) if isinstance(value, str | list | tuple | range) else 0


def is_huge(value: Any) -> bool:
    """Whether a number is beyond any that a message needs."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_number and not abs(value) <= LARGEST_NUMBER  # `not <=`: NaN is huge too


HTML, PLAIN = Liquid(autoescape=True), Liquid(autoescape=False)


@lru_cache(maxsize=256)
def read_template(text: str, *, html: bool) -> BoundTemplate:
    """The template, read once; raises TemplateNotValid with the line."""
    if len(text) > LONGEST:
        raise TemplateNotValid(f"A template has at most {LONGEST:,} characters.")
    try:
        template = (HTML if html else PLAIN).from_string(text)
    except LiquidError as error:
        raise TemplateNotValid(str(error), line=line_of(error, text)) from error
    except RecursionError:
        raise TemplateNotValid("The template is nested too deeply.") from None
    for expression in expressions_of(template):
        check_range(expression)
        check_filters(expression)
        check_path(expression)
    return template


def line_of(error: LiquidError, text: str) -> int | None:
    """The line of the text, from 1, at which a mistake stands."""
    token = getattr(error, "token", None)
    start = getattr(token, "start_index", None)
    return None if start is None else text.count("\n", 0, start) + 1


def expressions_of(template: BoundTemplate) -> Iterator[Expression]:
    """Every expression of the template, those within others too."""
    context = RenderContext(template)
    nodes: list[Node] = list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes += node.children(context)
        found = list(node.expressions())
        while found:
            expression = found.pop()
            found += expression.children()
            yield expression


def check_filters(expression: Expression) -> None:
    """Refuse a filter that there is not: python-liquid would only miss it when it renders."""
    for found in getattr(expression, "filters", None) or ():
        if found.name not in FILTERS:
            raise TemplateNotValid(f"There is no filter “{found.name}”.")


def check_path(expression: Expression) -> None:
    """Refuse a name of more parts than any field has."""
    if isinstance(expression, Path) and len(expression.path) > LONGEST_PATH:
        raise TemplateNotValid(f"A field has at most {LONGEST_PATH} parts.")


def check_range(expression: Expression) -> None:
    """Refuse a range that is wide, or whose width is not known beforehand."""
    if not isinstance(expression, RangeLiteral):
        return
    start, stop = expression.start, expression.stop
    if not isinstance(start, IntegerLiteral) or not isinstance(stop, IntegerLiteral):
        raise TemplateNotValid(f"The ends of the range {expression} must be numbers.")
    if stop.value - start.value >= WIDEST_RANGE:
        raise TemplateNotValid(f"The range {expression} is wider than {WIDEST_RANGE:,}.")


def render(template: BoundTemplate, data: dict[str, Any]) -> str:
    """The template filled in; LiquidError when it asks for what is not there or too much."""
    context = Clock(template, globals=template.make_globals(data))
    context.ends = time.monotonic() + SECONDS
    buffer = context.get_buffer()
    try:
        template.render_with_context(context, buffer)
    except (*UNEXPECTED, TypeError, RecursionError) as error:
        raise RenderingStopped(f"it fails: {type(error).__name__}", token=None) from error
    return str(buffer.getvalue())
