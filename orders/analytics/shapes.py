"""How numbers look in the API: money as decimal text, shares as numbers, ids as text."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from orders.models import RfmGroup
from orders.numbers.cohorts import Cohort
from orders.numbers.figures import Figures, Gaps, Sales, change_of
from orders.numbers.groups import Scored, Table
from orders.numbers.periods import Interval, Period
from orders.numbers.series import Growth, Point
from orders.numbers.tops import TopCustomer, TopProduct
from orders.rollups.state import Freshness
from xeno.lib.api.rows import IdField, MoneyText
from xeno.lib.money import format_money


class PeriodSerializer(serializers.Serializer[Any]):
    """Days of the store, both included."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField()}


class FreshSerializer(serializers.Serializer[Any]):
    """How far the numbers are behind the orders."""

    counted_at = serializers.DateTimeField(allow_null=True, help_text="When they last moved")
    waiting_since = serializers.DateTimeField(
        allow_null=True, help_text="The oldest change that is not in them; null: all are"
    )
    stale_days = serializers.IntegerField(help_text="Days that wait to be counted anew")


class AnswerSerializer(serializers.Serializer[Any]):
    """What every answer about a period begins with."""

    period = PeriodSerializer()
    timezone = serializers.CharField(help_text="In which its days begin and end")
    currency = serializers.CharField(help_text="Of every amount that names no other")
    fresh = FreshSerializer()


class SalesSerializer(serializers.Serializer[Any]):
    """What counted orders of one currency brought."""

    currency = serializers.CharField()
    orders = serializers.IntegerField()
    revenue = MoneyText(help_text="After refunds and edits; cancelled and test orders apart")
    average_order = MoneyText(allow_null=True)
    new_orders = serializers.IntegerField(help_text="On the day of the customer's first order")
    new_revenue = MoneyText()


class FiguresSerializer(serializers.Serializer[Any]):
    """A period's figures. Customers count in whatever currency they paid."""

    sales = SalesSerializer()
    other_currencies = SalesSerializer(many=True, help_text="Never added")
    customers = serializers.IntegerField(help_text="Who ordered in the period")
    new_customers = serializers.IntegerField(help_text="Whose first order is in it")
    returning_customers = serializers.IntegerField(help_text="Who had ordered before it")
    repeat_customers = serializers.IntegerField(help_text="With two orders or more by its end")
    repeat_rate = serializers.FloatField(allow_null=True, help_text="Their share of the customers")
    returns = serializers.IntegerField(help_text="How often somebody came back on a later day")
    mean_days_between = serializers.FloatField(allow_null=True, help_text="Of those returns")
    median_days_between = serializers.IntegerField(allow_null=True)


class PointSerializer(serializers.Serializer[Any]):
    """One stretch of a chart; the first and the last may be cut off by the period."""

    def get_fields(self) -> dict[str, Any]:
        return {**PeriodSerializer().get_fields(), **SalesSerializer().get_fields()}


class RevenueSerializer(AnswerSerializer):
    """Revenue over time."""

    interval = serializers.ChoiceField(choices=Interval.choices)
    points = PointSerializer(many=True)
    compared_with = PeriodSerializer(allow_null=True)
    previous = PointSerializer(many=True, allow_null=True, help_text="Of the period before")


class GrowthPointSerializer(serializers.Serializer[Any]):
    """One stretch's customers."""

    customers = serializers.IntegerField(help_text="Who ordered in it")
    new_customers = serializers.IntegerField()
    returning_customers = serializers.IntegerField()
    total_customers = serializers.IntegerField(help_text="Who had ever ordered by its end")

    def get_fields(self) -> dict[str, Any]:
        return {**PeriodSerializer().get_fields(), **super().get_fields()}


class CustomerGrowthSerializer(AnswerSerializer):
    """Customers over time."""

    interval = serializers.ChoiceField(choices=Interval.choices)
    points = GrowthPointSerializer(many=True)
    compared_with = PeriodSerializer(allow_null=True)
    previous = GrowthPointSerializer(many=True, allow_null=True)


class TopCustomerSerializer(serializers.Serializer[Any]):
    """A customer's part of the period."""

    customer = IdField()
    name = serializers.CharField(allow_null=True, help_text="Null without the right to see")
    email = serializers.CharField(allow_null=True)
    orders = serializers.IntegerField()
    revenue = MoneyText()
    share = serializers.FloatField(allow_null=True, help_text="Of the period's revenue")


class TopCustomersSerializer(AnswerSerializer):
    """Who brought most revenue."""

    customers = TopCustomerSerializer(many=True)


class TopProductSerializer(serializers.Serializer[Any]):
    """A product's part of the period, at its lines' prices after their discounts."""

    product = IdField(allow_null=True, help_text="Null: the store has it no more")
    product_shopify_id = IdField()
    title = serializers.CharField()
    orders = serializers.IntegerField()
    quantity = serializers.IntegerField()
    revenue = MoneyText()


class TopProductsSerializer(AnswerSerializer):
    """What brought most revenue."""

    products = TopProductSerializer(many=True)


class CohortCellSerializer(serializers.Serializer[Any]):
    """So many weeks or months after the first."""

    age = serializers.IntegerField(help_text="0: that of the first order")
    customers = serializers.IntegerField()
    retention = serializers.FloatField(help_text="Their share of the cohort")
    orders = serializers.IntegerField()
    revenue = MoneyText()


class CohortSerializer(serializers.Serializer[Any]):
    """Customers whose first order lies in one week or month."""

    begins = serializers.DateField()
    customers = serializers.IntegerField()
    cells = CohortCellSerializer(many=True)


