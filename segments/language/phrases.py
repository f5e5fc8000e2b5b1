"""What the grammar recognises, before it means anything: clauses as they were written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lark import Transformer

from segments.language.tokens import Lexeme
from segments.language.tree import Place


@dataclass(frozen=True, slots=True)
class Listed:
    """`(1, 2)`."""

    values: tuple[Lexeme, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """An operator with what follows it. `words` are upper case: `NOT CONTAINS`, `>=`.

    `listed` tells `= (1, 2)` from `= 1`.
    """

    words: str
    at: Place
    end: int
    values: tuple[Lexeme, ...] = ()
    listed: bool = False
    parameters: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter; `colon` in the older spelling `name: value`."""

    name: Lexeme
    phrase: Phrase
    colon: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One clause. `arguments` stand in parentheses behind the name, None without them.

    `refusing` is a NOT before it, `test` None in the older `products_purchased(id: 1)`.
    """

    name: Lexeme
    arguments: tuple[Lexeme | Part, ...] | None = None
    test: Phrase | None = None
    refusing: Lexeme | None = None
    end: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """Where no clause could be read; its name, if it had one."""

    name: Lexeme


@dataclass(frozen=True, slots=True)
class Group:
    """Several clauses or groups with `AND` or `OR` between them."""

    word: str
    parts: tuple["Written", ...]


Written = Said | Broken | Group


class Builder(Transformer[Lexeme, Written]):
    """Makes phrases of the parser's reductions; one method for each name in grammar.lark."""

    def query(self, items: Sequence[Any]) -> Written:
        return items[0]  # type: ignore[no-any-return]

    def any(self, items: Sequence[Any]) -> Written:
        return grouped("OR", items)

    def all(self, items: Sequence[Any]) -> Written:
        return grouped("AND", items)

    def clause(self, items: Sequence[Any]) -> Said:
        return said(None, items)

    def refusing(self, items: Sequence[Any]) -> Said:
        return said(items[0], items[1:])

    def broken(self, items: Sequence[Lexeme]) -> Broken:
        return Broken(items[0])

    def name(self, items: Sequence[Lexeme]) -> Said:
        return Said(items[0], end=items[0].at.end)

    def call(self, items: Sequence[Any]) -> Said:
        arguments = tuple(each for each in items[2:-1] if not is_type(each, "COMMA"))
        return Said(items[0], tuple(filter(None, arguments)), end=ending(items[-1]))

    def argument(self, items: Sequence[Any]) -> Lexeme | Part:
        if len(items) == 1:
            return items[0]  # type: ignore[no-any-return]
        name, colon, value = items
        if isinstance(value, Lexeme):
            value = Phrase(":", colon.at, value.at.end, (value,))
        elif isinstance(value, Listed):
            value = Phrase(":", colon.at, value.end, value.values, listed=True)
        return Part(name, value, colon=True)

    def test(self, items: Sequence[Any]) -> Phrase:
        if isinstance(items[0], Phrase):
            return items[0]
        return phrased(items)

    def parameter(self, items: Sequence[Any]) -> Part:
        return Part(items[0], items[1])

    def condition(self, items: Sequence[Any]) -> Phrase:
        return phrased(items)

    def list(self, items: Sequence[Lexeme]) -> Listed:
        return Listed(
            tuple(each for each in items[1:-1] if each.type != "COMMA"), ending(items[-1])
        )

    def value(self, items: Sequence[Lexeme]) -> Lexeme:
        return items[0]


LITERALS = frozenset({"STRING", "NUMBER", "DATE", "FLAG"})


def is_type(item: object, kind: str) -> bool:
    """Whether the item is a lexeme of that type."""
    return isinstance(item, Lexeme) and item.type == kind


def ending(item: Lexeme | Listed) -> int:
    """The offset behind the last part of something."""
    return item.at.end if isinstance(item, Lexeme) else item.end


def grouped(word: str, items: Sequence[Any]) -> Written:
    """The parts without their connectives and parentheses; a single one as itself."""
    parts = tuple(each for each in items if not isinstance(each, Lexeme))
    return parts[0] if len(parts) == 1 else Group(word, parts)


def said(refusing: Lexeme | None, items: Sequence[Any]) -> Said:
    """A clause of its name (with arguments) and its test."""
    subject: Said = items[0]
    test: Phrase | None = items[1] if len(items) > 1 else None
    end = test.end if test else subject.end
    return Said(subject.name, subject.arguments, test, refusing, end)


def phrased(items: Sequence[Any]) -> Phrase:
    """An operator of one word or several, and its values or parameters."""
    words, values, listed, parameters = [], [], False, []
    for each in items:
        if isinstance(each, Listed):
            values, listed = list(each.values), True
        elif isinstance(each, Part):
            parameters.append(each)
        elif each is not None and each.type in LITERALS:
            values.append(each)
        elif each is not None and each.type not in {"LPAR", "RPAR", "COMMA"}:
            words.append(each.text.upper())
    name = "BETWEEN" if words[0] == "BETWEEN" else " ".join(words)
    return Phrase(name, items[0].at, ending(items[-1]), tuple(values), listed, tuple(parameters))
