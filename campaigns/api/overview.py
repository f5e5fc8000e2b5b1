"""The store at a glance over the API: orders added up, whom campaigns reach, what they brought."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.attribution import Model
from campaigns.numbers.attributed import Attributed, find_attributed
from campaigns.numbers.reach import Reachable, find_reach
from orders.analytics import shapes
from orders.analytics.asking import COMPARE, PERIOD, Asked, read_asked
from orders.analytics.caching import kept
from orders.numbers.figures import Figures, find_figures, find_gaps
from orders.numbers.periods import Period
from orders.rollups.models import SalesDay
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.rows import MoneyText
from xeno.lib.money import format_money


class AttributedSerializer(serializers.Serializer[Any]):
    """Orders of the period that are credited to some campaign, in the store's currency."""

    model = serializers.ChoiceField(choices=[(model.value, model.value) for model in Model])
    orders = serializers.IntegerField()
    revenue = MoneyText()


class ReachableSerializer(serializers.Serializer[Any]):
    """Whom the store could write to, as counted then: now, whatever the period."""

    customers = serializers.IntegerField(help_text="Whom the store knows")
    by_email = serializers.IntegerField(help_text="With consent, and not suppressed")
    share = serializers.FloatField(allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True, help_text="Null: not yet")


class ChangesSerializer(serializers.Serializer[Any]):
    """By which share each figure has changed, -0.25 for a quarter less; null where it was 0."""

    revenue = serializers.FloatField(allow_null=True)
    orders = serializers.FloatField(allow_null=True)
    average_order = serializers.FloatField(allow_null=True)
    customers = serializers.FloatField(allow_null=True)
    new_customers = serializers.FloatField(allow_null=True)
    returning_customers = serializers.FloatField(allow_null=True)
    repeat_rate = serializers.FloatField(allow_null=True)


class OverviewSerializer(shapes.AnswerSerializer):
    """A period's figures, and with `compare` those of the period before it."""

    history_complete = serializers.BooleanField(
        help_text="False: older orders than those held here may make new customers of old ones"
    )
    figures = shapes.FiguresSerializer()
    compared_with = shapes.PeriodSerializer(allow_null=True)
    previous = shapes.FiguresSerializer(allow_null=True)
    changes = ChangesSerializer(allow_null=True)
    attributed = AttributedSerializer()
    previously_attributed = AttributedSerializer(allow_null=True)
    reachable = ReachableSerializer()
    previously_reachable = ReachableSerializer(
        allow_null=True, help_text="At the end of the period before; null: not counted by then"
    )


class OverviewViewSet(OfTenant[Any]):
    """The store's figures beside what campaigns have to do with them."""

    queryset = SalesDay.objects.all()
    rights = {"show_overview": Right.VIEW_ANALYTICS}
    pagination_class = None
    filter_backends = ()

    @extend_schema(parameters=[*PERIOD, COMPARE], responses=OverviewSerializer)
    def show_overview(self, request: Request) -> Response:
        """Revenue, orders, average, customers, repeat rate, reach and what campaigns brought."""
        tenant = self.tenant
        asked = read_asked(request, tenant=tenant, known={"from", "to", "compare"})
        shown, fresh = kept(
            tenant=tenant,
            what=f"overview:{asked.key}",
            make=lambda: show_periods(tenant, asked),
        )
        before = asked.before
        reach, earlier = find_reach(tenant=tenant, until=before.last if before else None)
        return Response(
            {
                "period": shapes.show_period(asked.period),
                "timezone": tenant.timezone,
                "currency": tenant.currency,
                "fresh": shapes.show_fresh(fresh),
                "history_complete": tenant.history_complete,
                **shown,
                "attributed": show_attributed(tenant, asked.period),
                "previously_attributed": show_attributed(tenant, before) if before else None,
                "reachable": show_reach(reach),
                "previously_reachable": show_reach(earlier) if earlier else None,
            }
        )


def show_periods(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """What orders alone add up to."""
    now, then, before = find_figures(tenant=tenant, period=asked.period), None, asked.before
    if before:
        then = find_figures(tenant=tenant, period=before)
    return {
        "figures": show_of(tenant, now),
        "compared_with": shapes.show_period(before) if before else None,
        "previous": show_of(tenant, then) if then else None,
        "changes": shapes.show_changes(now, then) if then else None,
    }


def show_of(tenant: Tenant, figures: Figures) -> dict[str, Any]:
    """Figures with the time between orders."""
    return shapes.show_figures(figures, find_gaps(tenant=tenant, period=figures.period))


def show_attributed(tenant: Tenant, period: Period) -> dict[str, Any]:
    """What campaigns are credited with."""
    found: Attributed = find_attributed(tenant=tenant, period=period)
    revenue = format_money(found.revenue, tenant.currency)
    return {"model": found.model.value, "orders": found.orders, "revenue": revenue}


def show_reach(reach: Reachable) -> dict[str, Any]:
    """Whom the store could write to."""
    return {
        "customers": reach.customers,
        "by_email": reach.by_email,
        "share": reach.share,
        "counted_at": reach.counted_at,
    }