COHORT_UNITS = [(unit.value, unit.label) for unit in (Interval.WEEK, Interval.MONTH)]


class CohortsSerializer(AnswerSerializer):
    """Who came back, by when they first came."""

    interval = serializers.ChoiceField(choices=COHORT_UNITS)
    cohorts = CohortSerializer(many=True)


class ScoredSerializer(serializers.Serializer[Any]):
    """Customers with what they ever ordered and spent."""

    customers = serializers.IntegerField()
    orders = serializers.IntegerField()
    spent = MoneyText()


class RfmGroupSerializer(ScoredSerializer):
    """Customers of one group."""

    group = serializers.ChoiceField(choices=RfmGroup.choices)


class RfmScoresSerializer(ScoredSerializer):
    """Customers of the same three scores, 5 the best."""

    recency = serializers.IntegerField()
    frequency = serializers.IntegerField()
    monetary = serializers.IntegerField()


class RfmSerializer(serializers.Serializer[Any]):
    """All customers by scores and by group, as of the day on which they were scored."""

    currency = serializers.CharField()
    scored_on = serializers.DateField(allow_null=True, help_text="Null: not yet")
    groups = RfmGroupSerializer(many=True, help_text="Shopify's own word where it told one")
    scores = RfmScoresSerializer(many=True)


def show_period(period: Period) -> dict[str, str]:
    """Its first and last day."""
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def show_fresh(freshness: Freshness) -> dict[str, Any]:
    """How fresh numbers are."""
    return {
        "counted_at": freshness.counted_at,
        "waiting_since": freshness.waiting_since,
        "stale_days": freshness.stale_days,
    }


def amount_of(amount: Decimal | None, currency: str) -> str | None:
    """Money as text, or null."""
    return None if amount is None else format_money(amount, currency)


def show_sales(sales: Sales) -> dict[str, Any]:
    """One currency's sales."""
    return {
        "currency": sales.currency,
        "orders": sales.orders,
        "revenue": format_money(sales.revenue, sales.currency),
        "average_order": amount_of(sales.average, sales.currency),
        "new_orders": sales.new_orders,
        "new_revenue": format_money(sales.new_revenue, sales.currency),
    }


def show_figures(figures: Figures, gaps: Gaps) -> dict[str, Any]:
    """A period's figures."""
    return {
        "sales": show_sales(figures.sales),
        "other_currencies": [show_sales(each) for each in figures.others],
        "customers": figures.customers,
        "new_customers": figures.new_customers,
        "returning_customers": figures.returning_customers,
        "repeat_customers": figures.repeat_customers,
        "repeat_rate": figures.repeat_rate,
        "returns": gaps.returns,
        "mean_days_between": gaps.mean,
        "median_days_between": gaps.median,
    }


def show_changes(now: Figures, before: Figures) -> dict[str, float | None]:
    """By which share each figure has changed."""
    return {
        "revenue": change_of(now.sales.revenue, before.sales.revenue),
        "orders": change_of(now.sales.orders, before.sales.orders),
        "average_order": change_of(now.sales.average, before.sales.average),
        "customers": change_of(now.customers, before.customers),
        "new_customers": change_of(now.new_customers, before.new_customers),
        "returning_customers": change_of(now.returning_customers, before.returning_customers),
        "repeat_rate": change_of(now.repeat_rate, before.repeat_rate),
    }


def show_point(point: Point) -> dict[str, Any]:
    """One stretch's sales."""
    return {**show_period(point.stretch), **show_sales(point.sales)}


def show_growth(point: Growth) -> dict[str, Any]:
    """One stretch's customers."""
    return {
        **show_period(point.stretch),
        "customers": point.customers,
        "new_customers": point.new,
        "returning_customers": point.returning,
        "total_customers": point.total,
    }


def show_top_customer(top: TopCustomer, currency: str) -> dict[str, Any]:
    """A customer's part, without a name."""
    return {
        "customer": str(top.customer_id),
        "orders": top.orders,
        "revenue": format_money(top.revenue, currency),
        "share": top.share,
    }


def show_top_product(top: TopProduct, currency: str) -> dict[str, Any]:
    """A product's part."""
    return {
        "product": None if top.product_id is None else str(top.product_id),
        "product_shopify_id": str(top.product_shopify_id),
        "title": top.title,
        "orders": top.orders,
        "quantity": top.quantity,
        "revenue": format_money(top.revenue, currency),
    }


def show_cohort(cohort: Cohort, currency: str) -> dict[str, Any]:
    """A cohort by age."""
    return {
        "begins": cohort.begins.isoformat(),
        "customers": cohort.customers,
        "cells": [
            {
                "age": cell.age,
                "customers": cell.customers,
                "retention": cell.retention,
                "orders": cell.orders,
                "revenue": format_money(cell.revenue, currency),
            }
            for cell in cohort.cells
        ],
    }


def show_scored(scored: Scored, currency: str) -> dict[str, Any]:
    """Customers and what they spent."""
    spent = format_money(scored.spent, currency)
    return {"customers": scored.customers, "orders": scored.orders, "spent": spent}


def show_table(table: Table, currency: str) -> dict[str, Any]:
    """The RFM table."""
    return {
        "currency": currency,
        "scored_on": table.scored_on and table.scored_on.isoformat(),
        "groups": [
            {"group": group.value, **show_scored(scored, currency)}
            for group, scored in table.groups.items()
        ],
        "scores": [
            {
                "recency": cell.recency,
                "frequency": cell.frequency,
                "monetary": cell.monetary,
                **show_scored(cell.scored, currency),
            }
            for cell in table.cells
        ],
    }
