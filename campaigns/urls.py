"""Routes of campaigns and of what they go by."""

from typing import Any

from campaigns.api.drafts import CampaignViewSet
from campaigns.api.messages import MessageExportViewSet, MessageViewSet
from campaigns.api.overview import OverviewViewSet
from campaigns.api.plans import PlanViewSet
from campaigns.api.reports import ReportViewSet
from campaigns.api.rules import SenderViewSet, SendingSettingsViewSet, TopicViewSet
from campaigns.api.suppressions import SuppressionViewSet
from campaigns.api.templates import TemplateViewSet, TryingViewSet
from xeno.lib.api.routing import endpoint

ROW = "(?P<pk>[^/]+)"
LIST: dict[str, Any] = {"get": "list", "post": "create"}
DETAIL: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    endpoint("campaigns", CampaignViewSet.as_view(LIST), "campaign-list"),
    endpoint(f"campaigns/{ROW}", CampaignViewSet.as_view(DETAIL), "campaign-detail"),
    *(
        endpoint(
            f"campaigns/{ROW}/{step}",
            CampaignViewSet.as_view({"post": f"{step}_campaign"}),
            f"campaign-{step}",
        )
        for step in ("copy", "approve", "schedule", "send", "pause", "resume", "cancel")
    ),
    endpoint(
        f"campaigns/{ROW}/plan", PlanViewSet.as_view({"get": "show_campaign_plan"}), "campaign-plan"
    ),
    endpoint(
        f"campaigns/{ROW}/check", PlanViewSet.as_view({"get": "check_campaign"}), "campaign-check"
    ),
    endpoint(
        f"campaigns/{ROW}/messages",
        MessageViewSet.as_view({"get": "list_campaign_messages"}),
        "campaign-messages",
    ),
    endpoint(
        f"campaigns/{ROW}/messages/export",
        MessageExportViewSet.as_view({"get": "export_campaign_messages"}),
        "campaign-messages-export",
    ),
    endpoint(
        f"campaigns/{ROW}/messages/(?P<message>[^/]+)/settle",
        MessageViewSet.as_view({"post": "settle_message"}),
        "campaign-message-settle",
    ),
    endpoint(
        f"campaigns/{ROW}/report",
        ReportViewSet.as_view({"get": "show_campaign_report"}),
        "campaign-report",
    ),
    endpoint(
        f"campaigns/{ROW}/preview",
        TryingViewSet.as_view({"get": "preview_campaign"}),
        "campaign-preview",
    ),
    endpoint(
        f"campaigns/{ROW}/test", TryingViewSet.as_view({"post": "test_campaign"}), "campaign-test"
    ),
    endpoint(
        "templates/library",
        # As long as the library is: no pages, and none described.
        TemplateViewSet.as_view({"get": "list_library_templates"}, pagination_class=None),
        "template-library",
    ),
    endpoint("templates", TemplateViewSet.as_view(LIST), "template-list"),
    endpoint(f"templates/{ROW}", TemplateViewSet.as_view(DETAIL), "template-detail"),
    endpoint(
        "suppressions/import",
        SuppressionViewSet.as_view({"post": "import_suppressions"}),
        "suppression-import",
    ),
    endpoint("suppressions", SuppressionViewSet.as_view(LIST), "suppression-list"),
    endpoint(
        f"suppressions/{ROW}",
        SuppressionViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        "suppression-detail",
    ),
    endpoint("senders", SenderViewSet.as_view(LIST), "sender-list"),
    endpoint(f"senders/{ROW}", SenderViewSet.as_view(DETAIL), "sender-detail"),
    endpoint("topics", TopicViewSet.as_view(LIST), "topic-list"),
    endpoint(f"topics/{ROW}", TopicViewSet.as_view(DETAIL), "topic-detail"),
    endpoint(
        "sending-settings",
        SendingSettingsViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        "sending-settings",
    ),
    endpoint("analytics/overview", OverviewViewSet.as_view({"get": "show_overview"}), "overview"),
]
