"""How attributes are read: a source each, in one table by name.

An app above registers its own in `AppConfig.ready()` by `add_source`. An attribute without a
source has no data here: it is null for everybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from segments.compiling.spans import EVERYBODY, NOBODY
from segments.language.checking import unknown_filter
from segments.language.clock import Clock
from segments.language.problems import SegmentSyntaxError
from segments.language.registry import find_attribute
from segments.language.tree import (
    Clause,
    Compare,
    Contains,
    IsNull,
    Matches,
    Node,
    Operator,
    Value,
)

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """When and where it is asked; `among` are our ids of the only customers it is asked of.

    A source narrows its own rows to them too: what is asked of few must not read the store.
    `path` are the segments that lead here.
    """

    clock: Clock
    among: tuple[int, ...] | None = None
    path: tuple[int, ...] = field(default=())

    def rows(
        self, model: Any, customer: str = "customer", *, by_policy: bool = True
    ) -> QuerySet[Any]:
        """The store's rows of the model, of those customers only.

        Not `by_policy`: of a model that is read whole before customers are looked for.
        """
        rows: QuerySet[Any] = model.objects.by_policy() if by_policy else model.objects.all()
        if self.among is None:
            return rows
        return rows.filter(**{f"{customer}__id__any_of": self.among})


class Source:
    """How one attribute is read. A condition is about a row of customers and is never null
    where it is negated: Django's `~` sees to columns, EXISTS is true or false."""

    def reads(self, clause: Clause) -> frozenset[str]:
        """The kinds of data whose change may change the answer."""
        raise NotImplementedError

    def condition(self, clause: Clause, asked: Question) -> Q:
        """Whom the clause finds."""
        raise NotImplementedError

    def any_of(self, values: Sequence[Value], asked: Question) -> Q | None:
        """Whom one of several equalities finds, in one condition; None: that is not offered."""
        return None

    def facts(self, clause: Clause, asked: Question) -> Facts:
        """What decides the clause for the one customer of `asked.among`, for people to read."""
        return {}

    def moments(self, clause: Clause, asked: Question) -> Iterable[datetime]:
        """The dates of that customer which the clause's dates are compared with."""
        return ()

    def inner(self, clause: Clause, asked: Question) -> tuple[Node, Question] | None:
        """The query that the clause stands for, if it stands for another one."""
        return None


class NoData(Source):
    """Nobody tells us: null for everybody, whatever the parameters ask."""

    def reads(self, clause: Clause) -> frozenset[str]:
        return frozenset()

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=negated):
                return NOBODY if negated else EVERYBODY
            case Contains(negated=negated) | Matches(negated=negated):
                return EVERYBODY if negated else NOBODY
            case Compare(operator=Operator.NOT_EQUAL):
                return EVERYBODY
        return NOBODY


NO_DATA = NoData()
SOURCES: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    """Let the attribute of that name be read so; apps call this once."""
    SOURCES[name] = source


def has_data(name: str) -> bool:
    """Whether anything is known of that attribute here."""
    return name in SOURCES


def storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text at all; what it cannot hold, nobody has."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def source_of(clause: Clause) -> Source:
    """How the clause's attribute is read; refuses a name that the language does not have."""
    if find_attribute(clause.name) is None:
        raise SegmentSyntaxError((unknown_filter(clause.name, clause.at),))
    return SOURCES.get(clause.name, NO_DATA)
