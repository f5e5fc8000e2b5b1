"""Text to lexemes, in one pass over it: every literal with its value or with what is wrong with it.

A wrong literal is a lexeme all the same, so that the parser goes on and finds the next mistake.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, cast

from segments.language.problems import Problem, problem, shown
from segments.language.tree import Day, Flag, Moment, Named, Number, Offset, Place, Text, Value

KEYWORDS = frozenset({
    "AND", "OR", "NOT", "BETWEEN", "CONTAINS", "IS", "NULL", "MATCHES", "IN", "TRUE", "FALSE",
    "NOT_MATCHES", "NOT_CONTAINS",
})  # fmt: skip
SIGNS = {"(": "LPAR", ")": "RPAR", ",": "COMMA", ":": "COLON"}
OPERATORS = ("=", "!=", ">", ">=", "<", "<=")
# No part can match in two ways, and what is not closed takes the rest: linear in any text.
LEXEME = re.compile(
    r"""
    (?P<space>   [\s\ufeff\u200b]++ | --[^\r\n]*+ | /\*.*?\*/ )
  | (?P<unclosed> /\*.*+ )
  | (?P<string>  '(?:[^'\\]|\\.)*+' )
  | (?P<unended> '.*+ )
  | (?P<quoted>  "[^"\r\n]*+"? | [‘’‚“”„«»][^‘’‚“”„«»\r\n]*+[‘’‚“”„«»]? )
  | (?P<date>    [0-9]+-[0-9]+-[0-9]+(?:(?!--)[0-9A-Za-z:.+-])*+ )
  | (?P<number>  [+-]?\.?[0-9][0-9A-Za-z_.]*+ )
  | (?P<name>    customer\.(?:[A-Za-z0-9_.$]|-+(?=[A-Za-z0-9]))++ | [^\W\d][\w.]*+ )
  | (?P<sign>    [<>!=]=|<>|[=<>(),:] )
  | (?P<odd>     (?P<same>.)(?P=same)*+ )
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(['\\])")  # a backslash before anything else is a backslash
LINE_END = re.compile(r"\r\n|\n|\r")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DAY.pattern + r"[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2})?")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
OFFSET = re.compile(r"([+-][0-9]+)([dwmy])", re.IGNORECASE)
AGO = re.compile(r"([0-9]+)_(day|week|month|year)s?_ago", re.IGNORECASE)
UNSIGNED = re.compile(r"[0-9]+[dwmy]", re.IGNORECASE)
WORDED = re.compile(r"([+-][0-9]+)_?(day|week|month|year)s?", re.IGNORECASE)
POINTED = re.compile(r"([+-]?)([0-9]*)\.([0-9]*)")
CLOCK = re.compile(r"[0-9]{1,2}(am|pm)", re.IGNORECASE)
MOST_DIGITS, MOST_DECIMALS = 19, 20
LARGEST = 2**63 - 1
FARTHEST = {"d": 365_000, "w": 52_000, "m": 12_000, "y": 1_000}  # offsets: a thousand years
DATE_SHAPES = ("2024-02-29", "2024-02-29T16:00:00", "-30d", "today")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One word of the query. `type` is the grammar's name for it, where lark looks for it.

    `value` is what a literal says (None where `problem` says why not); `older` marks a spelling
    that Shopify has given up.
    """

    type: str
    text: str
    at: Place
    value: Value | None = None
    problem: Problem | None = None
    older: bool = False


class Lines:
    """Offsets into the text as lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in LINE_END.finditer(text))]

    def place(self, start: int, length: int = 0) -> Place:
        """The place of the character at that offset."""
        line = bisect_right(self._starts, start)
        return Place(line, start - self._starts[line - 1], length, start)


def lexemes_of(text: str) -> Iterator[Lexeme]:
    """Every lexeme of the text, without space and comments."""
    lines = Lines(text)
    for match in LEXEME.finditer(text):
        group = match.lastgroup if match.lastgroup != "same" else "odd"
        if group == "space":
            continue
        found, at = match[0], lines.place(match.start(), len(match[0]))
        yield READERS[group or "odd"](found, at)


def end_of(text: str) -> Place:
    """The place behind the last character that is no space."""
    return Lines(text).place(len(text.rstrip()))


# --- One reader for each group of the pattern -------------------------------------------------


def read_string(found: str, at: Place) -> Lexeme:
    """`'it\\'s'` as the text between the quotes."""
    return Lexeme("STRING", found, at, Text(ESCAPE.sub(r"\1", found[1:-1]), at))


def read_unended(found: str, at: Place) -> Lexeme:
    """A text without its closing quote; it takes the rest of the query."""
    says = "the text that begins here has no closing quote."
    return wrong("STRING", found, at, "unended_text", says, expected=("'",))


def read_unclosed(found: str, at: Place) -> Lexeme:
    """A comment without its end."""
    says = "the comment that begins here has no end."
    return wrong("ODD", found, at, "unended_comment", says, expected=("*/",))


def read_quoted(found: str, at: Place) -> Lexeme:
    """A text in other quotes than the language's."""
    inner = found.strip('"‘’‚“”„«»').replace("\\", "\\\\").replace("'", "\\'")
    says = f"{shown(found)} is unexpected: a text stands between single quotes."
    return wrong("STRING", found, at, "wrong_quotes", says, suggestion=f"'{inner}'")


