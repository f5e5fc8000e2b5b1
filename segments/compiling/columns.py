"""Attributes that are a column of the customer: dates, numbers, texts, enums."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from customers.models import Customer
from segments.compiling.sources import Facts, Question, Source, storable
from segments.compiling.spans import EVERYBODY, INT4, INT8, NOBODY, dates, equal, numbers
from segments.language.attributes import subscriber_status
from segments.language.tree import Between, Clause, Compare, IsNull, Operator, Text, Value
from xeno.lib.money import THOUSANDTHS


class Column(Source):
    """One column; `kind` is what a change of it is called."""

    def __init__(self, column: str, kind: str) -> None:
        self.column = column
        self.kinds = frozenset({kind})

    def reads(self, clause: Clause) -> frozenset[str]:
        return self.kinds

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=negated):
                return ~self.unknown() if negated else self.unknown()
            case Compare() | Between() as test:
                return self.compared(test, asked)
        raise TypeError(f"{clause.name} cannot be asked so")

    def unknown(self) -> Q:
        """That it has no value."""
        return Q(**{f"{self.column}__isnull": True})

    def compared(self, test: Compare | Between, asked: Question) -> Q:
        """The condition of a comparison."""
        raise NotImplementedError

    def facts(self, clause: Clause, asked: Question) -> Facts:
        return {"value": self.value(asked)}

    def value(self, asked: Question) -> Any:
        """What the one customer has."""
        found = Customer.objects.filter(pk__any_of=asked.among or ())
        return found.values_list(self.column, flat=True).first()


class DayColumn(Column):
    """A moment, which is asked for by the store's days."""

    def compared(self, test: Compare | Between, asked: Question) -> Q:
        return dates(test, asked.clock).condition(self.column)

    def moments(self, clause: Clause, asked: Question) -> Iterable[datetime]:
        value = self.value(asked)
        return () if value is None else (value,)


class NumberColumn(Column):
    """A whole number that is never null."""

    scale, largest = 1, INT4

    def unknown(self) -> Q:
        return NOBODY

    def stored(self, number: int) -> Any:
        """What the field takes for the number that the column holds."""
        return number

    def compared(self, test: Compare | Between, asked: Question) -> Q:
        span = numbers(test, scale=self.scale, largest=self.largest)
        return span.condition(self.column, nullable=False, stored=self.stored)

    def any_of(self, values: Sequence[Value], asked: Question) -> Q:
        spans = [
            numbers(Compare(Operator.EQUAL, value), scale=self.scale, largest=self.largest)
            for value in values
        ]
        found = [self.stored(span.low) for span in spans if not span.empty and span.low is not None]
        return Q(**{f"{self.column}__in": found}) if found else NOBODY


class MoneyColumn(NumberColumn):
    """An amount in the store's currency that is never null."""

    scale, largest = THOUSANDTHS, INT8

    def stored(self, number: int) -> Decimal:
        return Decimal(number) / THOUSANDTHS


class TextColumn(Column):
    """A text; an empty one is none. `spelt` gives what is stored for a literal, `told` how the
    language writes what is stored."""

    def __init__(
        self,
        column: str,
        kind: str,
        spelt: Callable[[str], str | None] = str,
        told: Callable[[str], str] = str,
    ) -> None:
        super().__init__(column, kind)
        self.spelt, self.told = spelt, told

    def unknown(self) -> Q:
        return Q(**{f"{self.column}__isnull": True}) | Q(**{self.column: ""})

    def compared(self, test: Compare | Between, asked: Question) -> Q:
        if not isinstance(test, Compare):
            raise TypeError("a text has no order")
        text, negated = self.text(test.value), test.operator is Operator.NOT_EQUAL
        if not text:
            return EVERYBODY if negated else NOBODY
        return equal(self.column, text, negated=negated)

    def any_of(self, values: Sequence[Value], asked: Question) -> Q:
        texts = [text for value in values if (text := self.text(value))]
        return Q(**{f"{self.column}__in": texts}) if texts else NOBODY

    def value(self, asked: Question) -> Any:
        found = super().value(asked)
        return self.told(found) if found else found

    def text(self, value: Value) -> str | None:
        """What is stored where the literal is meant; None: nothing can be."""
        if not isinstance(value, Text):
            raise TypeError(f"{value} is no text")
        return self.spelt(value.value) if storable(value.value) else None


def upper_only(text: str) -> str | None:
    """An enum that is stored in lower case and written in upper case."""
    return text.lower() if text == text.upper() else None


COLUMNS: Mapping[str, Source] = {
    "customer_added_date": DayColumn("created_at", "customer"),
    "first_order_date": DayColumn("first_order_at", "totals"),
    "last_order_date": DayColumn("last_order_at", "totals"),
    "amount_spent": MoneyColumn("total_spent", "totals"),
    "number_of_orders": NumberColumn("orders_count", "totals"),
    "customer_email_domain": TextColumn("email_domain", "customer", str.lower),
    "customer_language": TextColumn("language", "customer"),
    "customer_account_status": TextColumn("state", "customer", upper_only, str.upper),
    "email_subscription_status": TextColumn(
        "email_consent", "email_consent", upper_only, str.upper
    ),
    "sms_subscription_status": TextColumn("sms_consent", "sms_consent", upper_only, str.upper),
    "product_subscription_status": TextColumn("subscriber_status", "customer", subscriber_status),
}
