"""The day of a customer's newest checkout that was not completed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.models import Checkout
from segments.compiling.sources import Facts, Question, Source
from segments.compiling.spans import NOBODY, Span, dates
from segments.language.tree import Between, Clause, Compare, IsNull


class AbandonedCheckout(Source):
    """The newest is within the days when one is, and none is after them: no maximum is made."""

    def reads(self, clause: Clause) -> frozenset[str]:
        return frozenset({"checkouts"})

    def rows(self, asked: Question) -> QuerySet[Any]:
        """Checkouts that were not completed, of everybody who is asked of."""
        return asked.rows(Checkout).filter(completed_at=None)

    def exists(self, condition: Q, asked: Question) -> Q:
        """That the customer has such a one."""
        return Q(Exists(self.rows(asked).filter(condition, customer=OuterRef("pk"))))

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=negated):
                found = self.exists(Q(), asked)
                return found if negated else ~found
            case Compare() | Between() as test:
                span = dates(test, asked.clock)
                found = self.newest_within(span, asked)
                return ~found if span.outside else found
        raise TypeError(f"{clause.name} cannot be asked so")

    def newest_within(self, span: Span[datetime], asked: Question) -> Q:
        """That the newest lies in the span."""
        if span.empty:
            return NOBODY
        inside = Span(span.low, span.high).condition("created_at", nullable=False)
        found = self.exists(inside, asked)
        if span.high is not None:
            found &= ~self.exists(Q(created_at__gte=span.high), asked)
        return found

    def facts(self, clause: Clause, asked: Question) -> Facts:
        newest = self.rows(asked).order_by("-created_at").values_list("created_at", flat=True)
        return {"value": newest.first()}

    def moments(self, clause: Clause, asked: Question) -> Iterable[datetime]:
        return self.rows(asked).values_list("created_at", flat=True)
