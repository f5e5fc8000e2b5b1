"""What is wrong with a query, and what is only odd about it: each with its place."""

from dataclasses import dataclass, field

from segments.language.tree import NOWHERE, Place
from xeno.lib.errors import Mistake, Particular

MOST_SHOWN, MOST_PROBLEMS = 60, 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One error. `message` reads like Shopify's: `Line 1 Column 6: 'valid' is unexpected.`

    `expected` lists what could stand there; `suggestion` is the name that was probably meant.
    """

    code: str  # unexpected, unknown_filter, wrong_type, too_long, …; stable
    message: str
    at: Place = NOWHERE
    found: str = ""
    expected: tuple[str, ...] = ()
    suggestion: str = ""


def problem(
    code: str,
    says: str,
    at: Place,
    *,
    found: str = "",
    expected: tuple[str, ...] = (),
    suggestion: str = "",
) -> Problem:
    """A problem whose message begins with its place, as Shopify's do."""
    return Problem(code, f"{at}: {says}", at, found, expected, suggestion)


def shown(text: str) -> str:
    """What was found, as a message can quote it: short, and nothing that cannot be printed."""
    text = text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that is allowed and probably not meant, or means nobody here.

    The message is a sentence by itself; `at` says what it is about.
    """

    code: str  # contradiction, always_true, no_data, unknown_tag, too_many_clauses, …; stable
    message: str
    at: Place = NOWHERE


@dataclass(slots=True)
class Notes:
    """What is found out while a query is read."""

    problems: list[Problem] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)

    def rewritten(self, older: str, newer: str, at: Place) -> None:
        """Say that an older spelling was accepted, and what it is now."""
        says = f"{shown(older)} is an older spelling of {shown(newer)}."
        self.advice.append(Advice("rewritten", says, at))


class SegmentSyntaxError(Mistake):
    """The text is no query of the language; `problems` says where and why, all at once."""

    code = "segment_syntax"
    status = 400
    message = "This is no valid segment query."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message if problems else None, field="query")
        self.problems = problems

    @property
    def particulars(self) -> tuple[Particular, ...]:
        """Each problem with its place."""
        return tuple(
            Particular(
                each.code,
                each.message,
                f"tree.{each.at.path}" if each.at.path else self.field,
                {
                    "line": each.at.line,
                    "column": each.at.column,
                    "length": each.at.length,
                    "found": each.found,
                    "expected": list(each.expected),
                    "suggestion": each.suggestion,
                },
            )
            for each in self.problems
        )
