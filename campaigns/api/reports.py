"""A campaign's report over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.attribution import Model
from campaigns.measuring.proportions import Arm, Interval
from campaigns.models import Campaign
from campaigns.numbers.funnel import Funnel
from campaigns.numbers.lifting import Lifted, to_money
from campaigns.numbers.money import Earned
from campaigns.numbers.report import Report, make_report
from tenants.roles import Right
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.filtering import check_parameters
from xeno.lib.api.rows import IdField, MoneyText
from xeno.lib.money import format_money


class TouchedSerializer(serializers.Serializer[Any]):
    """Of how many messages a person did it, and of how many a machine."""

    people = serializers.IntegerField()
    machines = serializers.IntegerField(help_text="Scanners and the like; part of no rate")


class FunnelSerializer(serializers.Serializer[Any]):
    """Messages by how far they came."""

    planned = serializers.IntegerField()
    waiting = serializers.IntegerField()
    sent = serializers.IntegerField()
    failed = serializers.IntegerField()
    uncertain = serializers.IntegerField(help_text="Nobody knows; settle them by hand")
    holdout = serializers.IntegerField()
    skipped = serializers.DictField(child=serializers.IntegerField(), help_text="By reason")
    delivered = TouchedSerializer()
    opened = TouchedSerializer()
    clicked = TouchedSerializer()
    bounced = TouchedSerializer()
    soft_bounced = TouchedSerializer()
    complained = TouchedSerializer()
    unsubscribed = TouchedSerializer()


class EarnedSerializer(serializers.Serializer[Any]):
    """What one model of attribution gives to it."""

    model = serializers.ChoiceField(choices=[(model.value, model.value) for model in Model])
    orders = serializers.IntegerField()
    customers = serializers.IntegerField()
    revenue = MoneyText()
    revenue_per_recipient = serializers.FloatField(allow_null=True)


class VariantNumbersSerializer(serializers.Serializer[Any]):
    """One variant's part."""

    key = serializers.CharField()
    funnel = FunnelSerializer()
    attributed = EarnedSerializer(many=True)


class LinkClicksSerializer(serializers.Serializer[Any]):
    """Who clicked one link."""

    url = serializers.CharField()
    people = serializers.IntegerField()
    clicks = serializers.IntegerField()
    machines = serializers.IntegerField()


class MomentSerializer(serializers.Serializer[Any]):
    """How many people did what in an hour or a day of the store."""

    begins = serializers.DateTimeField()
    hourly = serializers.BooleanField(help_text="An hour; else a day")
    people = serializers.DictField(child=serializers.IntegerField(), help_text="By kind, and sent")


class ArmSerializer(serializers.Serializer[Any]):
    """People who were planned, and those of them who ordered."""

    people = serializers.IntegerField()
    ordered = serializers.IntegerField()


class IntervalSerializer(serializers.Serializer[Any]):
    """An estimate with its interval at 95 %."""

    estimate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class MoneyIntervalSerializer(serializers.Serializer[Any]):
    """An estimate of money with its interval at 95 %."""

    estimate = MoneyText()
    low = MoneyText()
    high = MoneyText()


class LiftSerializer(serializers.Serializer[Any]):
    """What it brought over what would have come anyway, by intention to treat."""

    since = serializers.DateTimeField(help_text="The freeze")
    until = serializers.DateTimeField()
    treated = ArmSerializer()
    holdout = ArmSerializer()
    conversion = IntervalSerializer(allow_null=True, help_text="Share who ordered, the difference")
    revenue_per_recipient = MoneyIntervalSerializer(allow_null=True, help_text="The difference")
    refusal = serializers.CharField(
        allow_null=True, help_text="Why no difference is told: too few of them ordered"
    )


class ComparedSerializer(serializers.Serializer[Any]):
    """A figure beside the store's own past."""

    name = serializers.CharField()
    own = serializers.FloatField(allow_null=True)
    past = serializers.FloatField(allow_null=True, help_text="The median of the last campaigns")


