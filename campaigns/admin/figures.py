"""What rows of a list show beside their columns, made for all rows of a page at once."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.content.subjects import shown_subject
from campaigns.models import Campaign
from campaigns.numbers.funnel import Funnel, find_funnels, total_of
from tenants.scoping.admin import get_store
from tenants.scoping.display import NOTHING
from tenants.scoping.listing import CappedChangeList


class SubjectList(CappedChangeList):
    """A page of rows with a subject each, as people read it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        store, rows = get_store(request), list(self.result_list)
        for row in rows:
            row.shown_subject = shown_subject(row, tenant=store)
        self.result_list = rows


class CampaignList(SubjectList):
    """A page of campaigns, with the figures of those that have begun."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: Sequence[Campaign] = self.result_list
        begun = [row.pk for row in rows if row.frozen_at is not None]
        found = find_funnels(tenant=get_store(request), campaign_ids=begun) if begun else {}
        for row in rows:
            row.funnel = total_of(found[row.pk].values()) if row.pk in found else None  # type: ignore[attr-defined]


def figures_of(funnel: Funnel | None) -> SafeString | str:
    """How many were planned, how many were sent, and which share clicked."""
    if funnel is None:
        return NOTHING
    clicked = funnel.rate("clicked")
    return format_html(
        '<span class="cam-figures"><span><b>{}</b> planned</span><span><b>{}</b> sent</span>'
        "<span><b>{}</b> clicked</span></span>",
        f"{funnel.planned:,}",
        f"{funnel.sent:,}",
        NOTHING if clicked is None else f"{clicked:.1%}",
    )
