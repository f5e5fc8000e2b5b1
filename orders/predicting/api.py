"""What is predicted of a store's customers, over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from orders.analytics.asking import LIMIT, read_asked
from orders.analytics.shapes import amount_of
from orders.analytics.viewsets import AnalyticsViewSet
from orders.models import Prediction
from orders.predicting.models import ChurnBand, Refusal
from orders.predicting.needs import NEEDS
from orders.predicting.report import Band, Report, make_report
from tenants.roles import Right
from xeno.lib.api.rows import IdField, MoneyText


class NeedsSerializer(serializers.Serializer[Any]):
    """What a store must have at least."""

    customers = serializers.IntegerField(help_text="With an order")
    repeating = serializers.IntegerField(help_text="With orders on two days and more")
    days = serializers.IntegerField(help_text="Since the first order")


class ParametersSerializer(serializers.Serializer[Any]):
    """Of BG/NBD by weeks, and of Gamma-Gamma by amounts, where spending follows it."""

    r = serializers.FloatField()
    alpha = serializers.FloatField()
    a = serializers.FloatField()
    b = serializers.FloatField()
    p = serializers.FloatField(required=False)
    q = serializers.FloatField(required=False)
    v = serializers.FloatField(required=False)


class BucketSerializer(serializers.Serializer[Any]):
    """Customers by how often they had come back: orders of one of them, on average."""

    repeats = serializers.IntegerField(help_text="So many days; the last is of 7 and more")
    customers = serializers.IntegerField()
    actual = serializers.FloatField()
    expected = serializers.FloatField()


class QualitySerializer(serializers.Serializer[Any]):
    """What a fit to all but the last days expected of them, and what came."""

    verdict = serializers.ChoiceField(choices=["good", "fair", "poor", "unknown"])
    days = serializers.IntegerField()
    customers = serializers.IntegerField()
    actual_orders = serializers.FloatField()
    expected_orders = serializers.FloatField()
    error = serializers.FloatField(allow_null=True, help_text="0.1: a tenth too many expected")
    mean_error = serializers.FloatField(help_text="Orders of one customer")
    correlation = serializers.FloatField(allow_null=True)
    actual_value = serializers.FloatField(required=False)
    expected_value = serializers.FloatField(required=False)
    value_error = serializers.FloatField(required=False, allow_null=True)
    buckets = BucketSerializer(many=True)


class BandSerializer(serializers.Serializer[Any]):
    """Customers who are as likely to be lost."""

    churn = serializers.ChoiceField(
        choices=ChurnBand.choices, help_text="unknown: one order says nothing of it"
    )
    customers = serializers.IntegerField()
    orders_90 = serializers.FloatField(help_text="Expected of all of them together")
    orders_365 = serializers.FloatField()
    value_365 = MoneyText(allow_null=True)


class PredictedSerializer(serializers.Serializer[Any]):
    """What is expected of one customer."""

    customer = IdField()
    orders_30 = serializers.FloatField()
    orders_90 = serializers.FloatField()
    orders_365 = serializers.FloatField()
    value_30 = MoneyText(allow_null=True)
    value_90 = MoneyText(allow_null=True)
    value_365 = MoneyText(allow_null=True)
    alive = serializers.FloatField(allow_null=True, help_text="Null after a single order")
    churn = serializers.ChoiceField(choices=ChurnBand.choices)
    next_order_on = serializers.DateField(
        allow_null=True, help_text="By then an order is as likely as not"
    )
    name = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)


class PredictionsSerializer(serializers.Serializer[Any]):
    """How a store's predictions stand. An empty list comes with a `trouble` that says why."""

    state = serializers.ChoiceField(choices=["fitted", "refused", "waiting"])
    refusal = serializers.ChoiceField(choices=Refusal.choices, allow_null=True)
    trouble = serializers.CharField(allow_null=True, help_text="Why nothing is predicted, in words")
    needs = NeedsSerializer()
    fitted_on = serializers.DateField(allow_null=True)
    customers = serializers.IntegerField(help_text="With an order, at the fit")
    repeating = serializers.IntegerField()
    days = serializers.IntegerField()
    currency = serializers.CharField(help_text="The store's own; orders in others have no value")
    parameters = ParametersSerializer(allow_null=True)
    log_likelihood = serializers.FloatField(allow_null=True)
    quality = QualitySerializer(allow_null=True, help_text="Null: it could not be tried")
    bands = BandSerializer(many=True)
    top = PredictedSerializer(many=True, help_text="Of whom most is expected in a year")


class PredictionsViewSet(AnalyticsViewSet):
    """What customers will do, by what they did."""

    rights = {"show_predictions": Right.VIEW_ANALYTICS}

    @extend_schema(parameters=[LIMIT], responses=PredictionsSerializer)
    def show_predictions(self, request: Request) -> Response:
        """How good the fit is, and what is expected; names for whoever may see customers."""
        asked = read_asked(request, tenant=self.tenant, known={"limit"})
        report = make_report(tenant=self.tenant, top=asked.limit)
        currency = report.fit.currency or self.tenant.currency
        top = self.named([show_prediction(each, currency) for each in report.top])
        return Response({**show_report(report, currency), "top": top})


def show_report(report: Report, currency: str) -> dict[str, Any]:
    """The report as the API tells it, without its customers."""
    fit = report.fit
    return {
        "state": report.state,
        "refusal": fit.refusal,
        "trouble": report.trouble or None,
        "needs": {
            "customers": NEEDS[Refusal.CUSTOMERS],
            "repeating": NEEDS[Refusal.REPEATS],
            "days": NEEDS[Refusal.DAYS],
        },
        "fitted_on": fit.fitted_on,
        "customers": fit.customers,
        "repeating": fit.repeating,
        "days": fit.days,
        "currency": currency,
        "parameters": fit.parameters,
        "log_likelihood": fit.log_likelihood,
        "quality": fit.quality and {"verdict": report.verdict, **fit.quality},
        "bands": [show_band(band, currency) for band in report.bands],
    }


def show_band(band: Band, currency: str) -> dict[str, Any]:
    """One churn band."""
    return {
        "churn": band.churn.value,
        "customers": band.customers,
        "orders_90": band.orders_90,
        "orders_365": band.orders_365,
        "value_365": amount_of(band.value_365, currency),
    }


def show_prediction(found: Prediction, currency: str) -> dict[str, Any]:
    """One customer's prediction."""
    return {
        "customer": str(found.customer_id),
        "orders_30": found.orders_30,
        "orders_90": found.orders_90,
        "orders_365": found.orders_365,
        "value_30": amount_of(found.value_30, currency),
        "value_90": amount_of(found.value_90, currency),
        "value_365": amount_of(found.value_365, currency),
        "alive": found.alive,
        "churn": found.churn,
        "next_order_on": found.next_order_on,
    }
