"""Lexemes to phrases by lark's LALR table, going on after each mistake."""

from collections.abc import Iterator
from copy import copy
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token, UnexpectedToken
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParserState

from segments.language.checking import can_be_true, operators_of
from segments.language.phrases import Broken, Builder, Group, Said, Written
from segments.language.problems import MOST_PROBLEMS, Problem, problem, shown
from segments.language.registry import Kind, find_attribute
from segments.language.tokens import KEYWORDS, OPERATORS, Lexeme
from segments.language.tree import NOWHERE, Place

GRAMMAR = Path(__file__).with_name("grammar.lark")
MOST_CLAUSES, MOST_DEPTH = 100, 50
WORDS = {
    "OPERATOR": OPERATORS, "LPAR": ("(",), "RPAR": (")",), "COMMA": (",",),
    "NAME": ("a parameter",), "STRING": ("a text",), "NOT": ("NOT IN",),
}  # fmt: skip
UNSAID = frozenset({"FLAG", "COLON", "NOT_MATCHES", "NOT_CONTAINS"})  # older spellings
TEXTS = (Kind.STRING, Kind.STRINGS, Kind.ENUM, Kind.ENUMS)
State = ParserState[int]


class NoLexer(Lexer):
    """Lark wants a lexer; ours is tokens.py, which feeds the parser itself."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        return iter(())


@cache
def start() -> State:
    """The parser's state before the first lexeme; made of the grammar once, when first asked."""
    grammar = GRAMMAR.read_text("utf-8")
    lark = Lark(grammar, parser="lalr", start="query", lexer=NoLexer, transformer=Builder())
    return cast("State", lark.parse_interactive("").parser_state)


