"""How a customer stands among the others: scores of ours, groups and tiers, Shopify's or ours."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from orders.models import CustomerScore
from segments.compiling.lists import Rows
from segments.compiling.sources import Facts, Question, Source
from segments.compiling.spans import INT4, numbers
from segments.language.tree import Between, Clause, Compare, Operator, Value


class Scores(Rows):
    """One number that we, or Shopify, gave the customer; null without a row."""

    def element(self, value: Value) -> Any:
        span = numbers(Compare(Operator.EQUAL, value), largest=INT4)
        return None if span.empty else span.low

    def ordered(self, test: Compare | Between) -> Q:
        return numbers(test, largest=INT4).condition(self.column)

    def facts(self, clause: Clause, asked: Question) -> Facts:
        return {"value": self.rows(asked).values_list(self.column, flat=True).first()}


class Judgements(Rows):
    """One word that Shopify, or we, have for the customer; null without a row."""

    def facts(self, clause: Clause, asked: Question) -> Facts:
        source = self.column.replace("rfm_group", "group").replace("spend_tier", "tier")
        found = self.rows(asked).values_list(self.column, f"{source}_source").first()
        return dict(zip(("value", "source"), found or (None, None), strict=True))


def scored(source: type[Rows], column: str) -> Rows:
    """One column of the customer's row of scores."""
    found = source(CustomerScore, column, "scores")
    found.known = Q(**{f"{column}__isnull": False})
    return found


SCORES: Mapping[str, Source] = {
    "rfm_group": scored(Judgements, "rfm_group"),
    "predicted_spend_tier": scored(Judgements, "spend_tier"),
    "rfm_recency": scored(Scores, "recency"),
    "rfm_frequency": scored(Scores, "frequency"),
    "rfm_monetary": scored(Scores, "monetary"),
}
