"""Campaigns in the admin: the list, and which page does what."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.safestring import SafeString

from campaigns.actions import delete_campaign
from campaigns.admin import report
from campaigns.models import Campaign
from tenants.admin.confirming import ActingAdmin
from tenants.audit import get_actor
from tenants.roles import Right
from tenants.scoping.admin import get_store
from tenants.scoping.display import label
from tenants.scoping.filtering import ChoiceFilter

View = Callable[..., HttpResponse]
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
class CampaignAdmin(ActingAdmin[Campaign]):
    """Whoever may view campaigns sees them; making, approving and sending are rights apart."""

    rights = {"view": Right.VIEW_CAMPAIGNS, "approve": Right.APPROVE_CAMPAIGNS,
              "send": Right.SEND_CAMPAIGNS} | dict.fromkeys(
        ("add", "change", "delete"), Right.EDIT_CAMPAIGNS
    )  # fmt: skip
    fields = ("name",)  # Django's own form is never shown: the steps are pages of their own
    list_display = ("name", "state_label")
    ordering = ("-id",)
    list_filter = (StateFilter,)
    search_fields = ("name",)
    search_help_text = "Name begins with"

    def find(self, queryset: QuerySet[Campaign], term: str) -> QuerySet[Campaign]:
        # A store has hundreds of campaigns: their names are read, not searched with LIKE.
        names = queryset.order_by().values_list("pk", "name")
        begun = term.casefold()
        return queryset.filter(
            pk__in=[pk for pk, name in names if name.casefold().startswith(begun)]
        )

    def get_urls(self) -> list[Any]:
        own = self.routes("<path:object_id>/", {**report.VIEWS})
        return [*own, *super().get_urls()]

    def routes(self, before: str, views: dict[str, View]) -> list[Any]:
        """The pages that this class has beside Django's own, each by its name."""
        return [
            path(
                f"{before}{name.replace('_', '-')}/",
                self.admin_site.admin_view(bound(self, view)),
                name=f"campaigns_campaign_{name}",
            )
            for name, view in views.items()
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """The campaign's own page."""
        if request.method == "POST":
            self.wanted(request, object_id, "change")
        return report.show(self, request, object_id)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return super().add_view(request, form_url, extra_context)

    def delete_model(self, request: HttpRequest, obj: Campaign) -> None:
        delete_campaign(actor=get_actor(request), tenant=get_store(request), campaign_id=obj.pk)

    def wanted(self, request: HttpRequest, object_id: str, verb: str = "view") -> Campaign | None:
        """The campaign of this address, for somebody who may do this with it."""
        if not self.may(request, verb):  # the right first: a refusal tells no ids
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What Django answers to an id that is not there."""
        told: Any = self._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]
        return told(request, self.opts, object_id)  # type: ignore[no-any-return]

    @admin.display(description="State")
    def state_label(self, campaign: Campaign) -> SafeString | str:
        """How far it has come, in colour."""
        return label(campaign.get_state_display(), STATE_KINDS[campaign.state])


def bound(model_admin: CampaignAdmin, view: View) -> View:
    """The view as a method of the class: the site finds the missing right by it."""

    def method(self: CampaignAdmin, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return view(self, request, **kwargs)

    return method.__get__(model_admin)  # type: ignore[no-any-return]
