"""The button on a segment's page that begins a campaign to it."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from segments.models import Segment
from tenants.roles import Right
from tenants.scoping.admin import holds
from tenants.scoping.page_links import PageLink

PLACE = "segments.Segment.page"


def campaign_to(request: HttpRequest, segment: Segment) -> PageLink | None:
    """Where a campaign to this segment begins, for who may write campaigns."""
    if not holds(request, Right.EDIT_CAMPAIGNS):
        return None
    url = f"{reverse('admin:campaigns_campaign_add')}?{urlencode({'segment': segment.pk})}"
    return PageLink("Campaign to this segment", "campaign", url)
