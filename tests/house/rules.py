"""The house's own dangers, each as a rule over a file's syntax tree.

A rule gives the line and the words of what it finds. What may stay is in `exceptions.py`.
"""

import ast
import re
from collections.abc import Callable, Iterator

Found = Iterator[tuple[int, str]]
Rule = Callable[[ast.Module], Found]

SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|WHERE|JOIN|SET|VALUES|CREATE|ALTER|DROP|GRANT"
    r"|LOCK|TRUNCATE|COPY)\b"
)
UNSCOPED = {"_base_manager", "_default_manager", "RawSQL"}
TRUSTED_HTML = {"mark_safe", "SafeString", "SafeText", "html_safe"}
# Functions that give nothing but what they were given, and a whole number.
HARMLESS = {
    "int", "len", "unnest", "join", "values", "keys", "items", "Identifier", "quote_name",
    "over_sql", "lately_sql",
}  # fmt: skip


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Each call with the last part of its function's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, getattr(node.func, "attr", getattr(node.func, "id", ""))


def called(*names: str) -> Rule:
    """The rule against calling a function or method of these names."""

    def rule(tree: ast.Module) -> Found:
        for node, name in calls(tree):
            if name in names:
                yield node.lineno, name

    return rule


def unscoped_reads(tree: ast.Module) -> Found:
    """What goes round the manager that adds the store: only row-level security is left then."""
    yield from called("raw", "extra")(tree)
    for node in ast.walk(tree):
        name = getattr(node, "attr", getattr(node, "id", ""))
        if name in UNSCOPED:
            yield node.lineno, name


def strings_put_together(tree: ast.Module) -> Iterator[tuple[ast.expr, str, list[ast.expr]]]:
    """Each text that is built of parts: its own words, and the parts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            words = "".join(v.value for v in node.values if isinstance(v, ast.Constant))
            yield node, words, [v.value for v in node.values if isinstance(v, ast.FormattedValue)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mod, ast.Add)):
            if isinstance(node.left, (ast.Constant, ast.JoinedStr)):
                yield node, ast.unparse(node.left), [node.right]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
            text = node.func.value
            if isinstance(text, ast.Constant):
                parts = [*node.args, *(keyword.value for keyword in node.keywords)]
                yield node, str(text.value), parts


def names_in(part: ast.expr) -> set[str]:
    """The variables that a part is made of, but constants and what loops over them."""
    looped = {
        name.id
        for node in ast.walk(part)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }
    whole = {
        id(inner)
        for node, name in calls(part)
        if name == "int"
        for inner in ast.walk(node)
    }  # fmt: skip
    names = {n.id for n in ast.walk(part) if isinstance(n, ast.Name) and id(n) not in whole}
    odd = {name for _, name in calls(part)} - HARMLESS
    return {n for n in names if not n.isupper()} - looped - HARMLESS | odd


def sql_of_variables(tree: ast.Module) -> Found:
    """SQL with something in its text that is no constant of a module and no whole number."""
    for node, words, parts in strings_put_together(tree):
        if SQL.search(words):
            for part in parts:
                for name in sorted(names_in(part)):
                    yield node.lineno, name


def executed_variables(tree: ast.Module) -> Found:
    """A statement that is executed, and neither stands there nor is a constant of a module."""
    for node, name in calls(tree):
        method = isinstance(node.func, ast.Attribute)
        if name in (("execute", "executemany", "copy") if method else ("run", "read_binary")):
            first = node.args[0] if node.args else None
            if first is None:
                continue  # a copy() of something else
            constant = isinstance(first, (ast.Constant, ast.JoinedStr))
            if not constant and not (isinstance(first, ast.Name) and first.id.isupper()):
                yield node.lineno, name


def trusted_html(tree: ast.Module) -> Found:
    """Text that goes into a page unescaped: format_html escapes what it is given."""
    for node, name in calls(tree):
        if name in TRUSTED_HTML:
            yield node.lineno, name
        if name == "format_html" and isinstance(node.args[0], ast.JoinedStr):
            yield node.lineno, "format_html of an f-string"


def requests_without_timeout(tree: ast.Module) -> Found:
    """A request of ours that may wait for ever."""
    verbs = ("get", "post", "put", "patch", "delete", "head", "request", "urlopen")
    for node, name in calls(tree):
        owner = getattr(getattr(node.func, "value", None), "id", "")
        ours = name == "urlopen" or (owner in ("requests", "httpx") and name in verbs)
        if ours and "timeout" not in {keyword.arg for keyword in node.keywords}:
            yield node.lineno, name


RULES: dict[str, Rule] = {
    "a read without a store": unscoped_reads,
    "SQL of variables": sql_of_variables,
    "a statement in a variable": executed_variables,
    "trusted HTML": trusted_html,
    "a store opened elsewhere": called("tenant_scope"),
    "a right checked elsewhere": called(
        "has_perm", "has_perms", "get_perms", "find_rights", "ObjectPermissionChecker"
    ),
    # Within a transaction the worker could be faster than the commit: delay_on_commit.
    "a task queued before the commit": called("delay", "apply_async", "send_task"),
    "a request without a time-out": requests_without_timeout,
    "print": called("print", "pprint", "breakpoint"),
}  # fmt: skip
