"""Attributes that are rows of another table: tags, places, companies, scores."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from customers.models import CustomerAddress, CustomerCompany, CustomerTag
from segments.compiling.sources import Facts, Question, Source, storable
from segments.compiling.spans import NOBODY
from segments.language.tree import (
    Between,
    Clause,
    Compare,
    Contains,
    IsNull,
    Number,
    Operator,
    Text,
    Value,
)

MOST_SHOWN = 50  # elements that an explanation names


class Rows(Source):
    """A list: one row an element. Without rows the list is null.

    `column` holds the element. Only rows of `base` are read, and only those of `known` hold
    any; no element that can be asked for is in another.
    """

    base, known = Q(), Q()

    def __init__(self, model: type[Model], column: str, kind: str, *, shown: str = "") -> None:
        self.model, self.column = model, column
        self.kinds = frozenset({kind})
        self.shown = shown or column

    def reads(self, clause: Clause) -> frozenset[str]:
        return self.kinds

    def rows(self, asked: Question) -> QuerySet[Any]:
        """The elements of everybody who is asked of."""
        return asked.rows(self.model).filter(self.base)

    def exists(self, condition: Q, asked: Question) -> Q:
        """That the customer has a row of which the condition is true."""
        found = self.rows(asked).filter(condition, customer=OuterRef("pk"))
        return Q(Exists(found))

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=negated):
                found = self.exists(self.known, asked)
                return found if negated else ~found
            case Contains(value=value, negated=negated):
                found = self.any_of((value,), asked)
                return ~found if negated else found
            case Compare(operator=Operator.EQUAL | Operator.NOT_EQUAL as operator, value=value):
                found = self.any_of((value,), asked)
                return ~found if operator is Operator.NOT_EQUAL else found
            case Compare() | Between() as test:
                return self.exists(self.ordered(test), asked)
        raise TypeError(f"{clause.name} cannot be asked so")

    def any_of(self, values: Sequence[Value], asked: Question) -> Q:
        elements = [element for each in values if (element := self.element(each)) is not None]
        if not elements:
            return NOBODY
        if len(elements) == 1:
            return self.exists(Q(**{self.column: elements[0]}), asked)
        return self.exists(Q(**{f"{self.column}__in": elements}), asked)

    def element(self, value: Value) -> Any:
        """What the column holds for the literal; None: nothing can be."""
        if not isinstance(value, Text):
            raise TypeError(f"{value} is no text")
        return value.value if value.value and storable(value.value) else None

    def ordered(self, test: Compare | Between) -> Q:
        """The condition on the column of a comparison by order."""
        raise TypeError("these elements have no order")

    def facts(self, clause: Clause, asked: Question) -> Facts:
        rows = self.rows(asked).filter(self.known).order_by(self.shown)
        held = rows.values_list(self.shown, flat=True).distinct()
        return {"held": list(held[:MOST_SHOWN])}


class Tags(Rows):
    """The customer's tags, in any case; a removed one keeps its row."""

    base = Q(present=True)

    def element(self, value: Value) -> Any:
        found = super().element(value)
        return None if found is None else found.lower()


class TagPrefixes(Tags):
    """Tags by how they begin."""

    def any_of(self, values: Sequence[Value], asked: Question) -> Q:
        if any(isinstance(value, Text) and not value.value for value in values):
            return self.exists(Q(), asked)  # every tag begins with nothing
        prefixes = [prefix for value in values if (prefix := self.element(value)) is not None]
        parts = [Q(**{f"{self.column}__prefix": prefix}) for prefix in prefixes]
        return self.exists(Q(*parts, _connector=Q.OR), asked) if parts else NOBODY


class Companies(Rows):
    """The companies that the customer buys for, by Shopify's id."""

    def element(self, value: Value) -> Any:
        text = value.value if isinstance(value, Text | Number) else None
        span = whole(str(text))
        return span if span is not None and str(span) == str(text) else None


def whole(text: str) -> int | None:
    """The 64-bit whole number that the text is."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return int(text)


class Places(Rows):
    """One code of all addresses; '' is none."""

    def __init__(self, column: str) -> None:
        super().__init__(CustomerAddress, column, "addresses")
        self.known = ~Q(**{column: ""})


LISTS: Mapping[str, Source] = {
    "customer_tags": Tags(CustomerTag, "tag_key", "tags", shown="tag"),
    "customer_tag_prefix": TagPrefixes(CustomerTag, "tag_key", "tags", shown="tag"),
    "customer_cities": Places("city"),
    "customer_regions": Places("region"),
    "customer_countries": Places("country"),
    "companies": Companies(CustomerCompany, "company_id", "companies"),
}
