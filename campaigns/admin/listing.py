"""Campaigns in the admin: the list, and which page does what."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.actions import delete_campaign
from campaigns.admin import (
    acting,
    audience_step,
    calendar,
    content_step,
    looking,
    messages,
    page,
    plan_step,
    report,
)
from campaigns.admin.figures import CampaignList, figures_of
from campaigns.models import Campaign
from tenants.admin.own_pages import OwnPagesAdmin
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import NOTHING, display, label, moment
from tenants.scoping.filtering import ChoiceFilter
from tenants.scoping.listing import CappedChangeList

STATE_KINDS = {
    "draft": "",
    "scheduled": "info",
    "sending": "info",
    "paused": "warning",
    "sent": "success",
    "cancelled": "danger",
}


class StateFilter(ChoiceFilter):
    """By how far it has come."""

    title = "state"
    parameter_name = "state"
    column = "state"
    options = Campaign.State.choices


@admin.register(Campaign)
class CampaignAdmin(OwnPagesAdmin[Campaign]):
    """Whoever may view campaigns sees them; making, approving and sending are rights apart."""

    rights = {
        "view": Right.VIEW_CAMPAIGNS,
        "approve": Right.APPROVE_CAMPAIGNS,
        "send": Right.SEND_CAMPAIGNS,
        **dict.fromkeys(("add", "change", "delete"), Right.EDIT_CAMPAIGNS),
    }
    kinds = STATE_KINDS
    fields = ("name",)  # Django's own form is never shown: the steps are pages of their own
    list_display = ("titled", "state_label", "audience", "when", "figures")
    ordering = ("-id",)
    list_per_page = 25  # each with figures that are counted
    list_filter = (StateFilter,)
    search_fields = ("name",)
    search_help_text = "Name begins with"
    list_before_template = "campaigns/list_before.html"
    empty_template = "campaigns/empty.html"

    class Media:
        css = {"all": ("xeno/segments/segments.css", "xeno/campaigns/campaigns.css")}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return CampaignList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return super().get_queryset(request).prefetch_related("audiences__segment")

    def find(self, queryset: QuerySet[Campaign], term: str) -> QuerySet[Campaign]:
        # A store has hundreds of campaigns: their names are read, not searched with LIKE.
        names = queryset.order_by().values_list("pk", "name")
        begun = term.casefold()
        return queryset.filter(
            pk__in=[pk for pk, name in names if name.casefold().startswith(begun)]
        )

    def get_urls(self) -> list[Any]:
        of_a_row = (
            *(audience_step.VIEWS, content_step.VIEWS, looking.VIEWS, plan_step.VIEWS),
            *(page.VIEWS, acting.VIEWS, report.VIEWS, messages.VIEWS),
        )
        own = self.routes("", calendar.VIEWS)
        for views in of_a_row:
            own += self.routes("<path:object_id>/", views)
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        return audience_step.add(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The campaign's own page; a POST saves what the first step sends."""
        if request.method == "POST":
            return audience_step.audience(self, request, object_id)
        return page.show(self, request, object_id)

    def delete_model(self, request: HttpRequest, obj: Campaign) -> None:
        delete_campaign(actor=get_actor(request), tenant=get_store(request), campaign_id=obj.pk)

    @display(description="Campaign", header=True)  # type: ignore[untyped-decorator]
    def titled(self, campaign: Campaign) -> tuple[str, str]:
        """The name, and the subject."""
        return campaign.name, campaign.shown_subject  # type: ignore[attr-defined]  # of the list

    @admin.display(description="State")
    def state_label(self, campaign: Campaign) -> SafeString:
        """How far it has come, in colour."""
        return label(campaign.get_state_display(), STATE_KINDS[campaign.state])

    @admin.display(description="Audience")
    def audience(self, campaign: Campaign) -> SafeString | str:
        """The segments that it is for, and those that it is not for."""
        sides = campaign.audiences.all()
        included = [each.segment.name for each in sides if not each.excluded]
        excluded = [each.segment.name for each in sides if each.excluded]
        if not included:
            return "Nobody yet"
        without = f"without {', '.join(excluded)}" if excluded else ""
        return stacked(", ".join(included), without)

    @admin.display(description="When")
    def when(self, campaign: Campaign) -> SafeString | str:
        """When it is to go out, or went, by the store's clock."""
        if campaign.started_at is not None:
            return stacked(moment(campaign.started_at), "begun")
        if campaign.state == "scheduled" and campaign.scheduled_for is not None:
            return stacked(moment(campaign.scheduled_for), "scheduled")
        return NOTHING

    @admin.display(description="Figures")
    def figures(self, campaign: Campaign) -> SafeString | str:
        """Planned, sent, clicked."""
        return figures_of(campaign.funnel)  # type: ignore[attr-defined]  # of the list


def stacked(first: str, second: str) -> SafeString | str:
    """A small word below another."""
    if not second:
        return first
    return format_html('<span class="cam-stack">{}<small>{}</small></span>', first, second)
