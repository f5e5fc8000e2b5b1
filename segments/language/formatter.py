"""Tree to text, in the one canonical spelling; long queries on several lines if asked."""

from segments.language.checking import values_of, words_of, written
from segments.language.tree import And, Clause, Matches, Node, Or, Parameter

INDENT = "  "


def format_query(node: Node, *, width: int | None = None) -> str:
    """The query as text: `parse` gives the same tree again.

    On one line, or with a width broken at AND and OR where a line would be longer.
    """
    flat = in_one_line(node)
    if width is None or len(flat) <= width:
        return flat
    return "\n".join(in_lines(node, width))


def in_one_line(node: Node) -> str:
    """The node with the fewest parentheses."""
    if isinstance(node, Clause):
        return clause_text(node)
    word = " AND " if isinstance(node, And) else " OR "
    return word.join(
        f"({in_one_line(part)})" if needs_parentheses(part, node) else in_one_line(part)
        for part in node.parts
    )


def in_lines(node: Node, width: int) -> list[str]:
    """The node with one part a line, its word first: `AND …`."""
    if isinstance(node, Clause):
        return [clause_text(node)]
    word = "AND " if isinstance(node, And) else "OR "
    lines: list[str] = []
    for index, part in enumerate(node.parts):
        lead = word if index else ""
        flat = in_one_line(part)
        if needs_parentheses(part, node):
            short = f"{lead}({flat})"
            inner = [INDENT + line for line in in_lines(part, width - len(INDENT))]
            lines += [short] if len(short) <= width else [f"{lead}(", *inner, ")"]
        elif len(lead + flat) <= width or isinstance(part, Clause):
            lines.append(lead + flat)
        else:
            first, *rest = in_lines(part, width - len(lead))
            lines += [lead + first, *(INDENT + line for line in rest)]
    return lines


def needs_parentheses(part: Node, within: Node) -> bool:
    """OR binds more loosely than AND."""
    return isinstance(part, Or) and isinstance(within, And)


def clause_text(clause: Clause) -> str:
    """One clause."""
    name = clause.name
    if clause.argument:
        escaped = clause.argument.replace("\\", "\\\\").replace("'", "\\'")
        name = f"{name}('{escaped}')"
    if isinstance(clause.test, Matches):
        parameters = ", ".join(map(parameter_text, clause.test.parameters))
        return f"{name} {words_of(clause.test)} ({parameters})"
    values = " AND ".join(map(written, values_of(clause.test)))
    return " ".join(filter(None, (name, words_of(clause.test), values)))


def parameter_text(parameter: Parameter) -> str:
    """One parameter of MATCHES."""
    words, values = words_of(parameter.test), list(map(written, values_of(parameter.test)))
    listed = words in {"IN", "NOT IN"}
    said = f"({', '.join(values)})" if listed else " AND ".join(values)
    return f"{parameter.name} {words} {said}"
