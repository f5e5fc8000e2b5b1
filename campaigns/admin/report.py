"""A campaign's report: what became of its messages, what they earned, and what they brought."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime

from campaigns.admin import wording
from campaigns.models import Campaign, SendingSettings
from campaigns.numbers.report import Report, VariantNumbers, make_report
from campaigns.numbers.times import Moment
from campaigns.providers.choosing import name_for
from campaigns.settings import settings_of
from tenants.roles import Right
from tenants.scoping.admin import get_store, holds
from tenants.scoping.page_links import links_at

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

CHARTED = ("sent", "opened", "clicked")


def show(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page."""
    campaign = page.wanted(request, object_id)
    if campaign is None:
        return page.missing(request, object_id)
    store = get_store(request)
    report = make_report(tenant=store, campaign=campaign)
    context = {
        **page.admin_site.each_context(request),
        "title": f"Report of {campaign}",
        "model_admin": page,
        "campaign": campaign,
        "links": links_at("campaigns.Campaign.page", request, campaign),
        "may_see": holds(request, Right.VIEW_CUSTOMERS),
        "mailbox": mailbox_of(campaign, settings_of(store)),
        **words(report, store.currency),
    }
    return TemplateResponse(request, "campaigns/report.html", context)


def mailbox_of(campaign: Campaign, rules: SendingSettings) -> str:
    """Where its mails are read, if it leaves by the local mailbox."""
    if settings.PRODUCTION or name_for(rules) != "mailbox":
        return ""
    return f"{reverse('admin:campaigns_localmail_changelist')}?campaign={campaign.pk}"


def words(report: Report, currency: str) -> dict[str, Any]:
    """The numbers as the page shows them."""
    funnel, lag = report.funnel, report.largest_lag
    machines = {kind: funnel.touched[kind].machines for kind in ("opened", "clicked")}
    return {
        "frozen": report.campaign.frozen_at,
        "steps": wording.steps(funnel),
        "others": wording.others(funnel),
        "uncertain": funnel.uncertain,
        "machines": {kind: f"{count:,}" for kind, count in machines.items()},
        "variants": [variant(each, report.campaign, currency) for each in report.variants],
        "clicked_links": report.links,
        "times": chart(report.times),
        "earned": wording.earned_rows(report.earned, funnel, currency),
        "lift": wording.lift_words(report.lift, currency),
        "compared_with": report.compared_with,
        "compared": wording.compared_rows(report.compared, currency),
        "lag": None if lag is None else f"{lag.total_seconds():,.1f} s",
    }


def variant(numbers: VariantNumbers, campaign: Campaign, currency: str) -> dict[str, Any]:
    """One variant's line."""
    funnel = numbers.funnel
    return {
        "key": numbers.key,
        "won": numbers.key == campaign.winner,
        "sent": f"{funnel.sent:,}",
        "opened": wording.share(funnel.rate("opened")),
        "clicked": wording.share(funnel.rate("clicked")),
        "unsubscribed": wording.share(funnel.rate("unsubscribed")),
        **wording.earned_rows(numbers.earned, funnel, currency)[0],
    }


def chart(times: list[Moment]) -> dict[str, Any]:
    """What the chart draws: people by hour, and later by day, of the store."""
    return {
        "labels": [
            localtime(each.begins).strftime("%-d %b %H:%M" if each.hourly else "%-d %b")
            for each in times
        ],
        **{kind: [each.people.get(kind, 0) for each in times] for kind in CHARTED},
    }


VIEWS = {"report": show}
