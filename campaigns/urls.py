"""Routes of campaigns and of what they go by."""

from typing import Any

from campaigns.api.drafts import CampaignViewSet
from campaigns.api.rules import SenderViewSet, SendingSettingsViewSet, TopicViewSet
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
    endpoint("senders", SenderViewSet.as_view(LIST), "sender-list"),
    endpoint(f"senders/{ROW}", SenderViewSet.as_view(DETAIL), "sender-detail"),
    endpoint("topics", TopicViewSet.as_view(LIST), "topic-list"),
    endpoint(f"topics/{ROW}", TopicViewSet.as_view(DETAIL), "topic-detail"),
    endpoint(
        "sending-settings",
        SendingSettingsViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        "sending-settings",
    ),
]
