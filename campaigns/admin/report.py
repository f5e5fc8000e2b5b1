"""A campaign's report: what became of its messages and what they earned."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin


def show(page: "CampaignAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page."""
    campaign = page.wanted(request, object_id)
    if campaign is None:
        return page.missing(request, object_id)
    context = {
        **page.admin_site.each_context(request),
        "title": f"Report of {campaign}",
        "model_admin": page,
        "campaign": campaign,
    }
    return TemplateResponse(request, "campaigns/report.html", context)


VIEWS = {"report": show}
