"""Text to tree, or every mistake in the text at once."""

from dataclasses import dataclass

from segments.language import attributes as _attributes  # noqa: F401 - it fills the registry
from segments.language.legacy import without_frame
from segments.language.meaning import clause_of, name_problem
from segments.language.phrases import Broken, Said, Written
from segments.language.problems import (
    MOST_PROBLEMS,
    Advice,
    Notes,
    Problem,
    SegmentSyntaxError,
    problem,
)
from segments.language.sentence import Sentence
from segments.language.tokens import Lines, end_of, lexemes_of
from segments.language.tree import And, Node, Or

MOST_CHARACTERS = 5000
FORBIDDEN = {0, *range(0xD800, 0xE000)}  # no database text and no UTF-8 can hold these
UNSTORABLE = "this character cannot be part of a query."


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it was read; `advice` names the older spellings that were rewritten."""

    node: Node
    advice: tuple[Advice, ...] = ()


def parse(text: str) -> Node:
    """The tree of the query. Raises SegmentSyntaxError with everything that is wrong."""
    return read(text).node


def read(text: str) -> Reading:
    """The tree of the query, and which older spellings in it were rewritten."""
    check_text(text)
    notes = Notes()
    lexemes = without_frame(list(lexemes_of(text)), notes)
    sentence = Sentence(lexemes, end_of(text))
    written = sentence.read()
    notes.problems.extend(sentence.problems)
    node = node_of(written, notes)
    if notes.problems or node is None:
        raise SegmentSyntaxError(tuple(notes.problems[:MOST_PROBLEMS]))
    return Reading(node, tuple(notes.advice))


def check_text(text: str) -> None:
    """Raises where the text is no query whatever it says: too long, blank, or not to be stored."""
    if len(text) > MOST_CHARACTERS:
        says = f"Query is too long (maximum is {MOST_CHARACTERS} characters)"
        raise SegmentSyntaxError((Problem("too_long", says),))
    if (index := forbidden_in(text)) is not None:
        at = Lines(text).place(index, 1)
        raise SegmentSyntaxError((problem("bad_character", UNSTORABLE, at),))
    if next(lexemes_of(text), None) is None:
        raise SegmentSyntaxError((Problem("blank", "Query can't be blank"),))


def forbidden_in(text: str) -> int | None:
    """Where the first character stands that cannot be stored, if there is one."""
    return next((index for index, each in enumerate(text) if ord(each) in FORBIDDEN), None)


# --- From what was written to what it means ---------------------------------------------------


def node_of(written: list[Written], notes: Notes) -> Node | None:
    """The tree of what was read; None, with problems, where a clause is wrong."""
    nodes = [meant(each, notes) for each in written]
    return nodes[0] if len(nodes) == 1 else None


def meant(written: Written, notes: Notes) -> Node | None:
    """The node that was written; clauses that mean nothing leave their problems."""
    if isinstance(written, Said):
        return clause_of(written, notes)
    if isinstance(written, Broken):
        notes.problems.extend(name_problem(written.name))
        return None
    parts = [meant(part, notes) for part in written.parts]
    return joined(written.word, [part for part in parts if part is not None])


def joined(word: str, parts: list[Node]) -> Node | None:
    """The parts under one And or Or, without another of its kind directly in it."""
    kind: type[And | Or] = And if word == "AND" else Or
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And | Or) and isinstance(part, kind) else [part])
    if len(flat) < 2:
        return flat[0] if flat else None
    return kind(tuple(flat))