class Sentence:
    """Feeds the lexemes to the parser; after a mistake it goes on with the next clause."""

    def __init__(self, lexemes: list[Lexeme], end: Place) -> None:
        self.lexemes = lexemes
        self.end = Lexeme("$END", "", end)
        self.problems: list[Problem] = []
        self.state = self.clause_state = copied(start())
        self.clause_index = 0
        self.clauses = 0
        self.open: list[bool] = []  # parentheses; True for one around clauses
        self.reported = -1
        self.stopped = False

    def read(self) -> list[Written]:
        """What could be read: one piece, unless something is wrong; nothing past a limit."""
        index = 0
        while index < len(self.lexemes) and not self.stopped:
            index = self.step(index)
        if self.stopped:
            return []
        before = copied(self.state)
        try:
            return [self.state.feed_token(as_token(self.end), is_end=True)]
        except UnexpectedToken:
            self.recover(before, len(self.lexemes))
        self.state.feed_token(as_token(Lexeme("OR", "", NOWHERE)))  # completes the last clause
        values = self.state.value_stack
        return [each for each in values if isinstance(each, Said | Broken | Group)]

    def step(self, index: int) -> int:
        """Feed one lexeme; the index of the next one to feed."""
        lexeme, before = self.lexemes[index], self.state
        begins = expects_clause(before)
        if begins or not surely_shifts(before, lexeme.type):
            before = copied(self.state)  # a refused lexeme may have been half taken in
        if begins:
            self.clause_state, self.clause_index = before, index
        try:
            self.state.feed_token(as_token(lexeme))
        except UnexpectedToken:
            return self.recover(before, index)
        if lexeme.problem:
            self.problems.append(lexeme.problem)
        self.count(lexeme, begins=begins)
        return index + 1

    def count(self, lexeme: Lexeme, *, begins: bool) -> None:
        """Keep within our limits of depth and clauses."""
        if lexeme.type == "LPAR":
            self.open.append(begins)
            if sum(self.open) > MOST_DEPTH:
                says = f"parentheses are nested too deeply (at most {MOST_DEPTH})."
                self.stop("too_deep", says, lexeme)
        elif lexeme.type == "RPAR":
            self.open.pop()
        elif begins:
            self.clauses += 1
            if self.clauses > MOST_CLAUSES:
                says = f"the query has too many conditions (at most {MOST_CLAUSES})."
                self.stop("too_many_clauses", says, lexeme)

    def stop(self, code: str, says: str, lexeme: Lexeme) -> None:
        """A limit is passed: read no further."""
        self.problems.append(problem(code, says, lexeme.at, found=shown(lexeme.text)))
        self.stopped = True

    def recover(self, before: State, index: int) -> int:
        """Report the lexeme, and go back to where the next AND, OR or parenthesis is welcome."""
        lexeme = self.lexemes[index] if index < len(self.lexemes) else self.end
        self.report(lexeme, before, index)
        if accepts(before, "OR"):
            self.state = before
            return index + 1 if lexeme.type == "RPAR" else self.skip(index, depth=0)
        clause = self.lexemes[self.clause_index : index]
        name = next((each for each in clause if each.type == "NAME"), lexeme)
        broken = Lexeme("BROKEN", name.text if name.type == "NAME" else "", name.at)
        self.state = copied(self.clause_state)
        self.state.feed_token(as_token(broken))
        depth = 0
        while self.open and not self.open[-1]:
            self.open.pop()
            depth += 1
        words = [each.type for each in clause if each.type in {"BETWEEN", "AND", "OPERATOR"}]
        return self.skip(index, depth=depth, range_open=words[-1:] == ["BETWEEN"])

    def skip(self, index: int, *, depth: int, range_open: bool = False) -> int:
        """The index of the next AND, OR or parenthesis that belongs to no skipped clause."""
        for at in range(index, len(self.lexemes)):
            kind = self.lexemes[at].type
            if kind == "LPAR":
                depth += 1
            elif kind == "RPAR":
                depth -= 1
                if depth < 0:
                    return at
            elif kind == "BETWEEN":
                range_open = True
            elif range_open and (kind == "AND" or (kind == "OR" and at == index)):
                range_open = False
            elif kind in {"AND", "OR"} and depth == 0:
                return at
        return len(self.lexemes)

    def report(self, lexeme: Lexeme, before: State, index: int) -> None:
        """Say that the lexeme is unexpected and what was expected; once for each."""
        if index == self.reported:
            return
        self.reported = index
        expected, suggestion = self.expected(before, index), ""
        if lexeme is self.end:
            code, says = "unexpected_end", "the query ends too early."
        elif lexeme.problem and lexeme.type in {"STRING", "ODD"}:
            self.problems.append(lexeme.problem)  # it says more than that it is unexpected
            return
        else:
            code, says = "unexpected", f"'{shown(lexeme.text)}' is unexpected."
            suggestion = self.meant(lexeme, expected)
        found = shown(lexeme.text)
        self.problems.append(
            problem(code, says, lexeme.at, found=found, expected=expected, suggestion=suggestion)
        )
        self.stopped = len(self.problems) >= MOST_PROBLEMS

    def meant(self, lexeme: Lexeme, expected: tuple[str, ...]) -> str:
        """What was probably meant: a keyword, or a text without its quotes."""
        if lexeme.type != "NAME":
            return ""
        attribute = find_attribute(self.lexemes[self.clause_index].text)
        if expected == ("a value",) and attribute and attribute.kind in TEXTS:
            return shown(f"'{lexeme.text}'")
        return nearest_word(lexeme, expected)

    def expected(self, state: State, index: int) -> tuple[str, ...]:
        """What could stand there, in a person's words."""
        types = [kind for kind in choices(state) if kind.isupper() and accepts(state, kind)]
        if "BROKEN" in types:
            return "a filter", "("
        if types == ["NAME"] and self.lexemes[index - 1].type == "NOT":
            return ("a filter",)
        if "OR" in types:
            return "AND", "OR", *((")",) if "RPAR" in types else ())
        attribute = find_attribute(self.lexemes[self.clause_index].text)
        if "MATCHES" in types and "CONTAINS" in types:
            return operators_of(attribute)
        if {"STRING", "NUMBER", "DATE"} <= set(types):
            return ("a value",)
        if "NULL" in types and "NOT" in types:
            return "NULL", "NOT NULL", *(("TRUE", "FALSE") if can_be_true(attribute) else ())
        said = [WORDS.get(kind, (kind,)) for kind in types if kind not in UNSAID]
        return tuple(sorted({word for words in said for word in words}))


def as_token(lexeme: Lexeme) -> Token:
    """A lexeme in lark's eyes: it reads nothing but the type."""
    return cast("Token", lexeme)


def copied(state: State) -> State:
    """The state, to go back to."""
    return ParserState(state.parse_conf, state.lexer, [*state.state_stack], [*state.value_stack])


def choices(state: State) -> dict[str, Any]:
    """The terminals that the state does not refuse at once."""
    return cast("dict[str, Any]", state.parse_conf.parse_table.states[state.position])


def expects_clause(state: State) -> bool:
    """Whether a clause or a group begins here."""
    return "BROKEN" in choices(state)


def surely_shifts(state: State, kind: str) -> bool:
    """Whether a lexeme of that type is taken without a look at what came before."""
    return kind in choices(state) and choices(state)[kind][0] is Shift


def accepts(state: State, kind: str) -> bool:
    """Whether a lexeme of that type can follow."""
    probe = copied(state)
    probe.parse_conf = copy(state.parse_conf)
    probe.parse_conf.callbacks = {}
    try:
        probe.feed_token(as_token(Lexeme(kind, "", NOWHERE)))
    except UnexpectedToken:
        return False
    return True


def nearest_word(lexeme: Lexeme, expected: tuple[str, ...]) -> str:
    """The keyword that was probably meant."""
    words = [word for each in expected for word in each.split() if word in KEYWORDS]
    return next(iter(get_close_matches(lexeme.text.upper()[:30], words, 1, 0.6)), "")