class ReportSerializer(serializers.Serializer[Any]):
    """A campaign's numbers, as of now."""

    campaign = IdField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=Campaign.State.choices)
    frozen_at = serializers.DateTimeField(allow_null=True)
    winner = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    funnel = FunnelSerializer()
    variants = VariantNumbersSerializer(many=True)
    links = LinkClicksSerializer(many=True, help_text="The first 200")
    times = MomentSerializer(many=True, help_text="Hours for two days, then days; 90 days at most")
    attributed = EarnedSerializer(many=True, help_text="Three models over the same orders")
    lift = LiftSerializer(allow_null=True, help_text="Null where nobody is held out")
    compared_with = serializers.IntegerField(help_text="So many of the last campaigns, at this age")
    compared = ComparedSerializer(many=True)
    largest_lag = serializers.FloatField(
        allow_null=True,
        help_text="The longest from an unsubscribe to a hand-over after it, in seconds",
    )


class ReportViewSet(OfTenant[Any]):
    """What became of a campaign."""

    queryset = Campaign.objects.all()
    rights = {"show_campaign_report": Right.VIEW_CAMPAIGNS}
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=ReportSerializer)
    def show_campaign_report(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From everybody planned to revenue: counts of people, machines apart, nothing personal."""
        campaign = self.get_object()
        check_parameters(request, set())
        report = make_report(tenant=self.tenant, campaign=campaign)
        return Response(show_report(report, self.tenant.currency))


def show_report(report: Report, currency: str) -> dict[str, Any]:
    """The report as the API tells it."""
    campaign, lag = report.campaign, report.largest_lag
    return {
        "campaign": str(campaign.pk),
        "name": campaign.name,
        "state": campaign.state,
        "frozen_at": campaign.frozen_at,
        "winner": campaign.winner or None,
        "currency": currency,
        "funnel": show_funnel(report.funnel),
        "variants": [
            {
                "key": each.key,
                "funnel": show_funnel(each.funnel),
                "attributed": show_earned(each.earned, each.funnel, currency),
            }
            for each in report.variants
        ],
        "links": [
            {
                "url": each.url,
                "people": each.people,
                "clicks": each.clicks,
                "machines": each.machines,
            }
            for each in report.links
        ],
        "times": [
            {"begins": each.begins, "hourly": each.hourly, "people": each.people}
            for each in report.times
        ],
        "attributed": show_earned(report.earned, report.funnel, currency),
        "lift": show_lift(report.lift, currency),
        "compared_with": report.compared_with,
        "largest_lag": lag and lag.total_seconds(),
        "compared": [
            {"name": each.name, "own": each.own, "past": each.past} for each in report.compared
        ],
    }


def show_funnel(funnel: Funnel) -> dict[str, Any]:
    """Messages by how far they came."""
    return {
        "planned": funnel.planned,
        "waiting": funnel.waiting,
        "sent": funnel.sent,
        "failed": funnel.failed,
        "uncertain": funnel.uncertain,
        "holdout": funnel.holdout,
        "skipped": funnel.skipped,
        **{
            kind: {"people": touched.people, "machines": touched.machines}
            for kind, touched in funnel.touched.items()
        },
    }


def show_earned(earned: list[Earned], funnel: Funnel, currency: str) -> list[dict[str, Any]]:
    """Each model's orders, customers and revenue."""
    return [
        {
            "model": each.model.value,
            "orders": each.orders,
            "customers": each.customers,
            "revenue": format_money(each.revenue, currency),
            "revenue_per_recipient": float(each.revenue) / funnel.sent if funnel.sent else None,
        }
        for each in earned
    ]


def show_lift(lifted: Lifted | None, currency: str) -> dict[str, Any] | None:
    """Both arms, and the differences or why there are none."""
    if lifted is None:
        return None
    lift = lifted.lift
    return {
        "since": lifted.since,
        "until": lifted.until,
        "treated": show_arm(lift.treated),
        "holdout": show_arm(lift.holdout),
        "conversion": lift.conversion and show_interval(lift.conversion),
        "revenue_per_recipient": lift.revenue
        and {
            name: format_money(to_money(value), currency)
            for name, value in show_interval(lift.revenue).items()
        },
        "refusal": lift.refusal or None,
    }


def show_arm(arm: Arm) -> dict[str, int]:
    """An arm's people."""
    return {"people": arm.people, "ordered": arm.converted}


def show_interval(interval: Interval) -> dict[str, float]:
    """An estimate with its ends."""
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high}
