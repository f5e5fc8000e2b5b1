"""What is wrong with a query, and what is only odd about it: each with its place."""

from dataclasses import dataclass

from segments.language.tree import NOWHERE, Place
from xeno.lib.errors import Mistake


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


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that is allowed and probably not meant, or means nobody here."""

    code: str  # contradiction, always_true, no_data, unknown_tag, too_many_clauses, …; stable
    message: str
    at: Place = NOWHERE


class SegmentSyntaxError(Mistake):
    """The text is no query of the language; `problems` says where and why, all at once."""

    code = "segment_syntax"
    status = 400
    message = "This is no valid segment query."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message if problems else None, field="query")
        self.problems = problems