def read_date(found: str, at: Place) -> Lexeme:
    """A day or a time of a day."""
    try:
        if DAY.fullmatch(found):
            return Lexeme("DATE", found, at, Day(date.fromisoformat(found), at))
        if MOMENT.fullmatch(found):
            return Lexeme("DATE", found, at, Moment(datetime.fromisoformat(found), at))
    except ValueError:
        says = f"'{shown(found)}' is not in the calendar."
        return wrong("DATE", found, at, "impossible_date", says, expected=DATE_SHAPES)
    says = f"'{shown(found)}' is not a date."
    if MOMENT.match(found):
        says = f"'{shown(found)}' is not a date: times are the store's, without a zone."
    return wrong("DATE", found, at, "not_a_date", says, expected=DATE_SHAPES)


def read_number(found: str, at: Place) -> Lexeme:
    """A number, or an offset from today."""
    if NUMBER.fullmatch(found):
        return number(found, at)
    if match := OFFSET.fullmatch(found):
        return offset(found, match[1], match[2], at)
    if match := AGO.fullmatch(found):
        return offset(found, f"-{match[1]}", match[2][0], at, older=True)
    if UNSIGNED.fullmatch(found):
        says = f"'{shown(found)}' needs a sign: -{shown(found)} is ago, +{shown(found)} ahead."
        return wrong("DATE", found, at, "not_a_date", says, suggestion=f"-{found.lower()}")
    if CLOCK.fullmatch(found):
        says = f"'{shown(found)}' is unexpected: a time needs its day."
        return wrong("DATE", found, at, "time_without_day", says, expected=DATE_SHAPES)
    meant = ""
    if match := WORDED.fullmatch(found):
        meant = f"{match[1]}{match[2][0].lower()}"
    elif match := POINTED.fullmatch(found):
        meant = f"{match[1]}{match[2] or 0}" + (f".{match[3]}" if match[3] else "")
    says = f"'{shown(found)}' is not a number."
    return wrong("NUMBER", found, at, "not_a_number", says, suggestion=meant)


def number(found: str, at: Place) -> Lexeme:
    """A number within what a column can hold."""
    whole, _, decimals = found.lstrip("+-0").partition(".")
    if len(whole) > MOST_DIGITS or int(whole or 0) > LARGEST:
        says = f"'{shown(found)}' is too large."
        return wrong("NUMBER", found, at, "too_large", says)
    if len(decimals) > MOST_DECIMALS:
        says = f"'{shown(found)}' has too many decimals (at most {MOST_DECIMALS})."
        return wrong("NUMBER", found, at, "too_many_decimals", says)
    value = Decimal(found)
    return Lexeme("NUMBER", found, at, Number(value if value else abs(value), at))


def offset(found: str, count: str, unit: str, at: Place, *, older: bool = False) -> Lexeme:
    """A day counted from today, at most a thousand years away."""
    unit, digits = unit.lower(), count.lstrip("+-0")
    if len(digits) > MOST_DIGITS or int(digits or 0) > FARTHEST[unit]:
        says = f"'{shown(found)}' is too far away (at most {FARTHEST[unit]}{unit})."
        return wrong("DATE", found, at, "too_far_away", says)
    days = int(digits or 0) * (-1 if count[0] == "-" else 1)
    value = Offset(days, cast("Literal['d', 'w', 'm', 'y']", unit), at)
    return Lexeme("DATE", found, at, value, older=older)


def read_name(found: str, at: Place) -> Lexeme:
    """A keyword in any case, today or yesterday, or a name."""
    word = found.upper()
    if word in {"TODAY", "YESTERDAY"}:
        named = cast("Literal['today', 'yesterday']", word.lower())
        return Lexeme("DATE", found, at, Named(named, at))
    if word in {"TRUE", "FALSE"}:
        return Lexeme("FLAG", found, at, Flag(word == "TRUE", at))
    return Lexeme(word if word in KEYWORDS else "NAME", found, at)


def read_sign(found: str, at: Place) -> Lexeme:
    """An operator, a parenthesis, a comma or a colon."""
    if found in {"<>", "=="}:
        meant = "!=" if found == "<>" else "="
        lexeme = wrong(
            "OPERATOR", found, at, "unexpected", f"'{found}' is unexpected.", suggestion=meant
        )
        return replace(lexeme, text=meant)
    return Lexeme(SIGNS.get(found, "OPERATOR"), found, at)


def read_odd(found: str, at: Place) -> Lexeme:
    """Characters that mean nothing in the language; the parser expects them nowhere."""
    return Lexeme("ODD", found, at)


def wrong(
    kind: str,
    found: str,
    at: Place,
    code: str,
    says: str,
    *,
    expected: tuple[str, ...] = (),
    suggestion: str = "",
) -> Lexeme:
    """A lexeme with a problem in place of its value."""
    trouble = problem(
        code, says, at, found=shown(found), expected=expected, suggestion=shown(suggestion)
    )
    return Lexeme(kind, found, at, problem=trouble)


READERS = {
    "string": read_string, "unended": read_unended, "unclosed": read_unclosed,
    "quoted": read_quoted, "date": read_date, "number": read_number, "name": read_name,
    "sign": read_sign, "odd": read_odd,
}  # fmt: skip
