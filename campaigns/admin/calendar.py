"""The calendar: what goes out and went out in a month, by the store's days."""

from calendar import Calendar
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from campaigns.admin.steps import url_of
from campaigns.models import Campaign
from tenants.models import Tenant
from tenants.scoping.admin import get_store

if TYPE_CHECKING:
    from campaigns.admin.listing import CampaignAdmin

MOST = 300  # of a month; more are said to be more
SHOWN = ("scheduled", "sending", "paused", "sent")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_YEAR, LAST_YEAR = 2000, 2100


def calendar(page: "CampaignAdmin", request: HttpRequest) -> HttpResponse:
    """A month; without one the store's present one."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    store = get_store(request)
    today = timezone.now().astimezone(store.zone).date()
    month = read_month(request.GET.get("month", "")) or today.replace(day=1)
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    found = entries(page, store, weeks[0][0], weeks[-1][-1])
    context = {
        **page.admin_site.each_context(request),
        "title": f"Campaigns in {month:%B %Y}",
        "model_admin": page,
        "month": month,
        "weekdays": WEEKDAYS,
        "weeks": [[cell(day, month, today, found) for day in week] for week in weeks],
        "before": (month - timedelta(days=1)).strftime("%Y-%m"),
        "after": (month + timedelta(days=31)).strftime("%Y-%m"),
        "nothing": not any(day.month == month.month for day in found),
        "zone": store.timezone,
        "has_add_permission": page.has_add_permission(request),
    }
    return TemplateResponse(request, "campaigns/calendar.html", context)


def read_month(typed: str) -> date | None:
    """The first day of `2026-11`; None for what is no month."""
    try:
        found = datetime.strptime(typed, "%Y-%m").date()  # noqa: DTZ007  # a day, no moment
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def entries(
    page: "CampaignAdmin", store: Tenant, first: date, last: date
) -> dict[date, list[dict[str, Any]]]:
    """The campaigns of each day, by when they began or are to, in one statement."""
    begins = datetime.combine(first, time.min, store.zone)
    ends = datetime.combine(last + timedelta(days=1), time.min, store.zone)
    rows = (
        Campaign.objects.filter(state__in=SHOWN)
        .annotate(at=Coalesce("started_at", "scheduled_for"))
        .filter(at__gte=begins, at__lt=ends)
        .only("pk", "name", "state")
        .order_by("at", "pk")[:MOST]
    )
    found = defaultdict(list)
    for campaign in rows:
        local = campaign.at.astimezone(store.zone)
        found[local.date()].append(
            {
                "name": campaign.name,
                "url": url_of(campaign),
                "time": f"{local:%H:%M}",
                "state": campaign.get_state_display(),
                "kind": page.kinds[campaign.state],
            }
        )
    return found


def cell(
    day: date, month: date, today: date, found: dict[date, list[dict[str, Any]]]
) -> dict[str, Any]:
    """One day of the grid."""
    return {
        "day": day,
        "inside": day.month == month.month,
        "today": day == today,
        "campaigns": found.get(day, []),
    }


VIEWS = {"calendar": calendar}
